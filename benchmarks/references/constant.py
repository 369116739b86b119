"""One answer for each RPC, always the same, over bare gRPC.

python -m benchmarks.references.constant PORT RPC=ANSWER...

An answer is the message in JSON, as the gateway writes it.
"""

import sys
from typing import Any

import orjson
import uvloop
from google.protobuf.message_factory import GetMessageClass

from benchmarks.references.serving import Handler, method_of, serve_rpcs
from chassis.contract.validation import Violation
from gateway.protojson.decode import Decoders


def handler(name: str, content: str) -> Handler:
    """What answers the RPC of that full name."""
    method, _ = method_of(name)
    message, problems = GetMessageClass(method.output_type)(), list[Violation]()
    Decoders().of(method.output_type)(message, orjson.loads(content), "", problems)
    if problems:
        raise SystemExit(f"{name} does not answer so: {problems}")

    async def answer(_: Any, __: Any) -> Any:
        return message

    return answer


def main() -> None:
    """The command line above."""
    port, *answers = sys.argv[1:]
    pairs = [answer.split("=", 1) for answer in answers]
    uvloop.run(serve_rpcs(int(port), {name: handler(name, text) for name, text in pairs}))


if __name__ == "__main__":
    main()

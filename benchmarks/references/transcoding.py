"""Bare Starlette in front of gRPC: JSON in, one call, JSON out, and nothing else.

python -m benchmarks.references.transcoding PORT BACKEND_ADDRESS RPC...

An RPC, such as `shop.cart.v1.CartService.AddItem`, is served at the path of its name. The coders
are the gateway's own: the fastest there are here, so that the ratio is not flattered.
"""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import orjson
from google.protobuf.message_factory import GetMessageClass
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.references.serving import method_of, serve
from gateway.protojson.decode import Decoders
from gateway.protojson.encode import Encoders


def route(name: str, address: str) -> Route:
    """The route of an RPC."""
    method, path = method_of(name)
    request_type, answer_type = (
        GetMessageClass(each) for each in (method.input_type, method.output_type)
    )
    decode, encode = Decoders().of(method.input_type), Encoders().of(method.output_type)
    calls: list[Callable[[Any], Awaitable[Any]]] = []

    async def answer(http: Request) -> Response:
        if not calls:  # The channel belongs to the loop that serves.
            channel = grpc.aio.insecure_channel(address)
            calls.append(
                channel.unary_unary(path, request_type.SerializeToString, answer_type.FromString)
            )
        message = request_type()
        if body := await http.body():
            decode(message, orjson.loads(body), "", [])
        content = orjson.dumps(encode(await calls[0](message)))
        return Response(content, media_type="application/json")

    return Route(f"/{name}", answer, methods=["GET", "POST"])


def main() -> None:
    """The command line above."""
    port, address, *names = sys.argv[1:]
    serve(Starlette(routes=[route(name, address) for name in names]), int(port))


if __name__ == "__main__":
    main()

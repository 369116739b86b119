"""The least that answers HTTP: a protocol that sends constant bytes for each chunk it is sent.

python -m benchmarks.references.plain_text PORT
"""

import asyncio
import sys
from typing import cast

import uvloop

from devstack.ports import LOOPBACK

BODY = b"Hello, world!"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\ncontent-type: text/plain\r\n\r\n%s" % (
    len(BODY),
    BODY,
)


class _Constant(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, _: bytes) -> None:
        self._transport.write(ANSWER)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Constant, LOOPBACK, port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))

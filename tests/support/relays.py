"""What stands before a server, and hangs with open connections as a machine does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from chassis.tasks import cancel


class Relay:
    """Passes bytes between connections to `port` and a server, unless it is held up.

    Attributes:
        port: On 127.0.0.1.
        connections: How many were ever made.
    """

    def __init__(self, server_port: int) -> None:
        self.port = 0
        self.connections = 0
        self._server_port = server_port
        self._passes = asyncio.Event()
        self._passes.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    def hold_up(self) -> None:
        """Take connections and what they send, and pass nothing on."""
        self._passes.clear()

    def let_go(self) -> None:
        """Pass on all that came meanwhile, and what comes."""
        self._passes.set()

    async def aclose(self) -> None:
        """Close all connections."""
        await cancel([*self._tasks])
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        self._writers += writer, far_writer
        for ends in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pass_on(*ends))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(64 * 1024):
                await self._passes.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def relay_to(server_port: int) -> AsyncIterator[Relay]:
    """A relay to the server on that port of 127.0.0.1."""
    relay = Relay(server_port)
    server = await asyncio.start_server(relay._take, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.aclose()

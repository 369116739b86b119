"""WebSockets by the thousand, which only look at the clock when a text comes."""

import asyncio
import base64
import os
import time
from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

PATH = "/ws/notifications"
PATIENCE_SECONDS = 30.0
# As many are opened at the same time.
AT_ONCE = 100

_TEXT, _PING, _PONG = 0x1, 0x9, 0xA
_SHORT, _LONG = 126, 127


class Socket(asyncio.Protocol):
    """One WebSocket (RFC 6455): counts texts, answers pings."""

    def __init__(self) -> None:
        self.opened = asyncio.get_running_loop().create_future()
        self.texts = 0
        self.heard_at = 0.0
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def ask(self, host: str) -> None:
        """Begin the handshake."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {PATH} HTTP/1.1", f"host: {host}", "upgrade: websocket"]
        lines += ["connection: Upgrade", f"sec-websocket-key: {key}", "sec-websocket-version: 13"]
        self._write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done():
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head:
                self.opened.set_exception(ConnectionError(head.decode(errors="replace")))
                return
            self._buffer = rest
            self.opened.set_result(None)
        while self._frame():
            pass

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed in the handshake"))

    def close(self) -> None:
        """Leave."""
        if self._transport:
            self._transport.abort()

    def _frame(self) -> bool:
        """Take one whole frame from the buffer, if there is one; the server's are not masked."""
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        kind, length, begin = buffer[0] & 0x0F, buffer[1] & 0x7F, 2
        if length == _SHORT:
            length, begin = int.from_bytes(buffer[2:4], "big"), 4
        elif length == _LONG:
            length, begin = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < begin + length:
            return False
        content, self._buffer = buffer[begin : begin + length], buffer[begin + length :]
        if kind == _TEXT:
            self.texts += 1
            self.heard_at = time.perf_counter()
        elif kind == _PING:
            # Masked by zeros, which leave it as it is.
            self._write(bytes([0x80 | _PONG, 0x80 | len(content), 0, 0, 0, 0]) + content)
        return True

    def _write(self, data: bytes) -> None:
        if self._transport:
            self._transport.write(data)


async def open_sockets(url: str, count: int) -> Sequence[Socket]:
    """Open so many at the server of `url`."""
    parts = urlsplit(url)
    limit = asyncio.Semaphore(AT_ONCE)

    async def one() -> Socket:
        async with limit, asyncio.timeout(PATIENCE_SECONDS):
            loop = asyncio.get_running_loop()
            _, socket = await loop.create_connection(Socket, parts.hostname or "", parts.port or 80)
            socket.ask(parts.netloc)
            await socket.opened
            return socket

    return await asyncio.gather(*(one() for _ in range(count)))


async def all_heard(sockets: Sequence[Socket], texts: int) -> tuple[float, float]:
    """When the first and the last of them had so many texts, by `time.perf_counter`."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while any(socket.texts < texts for socket in sockets):  # noqa: ASYNC110 - cheaper than events
            await asyncio.sleep(0.005)
    times = [socket.heard_at for socket in sockets]
    return min(times), max(times)

"""WebSockets of the server: what arrives, what waits, and what a silent one holds."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from chassis.http.websocket import MAX_PINGS, LeanWebSocket

pytestmark = pytest.mark.anyio

HANDSHAKE = b"".join(
    [
        b"GET /live?a=b HTTP/1.1\r\nHost: shop.test\r\n",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n",
        b"Cookie: session=" + b"x" * 700 + b"\r\nUser-Agent: a browser with a long name\r\n\r\n",
    ]
)
SOCKETS = 100
# By uvicorn alone it is 19,000.
MOST_BYTES = 12_000


class Wire(asyncio.Transport):
    """A connection to a client, without the client."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_reading_paused = False
        self.is_aborted = False
        self.unread = 0
        self._is_closing = False

    def write(self, data: Any) -> None:
        self.written += data

    def pause_reading(self) -> None:
        self.is_reading_paused = True

    def resume_reading(self) -> None:
        self.is_reading_paused = False

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True

    def abort(self) -> None:
        self.is_aborted = True

    def get_write_buffer_size(self) -> int:
        return self.unread


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says again what it is told."""
    socket = WebSocket(scope, receive, send)
    del scope, receive, send
    await socket.accept()
    socket.scope = {}
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


CONFIG = uvicorn.Config(
    echo, ws_ping_interval=None, ws_per_message_deflate=False, log_config=None, lifespan="off"
)
CONFIG.load()


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[LeanWebSocket, Wire]]:
    state = ServerState()
    socket, wire = LeanWebSocket(CONFIG, state, {}), Wire()
    socket.connection_made(wire)
    socket.data_received(HANDSHAKE)
    while b"\r\n\r\n" not in wire.written:
        await asyncio.sleep(0)
    assert wire.written.startswith(b"HTTP/1.1 101 ")
    wire.written = b""
    yield socket, wire
    socket.connection_lost(None)
    await asyncio.gather(*state.tasks)


def text(content: str) -> bytes:
    return Frame(Opcode.TEXT, content.encode()).serialize(mask=True)


def ping() -> bytes:
    return Frame(Opcode.PING, b"here").serialize(mask=True)


def said(content: str) -> bytes:
    return Frame(Opcode.TEXT, content.encode()).serialize(mask=False)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_all_that_comes_is_taken_in_order() -> None:
    async with opened() as (socket, wire):
        socket.data_received(text("one") + text("two"))
        await settle()
        socket.data_received(text("three"))
        await settle()
        assert wire.written == said("one") + said("two") + said("three")


async def test_no_more_is_read_while_something_waits() -> None:
    async with opened() as (socket, wire):
        socket.data_received(text("one"))
        assert wire.is_reading_paused
        await settle()
        assert not wire.is_reading_paused


async def test_nothing_is_sent_to_a_client_that_does_not_read() -> None:
    async with opened() as (socket, wire), opened() as (other, other_wire):
        for _ in range(2):
            wire.written = other_wire.written = b""
            socket.pause_writing()
            socket.data_received(text("one"))
            other.data_received(text("two"))
            await settle()
            # The others go on.
            assert (wire.written, other_wire.written) == (b"", said("two"))
            socket.resume_writing()
            await settle()
            assert wire.written == said("one")


async def test_who_pings_is_answered_while_it_reads() -> None:
    async with opened() as (socket, wire):
        socket.data_received(ping())
        assert wire.written == Frame(Opcode.PONG, b"here").serialize(mask=False)
        socket.pause_writing()
        wire.written = b""
        socket.data_received(ping() * 10)
        assert wire.written == b""
        socket.resume_writing()
        socket.data_received(ping())
        assert wire.written == Frame(Opcode.PONG, b"here").serialize(mask=False)
        assert not wire.is_aborted


async def test_who_does_nothing_but_ping_is_left() -> None:
    async with opened() as (socket, wire):
        socket.data_received(ping() * MAX_PINGS)
        assert not wire.is_aborted
        socket.data_received(ping())
        assert wire.is_aborted


async def test_empty_pieces_of_a_message_are_not_kept() -> None:
    async with opened() as (socket, wire):
        socket.data_received(Frame(Opcode.TEXT, b"on", fin=False).serialize(mask=True))
        for _ in range(100):
            socket.data_received(Frame(Opcode.CONT, b"", fin=False).serialize(mask=True))
        assert len(socket.frames) == 1
        socket.data_received(Frame(Opcode.CONT, b"e", fin=False).serialize(mask=True))
        socket.data_received(Frame(Opcode.CONT, b"", fin=True).serialize(mask=True))
        await settle()
        assert wire.written == said("one")


@pytest.mark.parametrize("unread", [0, 1])
async def test_a_closed_socket_whose_client_does_not_read_ends(unread: int) -> None:
    async with opened() as (socket, wire):
        socket.close_timeout = 0.0
        wire.unread = unread
        socket.data_received(Frame(Opcode.CLOSE, b"").serialize(mask=True))
        while socket.tasks:
            await asyncio.sleep(0)
        await settle()
        assert wire.is_aborted == bool(unread)


async def test_who_leaves_without_reading_ends_the_socket() -> None:
    async with opened() as (socket, wire):
        socket.pause_writing()
        socket.data_received(text("one"))
        await settle()
    assert wire.written == b""


async def test_a_silent_socket_holds_little() -> None:
    held: list[Any] = []
    async with opened():
        tracemalloc.start()
        try:
            for _ in range(SOCKETS):
                held.append(opened())
                await held[-1].__aenter__()
            gc.collect()
            size, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    for each in held:
        await each.__aexit__(None, None, None)
    assert size / SOCKETS < MOST_BYTES


async def refuse(_: Scope, __: Receive, send: Send) -> None:
    """Takes no one."""
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "websocket.http.response.start", "status": 403, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"not you"})


async def test_a_refused_handshake_is_no_failure_of_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = uvicorn.Config(refuse, log_config=None, lifespan="off")
    config.load()
    state = ServerState()
    socket, wire = LeanWebSocket(config, state, {}), Wire()
    socket.connection_made(wire)
    socket.data_received(HANDSHAKE)
    await settle()
    await asyncio.gather(*state.tasks)
    assert wire.written.startswith(b"HTTP/1.1 403 ")
    assert wire.written.endswith(b"not you")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []

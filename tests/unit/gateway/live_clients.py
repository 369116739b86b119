"""A WebSocket client without a socket: it talks ASGI to the app."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from starlette.types import ASGIApp

PATIENCE_SECONDS = 5.0


class LiveClient:
    """A client of one socket.

    Attributes:
        code: Close code, once the server has closed the socket.
        denial: Status and body of a refused handshake.
        has_left: It has gone, as is noticed once something is sent to it.
        scope: What the server was given of the handshake.
    """

    def __init__(self, *, has_left: bool = False) -> None:
        self.has_left = has_left
        self.scope: dict[str, Any] = {}
        self.code: int | None = None
        self.denial: tuple[int, Any] | None = None
        self.to_server: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.from_server: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()
        self._status = 0

    async def receive(self) -> dict[str, Any]:
        """What the server has sent next, parsed."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            message = await self.from_server.get()
        frame: dict[str, Any] = orjson.loads(message["text"])
        return frame

    async def next_of(self, kind: str) -> dict[str, Any]:
        """The next frame of a type."""
        while (frame := await self.receive())["type"] != kind:
            pass
        return frame

    def send(self, frame: Mapping[str, Any] | str) -> None:
        """Say something."""
        text = frame if isinstance(frame, str) else orjson.dumps(frame).decode()
        self.to_server.put_nowait({"type": "websocket.receive", "text": text})

    async def ask(self, frame: Mapping[str, Any] | str) -> dict[str, Any]:
        """Say something, and get what the server says next."""
        self.send(frame)
        return await self.receive()

    def numbers(self, frames: list[dict[str, Any]]) -> list[tuple[str, int]]:
        """Audience and number of messages."""
        return [(frame["data"]["of"], frame["data"]["number"]) for frame in frames]

    async def on_send(self, message: MutableMapping[str, Any]) -> None:
        """What the server does."""
        kind = message["type"]
        if kind in {"websocket.accept", "websocket.send"} and self.has_left:
            raise OSError("the client has left")
        if kind == "websocket.send":
            await self.reads.wait()
            self.from_server.put_nowait(message)
        elif kind == "websocket.close":
            self.code = message["code"]
        elif kind == "websocket.http.response.start":
            self._status = message["status"]
        elif kind == "websocket.http.response.body":
            self.denial = (self._status, orjson.loads(message["body"]))


@asynccontextmanager
async def connected(
    app: ASGIApp,
    headers: Mapping[str, str] | None = None,
    query: str = "",
    *,
    has_left: bool = False,
) -> AsyncIterator[LiveClient]:
    """A client whose handshake was begun; it goes at the end, unless it was sent away."""
    client = LiveClient(has_left=has_left)
    raw = {"host": "shop.test"} | dict(headers or {})
    client.scope |= {
        "type": "websocket",
        "path": "/ws/notifications",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in raw.items()],
        "client": ("203.0.113.9", 1),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    client.to_server.put_nowait({"type": "websocket.connect"})
    session = app(client.scope, client.to_server.get, client.on_send)
    serving: asyncio.Future[None] = asyncio.ensure_future(session)
    try:
        yield client
    finally:
        client.to_server.put_nowait({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(PATIENCE_SECONDS):
            await serving


async def closed(client: LiveClient) -> int:
    """The code that the server closes the socket with."""
    await until(lambda: client.code is not None)
    assert client.code is not None
    return client.code


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else run until `condition` holds."""
    for _ in range(100_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come to that")


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[None]:
    """The app from its start to its stop."""
    to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan"}, to_app.get, from_app.put))
    to_app.put_nowait({"type": "lifespan.startup"})
    assert (await from_app.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        to_app.put_nowait({"type": "lifespan.shutdown"})
        assert (await from_app.get())["type"] == "lifespan.shutdown.complete"
        await task

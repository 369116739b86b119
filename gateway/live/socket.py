"""One WebSocket: who it is, what it is sent, what it may ask."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import grpc
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from chassis.identity import ANONYMOUS, Identity
from chassis.tasks import cancel
from gateway.live import frames
from gateway.live.audience import Audience
from gateway.live.cursor import encode_cursor
from gateway.live.frames import Close, Entry
from gateway.live.hub import Hub
from gateway.live.seat import Seat
from gateway.live.source import Source

log = structlog.get_logger(__name__)

MAX_WAITING = 256
_FAREWELL_SECONDS = 1.0


class Socket:
    """A connection.

    Attributes:
        identity: Whom it was proven to belong to.
    """

    def __init__(self, websocket: WebSocket, hub: Hub, source: Source) -> None:
        self.identity: Identity = ANONYMOUS
        self._websocket = websocket
        self._hub = hub
        self._source = source
        self._joined: list[Audience] = []
        self._seats: dict[str, Seat] = {}
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)
        self._close: Close | None = None
        self._ended = asyncio.Event()
        self._expiry: asyncio.TimerHandle | None = None

    async def serve(self, read: Callable[[], Awaitable[None]]) -> None:
        """Send what there is to send until the client goes or is sent away.

        Args:
            read: Takes what the client says; ends with WebSocketDisconnect.
        """
        tasks = [asyncio.create_task(self._guard(work)) for work in (read, self._write)]
        try:
            await self._ended.wait()
            if self._close is not None:
                await self._say_farewell(self._close)
        finally:
            await cancel(tasks)
            self._leave()

    async def identify(self, identity: Identity) -> None:
        """Take the seats of whoever this is proven to be, and say so.

        Raises:
            AioRpcError: The log does not answer.
        """
        self.identity = identity
        if self._expiry is not None:
            self._expiry.cancel()
        if identity.kind == "user":
            left = max(0.0, identity.expires_at - time.time())
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(left, self.close, frames.SESSION_ENDED)
        joined = []
        for name in _audiences_of(identity):
            if name not in self._seats:
                joined.append(await self._hub.join(name, self))
                self._joined.append(joined[-1])
        # All seats at once, and "ready" before any message: its id then covers all audiences.
        self._seats |= {audience.name: Seat(audience, audience.latest) for audience in joined}
        user_id = identity.id if identity.kind == "user" else None
        self._enqueue(frames.frame(self._cursor(), frames.ready(user_id)))

    def offer(self, entry: Entry) -> None:
        """Take the next message of an audience; a client that does not read is sent away."""
        seat = self._seats.get(entry.audience)
        if seat is not None and seat.takes(entry):
            self._enqueue(frames.frame(self._cursor(), entry.content))

    async def send(self, frame: str) -> None:
        """Send a frame, after those that wait."""
        await self._waiting.put(frame)

    async def replay(self, positions: dict[str, int]) -> None:
        """Send what was missed since `positions`, audience by audience."""
        for name, position in positions.items():
            seat = self._seats.get(name)
            if seat is None:
                continue

            async def send(entry: Entry, reached: int, name: str = name) -> None:
                cursor = encode_cursor(self._positions() | {name: reached})
                # Leave room for what arrives live, so that a long replay looks like no slowness.
                if self._waiting.qsize() >= MAX_WAITING // 4:
                    await self._waiting.join()
                await self.send(frames.frame(cursor, entry.content))

            try:
                await seat.replay(position, self._source, send)
            except Exception as error:  # noqa: BLE001 - the seat is of no use now, whatever it was
                self._give_up(error)

    def close(self, why: Close) -> None:
        """Send the client away, with what waits for it if it reads that."""
        if self._close is None:
            self._close = why
        self._ended.set()

    def _enqueue(self, frame: str) -> None:
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.close(frames.TOO_SLOW)

    def _cursor(self) -> str:
        return encode_cursor(self._positions())

    def _positions(self) -> dict[str, int]:
        return {name: seat.position for name, seat in self._seats.items()}

    async def _write(self) -> None:
        while True:
            frame = await self._waiting.get()
            await self._websocket.send_text(frame)
            self._waiting.task_done()

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        """End the connection when either half of it ends."""
        try:
            await work()
        except WebSocketDisconnect:
            self._ended.set()
        except Exception as error:  # noqa: BLE001 - the client is told to come again
            self._give_up(error)
        else:
            self._ended.set()

    def _give_up(self, error: Exception) -> None:
        """Send the client away because of a failure; it resumes on another connection."""
        # What fails while the client is being sent away fails because of that.
        if self._close is None and not isinstance(error, grpc.aio.AioRpcError):
            log.error("live socket broken", exc_info=error)
        self.close(frames.TRY_AGAIN_LATER)

    async def _say_farewell(self, why: Close) -> None:
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                if why is not frames.TOO_SLOW:
                    await self._waiting.join()
                await self._websocket.close(why.code, why.reason)

    def _leave(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        for audience in self._joined:
            self._hub.leave(audience, self)
        self._seats.clear()


def _audiences_of(identity: Identity) -> list[str]:
    audiences = ["public"]
    if identity.kind == "user":
        audiences.append(f"user:{identity.id}")
        if identity.role == "admin":
            audiences.append("admins")
    return audiences

"""One WebSocket: who it is, what it is sent, what it may ask."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from contextvars import copy_context
from functools import partial

import grpc
import structlog
from starlette.types import Send
from starlette.websockets import WebSocketDisconnect

from chassis.auth.identity import ANONYMOUS, Identity, act_as
from chassis.tasks import cancel
from gateway.live import frames
from gateway.live.frames import Close, Entry, encode_cursor
from gateway.live.hub import Audience, Hub
from gateway.live.log import MessageLog
from gateway.live.subscription import Subscription, TooOldError

log = structlog.get_logger(__name__)

MAX_WAITING = 256
_FAREWELL_SECONDS = 1.0


class Connection:
    """A connection.

    Args:
        send: Takes what goes to the client, once the handshake is over.
        hub: Hands out the messages.
        message_log: The log that missed messages are read from.
        resumes_at: Audience -> what the client has of it, as the handshake says; None where the
            handshake says nothing, so that the client may still send it.

    Attributes:
        identity: Whom it was proven to belong to.
    """

    def __init__(
        self,
        send: Send,
        hub: Hub,
        message_log: MessageLog,
        resumes_at: Mapping[str, int] | None = None,
    ) -> None:
        self.identity: Identity = ANONYMOUS
        self._send = send
        # Of all its tasks, some of which the hub starts: their log says whose connection it is.
        self._context = copy_context()
        self._hub = hub
        self._message_log = message_log
        self._resumes_at = resumes_at
        self._replaying: asyncio.Task[None] | None = None
        self._joined: list[Audience] = []
        self._subscriptions: dict[str, Subscription] = {}
        # No queue, event or task while nothing is to be sent: thousands of sockets are silent.
        self._waiting: list[str] = []
        self._writing: asyncio.Task[None] | None = None
        self._close: Close | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._expiry: asyncio.TimerHandle | None = None

    async def serve(self, read: Callable[[], Awaitable[None]]) -> None:
        """Send what there is to send until the client goes or is sent away.

        Args:
            read: Takes what the client says; ends with WebSocketDisconnect.
        """
        reading = asyncio.create_task(self._guard(read), context=self._context)
        reading.add_done_callback(lambda _: self._end())
        try:
            await self._ended
            if self._close is not None:
                await self._say_farewell(self._close)
        finally:
            self._end()
            tasks = (reading, self._writing, self._replaying)
            await cancel([task for task in tasks if task is not None])
            self._leave()

    async def identify(self, identity: Identity) -> None:
        """Take the subscriptions of the caller that this is proven to be, and say so.

        Raises:
            AioRpcError: The log does not answer.
        """
        self.identity = identity
        act_as(identity)
        if self._expiry is not None:
            self._expiry.cancel()
        if identity.kind == "user":
            left = max(0.0, identity.expires_at - time.time())
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(left, self.close, frames.SESSION_ENDED)
        joined = []
        for name in _audiences_of(identity):
            if name not in self._subscriptions:
                joined.append(await self._hub.join(name, self))
                self._joined.append(joined[-1])
        # All subscriptions at once, and "ready" before any message.
        self._subscriptions |= {audience.name: Subscription(audience) for audience in joined}
        missed = self._resumes_at or {}
        self._take_up({audience.name: missed.get(audience.name) for audience in joined})
        user_id = identity.id if identity.kind == "user" else None
        # An id now would claim what a client that is yet to resume does not have.
        cursor = None if self._resumes_at is None else self._cursor()
        self._enqueue(frames.frame(cursor, frames.ready(user_id)))
        self._replay()

    def offer(self, entry: Entry) -> None:
        """Take the next message of an audience; a client that does not read is sent away."""
        subscription = self._subscriptions.get(entry.audience)
        # What follows a message that was not sent would claim it.
        if self._close is None and subscription is not None and subscription.takes(entry):
            self._enqueue(frames.frame(self._cursor(), entry.content))

    async def send(self, frame: str) -> None:
        """Send a frame, after those that wait."""
        while len(self._waiting) >= MAX_WAITING and not self._ended.done():
            await self._all_sent()
        self._enqueue(frame)

    def resume(self, positions: Mapping[str, int]) -> bool:
        """Replay what was missed since `positions`; False while the last replay is under way."""
        if any(subscription.is_behind for subscription in self._subscriptions.values()):
            return False
        self._resumes_at = positions
        self._take_up(positions)
        self._replay()
        return True

    def _take_up(self, positions: Mapping[str, int | None]) -> None:
        for name, position in positions.items():
            subscription = self._subscriptions.get(name)
            if subscription is not None and position is not None:
                subscription.resume(position)

    def _replay(self) -> None:
        if self._replaying is None or self._replaying.done():
            self._replaying = asyncio.create_task(self._replay_all(), context=self._context)

    async def _replay_all(self) -> None:
        """Send what was missed, audience by audience; one may be joined meanwhile."""
        while subscription := next(
            (each for each in self._subscriptions.values() if each.is_behind), None
        ):
            try:
                await subscription.replay(
                    self._message_log, partial(self._send_missed, subscription)
                )
            except TooOldError:
                await self._wait_for_room()
                self._enqueue(frames.RESUME_TOO_OLD)
            except Exception as error:  # noqa: BLE001 - the subscription is of no use now, whatever it was
                self._give_up(error)
                return

    async def _send_missed(self, subscription: Subscription, entry: Entry) -> None:
        await self._wait_for_room()
        subscription.replayed(entry)
        self._enqueue(frames.frame(self._cursor(), entry.content))

    async def _wait_for_room(self) -> None:
        """Leave room for what arrives live, so that a long replay looks like no slowness."""
        if len(self._waiting) >= MAX_WAITING // 4:
            await self._all_sent()

    def close(self, why: Close) -> None:
        """Send the client away, with what waits for it if it reads that."""
        if self._close is None:
            self._close = why
        self._end()

    def _end(self) -> None:
        if not self._ended.done():
            self._ended.set_result(None)

    def _enqueue(self, frame: str) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self.close(frames.TOO_SLOW)
            return
        self._waiting.append(frame)
        if self._writing is None and not self._ended.done():
            self._writing = asyncio.create_task(self._guard(self._write), context=self._context)

    def _cursor(self) -> str:
        return encode_cursor(
            {name: subscription.position for name, subscription in self._subscriptions.items()}
        )

    async def _write(self) -> None:
        while self._waiting:
            await self._send({"type": "websocket.send", "text": self._waiting.pop(0)})
        self._writing = None

    async def _all_sent(self) -> None:
        """Wait until nothing waits, or nothing can be sent any more."""
        if self._writing is not None:
            await asyncio.wait([self._writing])

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        """End the connection where either half of it fails."""
        try:
            await work()
        except (WebSocketDisconnect, OSError):
            self._end()
        except Exception as error:  # noqa: BLE001 - the client is asked to come again
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        """Send the client away because of a failure; it resumes on another connection."""
        # What fails while the client is being sent away fails because of that.
        if self._close is None and not isinstance(error, grpc.aio.AioRpcError):
            log.error("live connection broken", exc_info=error)
        self.close(frames.TRY_AGAIN_LATER)

    async def _say_farewell(self, why: Close) -> None:
        with suppress(TimeoutError, OSError, RuntimeError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                if why is not frames.TOO_SLOW:
                    await self._all_sent()
                await self._send(
                    {"type": "websocket.close", "code": why.code, "reason": why.reason}
                )

    def _leave(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        for audience in self._joined:
            self._hub.leave(audience, self)
        self._subscriptions.clear()


def _audiences_of(identity: Identity) -> list[str]:
    audiences = ["public"]
    if identity.kind == "user":
        audiences.append(f"user:{identity.id}")
        if identity.role == "admin":
            audiences.append("admins")
    return audiences

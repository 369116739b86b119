"""Hands the stream of messages to the audiences that have listeners.

An audience knows who listens, and how far its log was handed to them.
"""

import asyncio
from typing import Protocol

import grpc
import structlog

from chassis.tasks import cancel
from chassis.telemetry import traces
from gateway.live.frames import Entry
from gateway.live.log import MessageLog


class Listener(Protocol):
    """A receiver of the messages of an audience."""

    def offer(self, entry: Entry) -> None:
        """Take the next message; never waits."""


class Audience:
    """An audience's listeners, all of whom are at the same position.

    Attributes:
        name: `public`, `admins`, or `user:` and an id.
        latest: Sequence number of the message handed out last.
        interest: How many listen or are about to; at 0 it can be forgotten.
    """

    def __init__(self, name: str, message_log: MessageLog) -> None:
        self.name = name
        self.latest = 0
        self.interest = 0
        self._message_log = message_log
        self._listeners: set[Listener] = set()
        self._is_placed = False
        self._heard = 0
        self._is_stale = False
        self._settling = asyncio.Lock()

    @property
    def is_behind(self) -> bool:
        """Whether there may be messages that were not handed out."""
        return self._is_placed and (self._is_stale or self._heard > self.latest)

    async def join(self, listener: Listener) -> int:
        """Listen from now on; the sequence number after which that is.

        Raises:
            AioRpcError: The log does not answer.
        """
        async with self._settling:
            if not self._is_placed:
                self.latest = await self._message_log.latest(self.name)
                self._is_placed = True
            self._listeners.add(listener)
            return self.latest

    def leave(self, listener: Listener) -> None:
        """Listen no longer."""
        self._listeners.discard(listener)

    def mark_stale(self) -> None:
        """Messages may have been missed: the stream was down."""
        self._is_stale = True

    def publish(self, entry: Entry) -> None:
        """Hand out a message of the stream, where it is the next one."""
        self._heard = max(self._heard, entry.sequence)
        is_next = entry.sequence == self.latest + 1
        if is_next and self._is_placed and not self._settling.locked():
            self._hand_out(entry)

    async def settle(self) -> None:
        """List and hand out what was missed.

        Raises:
            AioRpcError: The log does not answer.
        """
        async with self._settling:
            while self.is_behind:
                heard = self._heard
                entries = await self._message_log.after(self.name, self.latest)
                for entry in entries:
                    if entry.sequence > self.latest:
                        self._hand_out(entry)
                if not entries:
                    self._is_stale = False
                    # What was heard of before may not be in the log yet: a later call asks again.
                    if self._heard == heard:
                        return

    def _hand_out(self, entry: Entry) -> None:
        self.latest = entry.sequence
        if not entry.trace or not self._listeners:
            self._offer(entry)
            return
        # One for all sockets: of a product's change there may be thousands.
        about: traces.Attributes = {
            "messaging.system": "websocket",
            "messaging.operation.type": "send",
            "messaging.batch.message_count": len(self._listeners),
        }
        audience = self.name.partition(":")[0]
        with traces.span(f"send to {audience}", "producer", about, parent=entry.trace):
            self._offer(entry)

    def _offer(self, entry: Entry) -> None:
        for listener in tuple(self._listeners):
            listener.offer(entry)


log = structlog.get_logger(__name__)

_LISTS_AT_ONCE = 16


class Hub:
    """All audiences."""

    def __init__(self, message_log: MessageLog) -> None:
        self._message_log = message_log
        self._audiences: dict[str, Audience] = {}
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._lists = asyncio.Semaphore(_LISTS_AT_ONCE)

    async def join(self, name: str, listener: Listener) -> Audience:
        """Listen to an audience from its `latest` on.

        Raises:
            AioRpcError: The log does not answer.
        """
        audience = self._audiences.setdefault(name, Audience(name, self._message_log))
        audience.interest += 1
        try:
            await audience.join(listener)
        except BaseException:
            self._lose_interest(audience)
            raise
        self._settle_if_behind(audience)
        return audience

    def leave(self, audience: Audience, listener: Listener) -> None:
        """Listen no longer."""
        audience.leave(listener)
        self._lose_interest(audience)

    def publish(self, entry: Entry) -> None:
        """Hand a message of the stream to its listeners."""
        audience = self._audiences.get(entry.audience)
        if audience is not None:
            audience.publish(entry)
            self._settle_if_behind(audience)

    def stream_is_back(self) -> None:
        """List what every audience missed while the stream was down."""
        for audience in self._audiences.values():
            audience.mark_stale()
            self._settle_if_behind(audience)

    def settle_stragglers(self) -> None:
        """Try again where listing failed."""
        for audience in self._audiences.values():
            self._settle_if_behind(audience)

    async def close(self) -> None:
        """End what is under way."""
        await cancel(list(self._settling.values()))

    def _settle_if_behind(self, audience: Audience) -> None:
        if audience.is_behind and audience.name not in self._settling:
            task = asyncio.create_task(self._settle(audience))
            self._settling[audience.name] = task
            task.add_done_callback(lambda _: self._settling.pop(audience.name, None))

    async def _settle(self, audience: Audience) -> None:
        try:
            async with self._lists:
                await audience.settle()
        except grpc.aio.AioRpcError as error:
            # The next sign of life of the stream tries again.
            log.warning("missed messages cannot be listed", code=error.code().name)
        except Exception:
            log.exception("missed messages cannot be listed", audience=audience.name)

    def _lose_interest(self, audience: Audience) -> None:
        audience.interest -= 1
        if not audience.interest:
            self._audiences.pop(audience.name, None)

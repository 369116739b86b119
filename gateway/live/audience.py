"""One audience: who listens, and how far its log was handed to them."""

import asyncio
from typing import Protocol

from gateway.live.frames import Entry
from gateway.live.log import MessageLog


class Listener(Protocol):
    """Somebody who gets the messages of an audience."""

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
        for listener in tuple(self._listeners):
            listener.offer(entry)

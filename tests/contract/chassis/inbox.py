"""A handler that writes down what it gets, and fails where it is told to."""

import asyncio
from collections.abc import Callable
from typing import Any

from chassis.events import Event

PATIENCE_SECONDS = 30.0


class Inbox:
    """What arrived, in order, failed attempts included.

    Attributes:
        fails: Whether to fail, by the event's text and how often it has arrived.
        hold: While it is not set, attempts do not end.
    """

    def __init__(self, fails: Callable[[str, int], bool] = lambda _text, _times: False) -> None:
        self.fails = fails
        self.hold = asyncio.Event()
        self.hold.set()
        self.attempts: list[str] = []
        self.handled: list[str] = []
        self.events: list[Event] = []
        self._changed = asyncio.Condition()

    async def __call__(self, message: Any, event: Event) -> None:
        await self._note(self.attempts, message.text)
        await self.hold.wait()
        if self.fails(message.text, self.attempts.count(message.text)):
            raise ValueError(f"{message.text} fails")
        self.events.append(event)
        await self._note(self.handled, message.text)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what arrived makes `condition` true."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(condition)

    async def _note(self, where: list[str], text: str) -> None:
        async with self._changed:
            where.append(text)
            self._changed.notify_all()

"""Wakes the followers of the logs in this process by what was written here."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from weakref import WeakSet

from chassis.tasks import is_set_within
from svc_notify.model.message import Message

# A follower that takes up no news for so many reads them in the logs.
_MOST_NEWS = 1_000


class Waiter:
    """Waits for news, and for the time to look into the logs.

    Attributes:
        is_stopped: No more will come, and nothing is waited for.
    """

    def __init__(self) -> None:
        self.is_stopped = False
        self._woken = asyncio.Event()
        self._news: list[Message] = []
        self._is_raised = False
        self._look_at = 0.0

    def pass_on(self, messages: Sequence[Message]) -> None:
        """These were written, each behind the one before it in its log; ends the present wait."""
        if len(self._news) < _MOST_NEWS:
            self._news += messages
        self._woken.set()

    def wake(self) -> None:
        """What was passed on is visible in the logs; ends the present wait."""
        self._is_raised = True
        self._woken.set()

    def news(self) -> Sequence[Message]:
        """What was passed on up to now and not taken up yet."""
        news, self._news = self._news, []
        return news

    def is_due(self, *, is_behind: bool) -> bool:
        """Whether to look into the logs.

        Args:
            is_behind: Something that was passed on has to be read there; it is due once it can be.
        """
        is_raised, self._is_raised = self._is_raised, False
        is_time = asyncio.get_running_loop().time() >= self._look_at
        return is_time or (is_behind and is_raised)

    def rest(self, at_most: timedelta) -> None:
        """The logs were looked into, and are again after that time."""
        self._look_at = asyncio.get_running_loop().time() + at_most.total_seconds()

    async def wait(self) -> None:
        """Return once there may be something to do."""
        if not self.is_stopped:
            left = self._look_at - asyncio.get_running_loop().time()
            await is_set_within(self._woken, left)
        self._woken.clear()


class Wakeup:
    """Passes on to every waiter what was written."""

    def __init__(self) -> None:
        self._waiters: WeakSet[Waiter] = WeakSet()
        self._is_stopped = False

    def pass_on(self, messages: Sequence[Message]) -> None:
        """These messages were written, in their order."""
        for waiter in self._waiters:
            waiter.pass_on(messages)

    def wake(self) -> None:
        """The audiences of what was passed on are raised."""
        for waiter in self._waiters:
            waiter.wake()

    def waiter(self) -> Waiter:
        """One that gets what is passed on from now, as long as it is kept."""
        waiter = Waiter()
        waiter.is_stopped = self._is_stopped
        self._waiters.add(waiter)
        return waiter

    def stop(self) -> None:
        """End all followers of the logs."""
        self._is_stopped = True
        for waiter in self._waiters:
            waiter.is_stopped = True
            waiter.wake()

"""Wakes whoever follows the logs in this process once a message was written here."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from weakref import WeakSet


class Waiter:
    """Waits for a wakeup.

    Attributes:
        is_stopped: No more will come, and nothing is waited for.
    """

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self.is_stopped = False

    def wake(self) -> None:
        """End the present wait, or the next one."""
        self._woken.set()

    async def wait(self, at_most: timedelta) -> None:
        """Return once it was woken since the last time, or `at_most` has passed."""
        if not self.is_stopped:
            with suppress(TimeoutError):
                async with asyncio.timeout(at_most.total_seconds()):
                    await self._woken.wait()
        self._woken.clear()


class Wakeup:
    """Wakes every waiter."""

    def __init__(self) -> None:
        self._waiters: WeakSet[Waiter] = WeakSet()
        self._is_stopped = False

    def wake(self) -> None:
        """There are new messages."""
        for waiter in self._waiters:
            waiter.wake()

    def waiter(self) -> Waiter:
        """One that is woken from now on, as long as it is kept."""
        waiter = Waiter()
        waiter.is_stopped = self._is_stopped
        self._waiters.add(waiter)
        return waiter

    def stop(self) -> None:
        """End whatever follows the logs."""
        self._is_stopped = True
        for waiter in self._waiters:
            waiter.is_stopped = True
            waiter.wake()

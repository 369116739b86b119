"""The bell of one process: whoever writes a message rings, whoever follows the logs hears it."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from weakref import WeakSet


class Ear:
    """What one listener hears."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.is_over = False

    def hear(self) -> None:
        """The bell rings."""
        self._rung.set()

    async def wait(self, at_most: timedelta) -> None:
        """Return when the bell has rung since the last time, or `at_most` has passed."""
        if not self.is_over:
            with suppress(TimeoutError):
                async with asyncio.timeout(at_most.total_seconds()):
                    await self._rung.wait()
        self._rung.clear()


class Bell:
    """Rings for every ear."""

    def __init__(self) -> None:
        self._ears: WeakSet[Ear] = WeakSet()
        self._is_over = False

    def ring(self) -> None:
        """There is news."""
        for ear in self._ears:
            ear.hear()

    def listen(self) -> Ear:
        """Hear it from now on, as long as the ear is kept."""
        ear = Ear()
        ear.is_over = self._is_over
        self._ears.add(ear)
        return ear

    def stop(self) -> None:
        """End whatever is being followed."""
        self._is_over = True
        for ear in self._ears:
            ear.is_over = True
            ear.hear()

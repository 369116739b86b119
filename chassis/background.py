"""Work beside the calls: repeated, and given up when the process stops."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import structlog

from chassis.tasks import cancel

log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0


async def unless(stopping: asyncio.Event, work: Awaitable[None]) -> bool:
    """Do `work`; False where `stopping` was set before it was done."""
    task = asyncio.ensure_future(work)
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not task.done():
        await cancel([task])
        return False
    await task
    return True


async def repeat(pause: timedelta, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do `work` again and again, with `pause` between; a failure is logged, and it goes on."""
    while True:
        await asyncio.sleep(pause.total_seconds())
        try:
            await work()
        except Exception:
            log.exception("sweep failed", sweep=name)


def pauses() -> Iterator[float]:
    """Seconds to wait before each new attempt: twice as many each time, up to 5.

    They vary by half, so that not all replicas ask at the same moment.
    """
    pause = _FIRST_PAUSE_SECONDS
    while True:
        yield pause * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

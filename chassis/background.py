"""Work beside the calls: repeated, and given up when the process stops."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from chassis.tasks import cancel

log = structlog.get_logger(__name__)


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

"""Ending background tasks."""

import asyncio
from collections.abc import Collection
from typing import Any

_AGAIN_SECONDS = 0.05


async def cancel(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel `tasks` until every one has ended; what they raise or return is dropped.

    Once is not enough: `asyncio.wait_for` of Python 3.11 loses a cancellation that arrives
    together with its result (bpo-37658, mended in 3.12), and MongoDB's driver waits in it at each
    request. A task that loops over such calls outlives about every third cancellation.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)

"""How long does the shop take from the command to ready, at first and again?

The first start is on an empty folder and loads the demo's data; the second finds it.
"""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.harness import Bench, Comparison, Sample, Side, at_most
from chassis.ids import new_id

MOST_ROUNDS = 2


async def compare(bench: Bench) -> Sequence[Comparison]:
    """Both starts of a shop."""
    started: list[Path] = []

    async def start(folder: Path) -> Sample:
        async with AsyncExitStack() as stack:
            began = time.perf_counter()
            await bench.start_shop(folder, stack)
            return Sample({"s": time.perf_counter() - began})

    async def first(_: float) -> Sample:
        started.append(bench.folder / new_id())
        return await start(started[-1])

    async def again(seconds: float) -> Sample:
        if not started:
            await first(seconds)
        return await start(started[-1])

    return [
        Comparison(Side("first start", first, warms_up=False), limits={"s": at_most(18)}),
        Comparison(Side("warm start", again, warms_up=False), limits={"s": at_most(8)}),
    ]

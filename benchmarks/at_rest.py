"""What does a shop cost that no one asks anything?

Resident memory of each of its processes, and the processor time of all of them together.
"""

import asyncio
from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison, Sample, Side, at_most, settled
from benchmarks.harness.usage import cpu_seconds, memory

SERVERS = {"kafka", "mongo", "redis", "s3", "stripe"}
MEGABYTES = {"gateway": 100, "supervisor": 60}
OF_A_SERVICE = 85


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The usual shop, once it has done what its start left to do."""
    shop = await bench.shop()
    await settled(shop)

    async def held(_: float) -> Sample:
        figures = {f"{name} MB": each.rss for name, each in memory(shop.pids).items()}
        return Sample(figures)

    async def used(seconds: float) -> Sample:
        before = cpu_seconds(shop.pids)
        await asyncio.sleep(2 * seconds)
        cpu = {
            name: (after - before[name]) / (2 * seconds) * 100
            for name, after in cpu_seconds(shop.pids).items()
        }
        own = sum(percent for name, percent in cpu.items() if name not in SERVERS)
        return Sample({"% of a core": sum(cpu.values()), "% without the servers": own})

    limits = {
        f"{name} MB": at_most(MEGABYTES.get(name, OF_A_SERVICE))
        for name in shop.pids
        if name not in SERVERS
    }
    return [
        Comparison(Side("resident memory", held, warms_up=False), limits=limits),
        Comparison(Side("processor", used, warms_up=False), limits={"% of a core": at_most(4)}),
    ]

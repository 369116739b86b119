"""Does svc_notify's log keep its speed when many write to one audience, in one process or in two?

Each writer appends a message once its last one is acknowledged, as a partition's events do.
"""

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from chassis.clock import utcnow
from chassis.currencies import Money
from chassis.ids import new_id
from chassis.mongo.client import Document, client_options, ensure_indexes
from devstack.servers import running
from svc_notify.model.message import Draft
from svc_notify.model.notices import OrderNotice
from svc_notify.store import INDEXES, MongoMessageLog

ROUNDS, SECONDS = 5, 2.0
# Time for every process to connect and to find its place in the log.
WARM_UP_SECONDS = 1.5
AUDIENCE = "admins"
# Processes, and the writers in each; the first is what the others are compared with.
CASES = ((1, 1), (1, 10), (1, 30), (2, 1), (2, 15))


class _Commands(CommandListener):
    def __init__(self) -> None:
        self.count = 0

    def started(self, event: CommandStartedEvent) -> None:
        self.count += 1

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


async def _written(url: str, writers: int, begin: float) -> tuple[int, int]:
    """Messages, and commands for them, in the `SECONDS` after `begin`, a time of the wall clock."""
    sent, messages, before = _Commands(), 0, 0
    async with AsyncMongoClient[Document](
        url, event_listeners=[sent], **client_options(url)
    ) as client:
        log = MongoMessageLog(client.get_default_database(), utcnow)
        notice = OrderNotice("o1", "completed", Money(1999, "USD"), title="An order is complete")

        async def write() -> None:
            nonlocal messages, before
            while (now := time.time()) < begin + SECONDS:
                await log.append(Draft(AUDIENCE, new_id(), "order.completed", utcnow(), notice))
                if now < begin:
                    before = sent.count
                else:
                    messages += 1

        await asyncio.gather(*(write() for _ in range(writers)))
    return messages, sent.count - before


def _write(url: str, writers: int, begin: float) -> tuple[int, int]:
    return asyncio.run(_written(url, writers, begin))


async def _measured(
    pool: ProcessPoolExecutor, url: str, processes: int, writers: int
) -> tuple[float, float]:
    """Messages per second, and commands per message."""
    begin, loop = time.time() + WARM_UP_SECONDS, asyncio.get_running_loop()
    done = await asyncio.gather(
        *(loop.run_in_executor(pool, _write, url, writers, begin) for _ in range(processes))
    )
    messages, commands = sum(each[0] for each in done), sum(each[1] for each in done)
    return messages / SECONDS, commands / messages


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


async def _compare(folder: Path) -> None:
    spawning = multiprocessing.get_context("spawn")
    async with running(folder, {"mongo"}) as servers:
        url = servers.mongo["notify"]
        async with AsyncMongoClient[Document](url, **client_options(url)) as client:
            await ensure_indexes(client.get_default_database(), INDEXES)
        rates: dict[tuple[int, int], list[tuple[float, float]]] = {case: [] for case in CASES}
        with ProcessPoolExecutor(2, mp_context=spawning) as pool:
            for _ in range(ROUNDS):
                for case, measured in rates.items():
                    measured.append(await _measured(pool, url, *case))
    print("processes x writers: messages/s, commands a message, ratio to one writer (its spread)")
    for (processes, writers), measured in rates.items():
        ratios = [rate / one for (rate, _), (one, _) in zip(measured, rates[CASES[0]], strict=True)]
        rate, commands = (statistics.median(each) for each in zip(*measured, strict=True))
        print(f"{processes} x {writers}: {rate:.0f}, {commands:.2f}, {_spread(ratios)}")


def main() -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_compare(Path(folder)))


if __name__ == "__main__":
    main()

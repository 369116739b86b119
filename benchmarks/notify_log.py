"""Does svc_notify's log keep its speed when many write to one audience, in one process or in two?

Each writer appends a message once its last one is acknowledged, as a partition's events do.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from benchmarks.harness import Bench, Comparison, Sample, Side, at_least
from chassis.clock import utcnow
from chassis.currencies import Money
from chassis.ids import new_id
from chassis.mongo.client import Document, client_options, ensure_indexes
from devstack.servers import running
from svc_notify.model.message import Draft
from svc_notify.model.notices import OrderNotice
from svc_notify.store import INDEXES, MongoMessageLog

# Time for every process to connect and to find its place in the log.
WARM_UP_SECONDS = 1.0
AUDIENCE = "admins"
# Processes, and the writers in each; all are compared with one writer.
CASES = ((1, 10), (1, 30), (2, 15))


class _Commands(CommandListener):
    def __init__(self) -> None:
        self.count = 0

    def started(self, event: CommandStartedEvent) -> None:
        self.count += 1

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


async def _written(url: str, writers: int, begin: float, seconds: float) -> tuple[int, int]:
    """Messages, and commands for them, in the `seconds` after `begin`, a time of the wall clock."""
    sent, messages, before = _Commands(), 0, 0
    async with AsyncMongoClient[Document](
        url, event_listeners=[sent], **client_options(url)
    ) as client:
        log = MongoMessageLog(client.get_default_database(), utcnow)
        notice = OrderNotice("o1", "completed", Money(1999, "USD"), title="An order is complete")

        async def write() -> None:
            nonlocal messages, before
            while (now := time.time()) < begin + seconds:
                await log.append(Draft(AUDIENCE, new_id(), "order.completed", utcnow(), notice))
                if now < begin:
                    before = sent.count
                else:
                    messages += 1

        await asyncio.gather(*(write() for _ in range(writers)))
    return messages, sent.count - before


def _write(url: str, writers: int, begin: float, seconds: float) -> tuple[int, int]:
    return asyncio.run(_written(url, writers, begin, seconds))


async def compare(bench: Bench) -> Sequence[Comparison]:
    """Each number of processes and writers beside one of each."""
    servers = await bench.stack.enter_async_context(running(bench.folder / "notify", {"mongo"}))
    url = servers.mongo["notify"]
    async with AsyncMongoClient[Document](url, **client_options(url)) as client:
        await ensure_indexes(client.get_default_database(), INDEXES)
    spawning = multiprocessing.get_context("spawn")
    pool = bench.stack.enter_context(ProcessPoolExecutor(2, mp_context=spawning))

    def side(processes: int, writers: int) -> Side:
        async def measure(seconds: float) -> Sample:
            begin, loop = time.time() + WARM_UP_SECONDS, asyncio.get_running_loop()
            done = await asyncio.gather(
                *(
                    loop.run_in_executor(pool, _write, url, writers, begin, seconds)
                    for _ in range(processes)
                )
            )
            messages, commands = sum(each[0] for each in done), sum(each[1] for each in done)
            figures = {"messages/s": messages / seconds, "commands/message": commands / messages}
            return Sample(figures, messages)

        return Side(f"{processes} × {writers} writers", measure, warms_up=False)

    one = side(1, 1)
    return [Comparison(side(*case), one, {"messages/s": at_least(0.8)}) for case in CASES]

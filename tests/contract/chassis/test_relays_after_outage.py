"""Two replicas under load, and an outage of Kafka: both recover, and no event overtakes another."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count

import pytest

from chassis.kafka.client import Outcome, Record
from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from chassis.outbox.relay import SWEEP_EVERY, Relay
from chassis.outbox.sweep import LEFT_BEHIND
from chassis.tasks import cancel
from tests.contract.chassis.relaying import Orders, Topic, detail, encode

pytestmark = pytest.mark.anyio

PAUSE_SECONDS = 1 / 45
# So many writes of each replica that the first of them are old enough for the sweep.
DURING_OUTAGE = int(5 / PAUSE_SECONDS)
SHARED = [f"shared {number}" for number in range(5)]
PATIENCE_SECONDS = 60.0
# The first never sweeps, so what it publishes comes from its memory; the second sweeps for both.
SWEEPS_EVERY = {"a": timedelta(hours=1), "b": SWEEP_EVERY}


class SharedTopic(Topic):
    """What one replica publishes, among what all do."""

    def __init__(self, arrived: list[str]) -> None:
        super().__init__()
        self._arrived = arrived

    async def publish(self, records: Sequence[Record]) -> list[Outcome]:
        outcomes = await super().publish(records)
        if not self.away:
            self._arrived += map(detail, records)
        return outcomes


class Replica:
    """A replica that changes documents all the time: some of its own, some of all replicas'."""

    def __init__(self, name: str, orders: Orders, world: "World") -> None:
        self.name = name
        self.outbox = Outbox(orders.documents, encode)
        self.topic = SharedTopic(world.arrived)
        self.relay = Relay(self.outbox, self.topic, sweep_every=SWEEPS_EVERY[name])
        self.written = 0
        self._world = world

    async def write_forever(self) -> None:
        for number in count():
            await self._write([*SHARED, f"{self.name} {number % 7}"][number % 6])
            await asyncio.sleep(PAUSE_SECONDS)

    async def _write(self, order: str) -> None:
        # Under the lock, so that the numbers have the order of the writes.
        async with self._world.locks[order]:
            number = self._world.numbers[order] = self._world.numbers[order] + 1
            entries: list[Document] = self.outbox.entries(order, [f"{order}/{number}/{self.name}"])
            assert await self.outbox.update_one({"_id": order}, {}, entries)
        self.written += 1

    async def until_written(self, more: int) -> None:
        wanted = self.written + more
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.written < wanted:
                await asyncio.sleep(PAUSE_SECONDS)

    async def until_published(self, more: int) -> None:
        """Wait until it has itself published so many events that it writes from now on."""
        before = dict(self._world.numbers)

        def is_new(arrived: str) -> bool:
            order, number, name = arrived.split("/")
            return name == self.name and int(number) > before.get(order, 0)

        await self.topic.until(lambda: sum(map(is_new, self.topic.details)) >= more)


class World:
    """Two replicas, and one Kafka, in which events stand in the order of their arrival."""

    def __init__(self, orders: Orders) -> None:
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.numbers: defaultdict[str, int] = defaultdict(int)
        self.arrived: list[str] = []
        self.replicas = [Replica(name, orders, self) for name in SWEEPS_EVERY]

    def set_away(self, is_away: bool) -> None:
        for replica in self.replicas:
            replica.topic.away = is_away

    def first_arrivals(self) -> dict[str, list[int]]:
        """The numbers of each order's events, as they arrived for the first time."""
        arrivals: defaultdict[str, dict[int, None]] = defaultdict(dict)
        for arrived in self.arrived:
            order, number, _ = arrived.split("/")
            arrivals[order][int(number)] = None
        return {order: list(numbers) for order, numbers in arrivals.items()}


@pytest.fixture
async def world(orders: Orders) -> World:
    names = [*SHARED, *(f"{name} {number}" for name in SWEEPS_EVERY for number in range(7))]
    await orders.documents.insert_many([{"_id": name} for name in names])
    return World(orders)


async def test_both_publish_from_memory_again_and_in_order(world: World, orders: Orders) -> None:
    assert 2 * LEFT_BEHIND.total_seconds() < DURING_OUTAGE * PAUSE_SECONDS
    async with AsyncExitStack() as stack:
        for replica in world.replicas:
            replica.relay.start()
            stack.push_async_callback(replica.relay.stop)
        writing = [asyncio.create_task(each.write_forever()) for each in world.replicas]
        await asyncio.gather(*(each.until_written(20) for each in world.replicas))
        world.set_away(True)
        await asyncio.gather(*(each.until_written(DURING_OUTAGE) for each in world.replicas))
        world.set_away(False)
        await asyncio.gather(*(each.until_published(100) for each in world.replicas))
        await cancel(writing)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await orders.waiting():
                await asyncio.sleep(PAUSE_SECONDS)
    expected = {order: list(range(1, last + 1)) for order, last in world.numbers.items()}
    assert world.first_arrivals() == expected

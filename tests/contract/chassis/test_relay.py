"""The outbox and its relay on MongoDB; Kafka is a fake that can be away."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.message import Message
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from shop.orders.v1 import events_pb2

from chassis import relay as relay_module
from chassis.clock import utcnow
from chassis.kafka import Outcome, Record
from chassis.mongo import Document, ensure_indexes
from chassis.outbox import Outbox
from chassis.relay import Backlog, Relay

pytestmark = pytest.mark.anyio

SOON = timedelta(milliseconds=5)
NEVER = timedelta(hours=1)
PATIENCE_SECONDS = 20.0


class Topic:
    """A `Publisher` that keeps what it gets, unless it is away or refuses it."""

    source = "svc_orders"

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.away = False
        self.refused = ""
        self.open = asyncio.Event()
        self.open.set()
        self.changed = asyncio.Condition()

    async def publish(self, records: Sequence[Record]) -> list[Outcome]:
        await self.open.wait()
        outcomes = [self._take(record) for record in records]
        async with self.changed:
            self.changed.notify_all()
        return outcomes

    def _take(self, record: Record) -> Outcome:
        if self.away:
            return Outcome.UNAVAILABLE
        if detail(record) == self.refused:
            return Outcome.REFUSED
        self.records.append(record)
        return Outcome.KEPT

    @property
    def details(self) -> list[str]:
        return [detail(record) for record in self.records]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a publish has made `condition` true."""
        async with asyncio.timeout(PATIENCE_SECONDS), self.changed:
            await self.changed.wait_for(condition)


def detail(record: Record) -> str:
    return events_pb2.OrderCancelled.FromString(record.value).detail


def encode(event: str) -> Message:
    return events_pb2.OrderCancelled(detail=event)


def encode_late(document: Mapping[str, Any], _: str) -> Message:
    return events_pb2.OrderCancelled(detail=document["state"])


class World:
    """Orders with an outbox."""

    def __init__(self, orders: AsyncCollection[Document]) -> None:
        self.orders = orders
        self.topic = Topic()
        self.outbox = Outbox(orders, encode, late=encode_late)

    @asynccontextmanager
    async def relay(
        self, *, sweep_every: timedelta = NEVER, outbox: Outbox | None = None
    ) -> AsyncIterator[Relay]:
        """A running relay, for which all entries are old enough to be swept."""

        relay = Relay(
            outbox or self.outbox,
            self.topic,
            sweep_every=sweep_every,
            clock=lambda: utcnow() + timedelta(seconds=30),
        )
        relay.start()
        yield relay
        await relay.stop()

    async def write(self, order: str, *events: str) -> list[Document]:
        """What a store does, but for the nudge."""
        entries = self.outbox.entries(order, events)
        await self.orders.update_one(
            {"_id": order}, {"$push": {"outbox": {"$each": entries}}}, upsert=True
        )
        return entries

    async def waiting(self) -> int:
        found = self.orders.find({"outbox.at": {"$lte": utcnow()}})
        return sum([len(document["outbox"]) async for document in found])

    async def until_empty(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.waiting():
                await asyncio.sleep(0)


@pytest.fixture
async def world(database: AsyncDatabase[Document]) -> World:
    world = World(database["orders"])
    await ensure_indexes(database, [world.outbox.index])
    return world


async def test_what_is_nudged_is_published_and_taken_out(world: World) -> None:
    async with world.relay() as relay:
        entries = await world.write("o1", "first", "second")
        world.outbox.nudge("o1", entries)
        assert await relay.drain(PATIENCE_SECONDS)
        assert world.topic.details == ["first", "second"]
        assert await world.waiting() == 0
        headers = dict(world.topic.records[0].headers)
        assert headers["ce_id"].decode() == entries[0]["id"]
        assert headers["ce_source"] == b"svc_orders"
        assert {record.key for record in world.topic.records} == {"o1"}


async def test_taking_out_leaves_what_was_pushed_meanwhile(world: World) -> None:
    async with world.relay() as relay:
        world.topic.open.clear()
        world.outbox.nudge("o1", await world.write("o1", "first"))
        later = await world.write("o1", "second")
        world.topic.open.set()
        assert await relay.drain(PATIENCE_SECONDS)
        document = await world.orders.find_one({"_id": "o1"})
        assert document is not None
        assert document["outbox"] == later


async def test_what_a_crash_left_is_swept_oldest_first(world: World) -> None:
    for number in range(5):
        await world.write(f"o{number}", f"{number}a", f"{number}b")
    async with world.relay(sweep_every=SOON):
        await world.until_empty()
    assert world.topic.details == [f"{number}{part}" for number in range(5) for part in "ab"]


async def test_a_sweep_of_more_than_a_batch_takes_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.sweep.BATCH", 3)
    for number in range(10):
        await world.write(f"o{number}", f"{number}")
    async with world.relay(sweep_every=SOON):
        await world.until_empty()
    assert sorted(world.topic.details) == sorted(f"{number}" for number in range(10))


async def test_young_entries_are_left_to_the_nudge(world: World) -> None:
    relay = Relay(world.outbox, world.topic, sweep_every=SOON)
    await world.orders.insert_one({"_id": "old", "outbox": world.outbox.entries("old", ["old"])})
    await world.orders.update_one(
        {"_id": "old"}, {"$set": {"outbox.0.at": utcnow() - timedelta(seconds=3)}}
    )
    await world.orders.insert_one(
        {
            "_id": "young",
            "outbox": [
                entry | {"at": utcnow() + timedelta(minutes=1)}
                for entry in world.outbox.entries("young", ["young"])
            ],
        }
    )
    relay.start()
    await world.until_empty()
    await relay.stop()
    assert world.topic.details == ["old"]


async def test_kafka_being_away_loses_nothing(world: World) -> None:
    async with world.relay(sweep_every=SOON):
        world.topic.away = True
        world.outbox.nudge("o1", await world.write("o1", "first"))
        world.outbox.nudge("o2", await world.write("o2", "second"))
        assert await world.waiting() == 2
        world.topic.away = False
        await world.until_empty()
        assert sorted(world.topic.details) == ["first", "second"]


async def test_no_younger_event_overtakes_one_that_kafka_did_not_take(world: World) -> None:
    async with world.relay() as relay:
        world.topic.away = True
        world.outbox.nudge("o1", await world.write("o1", "first"))
        assert await relay.drain(PATIENCE_SECONDS)
        world.topic.away = False
        world.outbox.nudge("o1", await world.write("o1", "second"))
        assert await relay.drain(PATIENCE_SECONDS)
        assert world.topic.details == []
    async with world.relay(sweep_every=SOON):
        await world.until_empty()
    assert world.topic.details == ["first", "second"]


async def test_once_caught_up_nudges_count_again(world: World) -> None:
    async with world.relay(sweep_every=SOON) as relay:
        world.topic.away = True
        world.outbox.nudge("o1", await world.write("o1", "first"))
        assert await relay.drain(PATIENCE_SECONDS)
        world.topic.away = False
        await world.until_empty()
        # Only memory can publish what no outbox holds.
        ghost = world.outbox.entries("o2", ["from memory"])
        published = world.topic.until(lambda: "from memory" in world.topic.details)
        nudging = asyncio.create_task(nudge_forever(world, ghost))
        await published
        nudging.cancel()


async def nudge_forever(world: World, entries: list[Document]) -> None:
    while True:
        world.outbox.nudge("o2", entries)
        await asyncio.sleep(0)


async def test_memory_is_bounded_and_the_sweep_finds_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "MAX_IN_MEMORY", 3)
    async with world.relay() as relay:
        world.topic.open.clear()
        for number in range(10):
            world.outbox.nudge(f"o{number}", await world.write(f"o{number}", f"{number}"))
        world.topic.open.set()
        assert await relay.drain(PATIENCE_SECONDS)
        assert world.topic.details == ["0", "1", "2"]
    async with world.relay(sweep_every=SOON):
        await world.until_empty()
    assert sorted(world.topic.details) == [f"{number}" for number in range(10)]


async def test_an_event_that_kafka_refuses_holds_no_other_back(world: World) -> None:
    world.topic.refused = "too large"
    async with world.relay(sweep_every=SOON):
        await world.write("o1", "too large", "after it")
        await world.write("o2", "another")
        await world.topic.until(lambda: {"after it", "another"} <= set(world.topic.details))
    document = await world.orders.find_one({"_id": "o1"})
    assert document is not None
    assert [
        events_pb2.OrderCancelled.FromString(each["data"]).detail for each in document["outbox"]
    ] == ["too large"]


async def test_late_entries_tell_of_the_document_as_it_is_when_published(world: World) -> None:
    late = world.outbox.late_entry("o1", "order.cancelled")
    await world.orders.insert_one({"_id": "o1", "state": "when written", "outbox": [late]})
    await world.orders.update_one({"_id": "o1"}, {"$set": {"state": "when swept"}})
    async with world.relay(sweep_every=SOON):
        await world.until_empty()
    assert world.topic.details == ["when swept"]


async def test_a_document_that_can_not_be_encoded_holds_no_other_back(world: World) -> None:
    late = world.outbox.late_entry("o1", "order.cancelled")
    await world.orders.insert_one({"_id": "o1", "without": "state", "outbox": [late]})
    await world.write("o2", "another")
    async with world.relay(sweep_every=SOON):
        await world.topic.until(lambda: world.topic.details == ["another"])
    assert await world.waiting() >= 1


async def test_two_relays_publish_everything_at_least_once(world: World) -> None:
    other = Outbox(world.orders, encode)
    names = [f"{number}" for number in range(100)]
    async with world.relay(sweep_every=SOON), world.relay(sweep_every=SOON, outbox=other):
        for number, name in enumerate(names):
            entries = await world.write(f"o{number % 7}", name)
            [world.outbox, other][number % 2].nudge(f"o{number % 7}", entries)
        await world.until_empty()
        assert set(world.topic.details) == set(names)


async def test_of_two_relays_one_sweeps(world: World) -> None:
    other = Outbox(world.orders, encode)
    async with world.relay(sweep_every=SOON):
        await world.write("o1", "first")
        await world.topic.until(lambda: bool(world.topic.records))
        await world.until_empty()
        async with world.relay(sweep_every=SOON, outbox=other):
            [lease] = [each async for each in world.orders.database["leases"].find()]
            for number in range(20):
                await world.write(f"o{number}", f"{number}")
                await world.until_empty()
            assert [each["owner"] async for each in world.orders.database["leases"].find()] == [
                lease["owner"]
            ]
    assert await world.orders.database["leases"].count_documents({}) == 0


async def test_draining_gives_up_in_time(world: World) -> None:
    async with world.relay() as relay:
        world.topic.open.clear()
        world.outbox.nudge("o1", await world.write("o1", "first"))
        assert not await relay.drain(0.01)
    assert await world.waiting() == 1


async def test_the_backlog_is_what_waits(world: World) -> None:
    async with world.relay() as relay:
        assert await relay.backlog() == Backlog(0, None)
        [oldest] = await world.write("o1", "first")
        await world.write("o1", "second")
        await world.write("o2", "third")
        assert await relay.backlog() == Backlog(2, oldest["at"])


async def test_a_stopped_relay_takes_nothing_into_memory(world: World) -> None:
    async with world.relay() as relay:
        pass
    world.outbox.nudge("o1", await world.write("o1", "first"))
    assert await relay.drain(PATIENCE_SECONDS)
    assert world.topic.records == []

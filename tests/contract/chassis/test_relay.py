"""What is nudged: published from memory, taken out, and left to the sweep when it must be."""

import asyncio
from collections.abc import Sequence

import pytest

from chassis.mongo.client import Document
from chassis.outbox.outbox import OutboxEntry
from chassis.outbox.publisher import OutboxPublisher
from chassis.outbox.relay import Backlog
from tests.contract.chassis.relaying import NEVER, PATIENCE_SECONDS, SOON, Orders

pytestmark = pytest.mark.anyio


async def test_what_is_nudged_is_published_and_taken_out(orders: Orders) -> None:
    async with orders.relay() as relay:
        entries = await orders.write("o1", "first", "second")
        orders.outbox.nudge("o1", entries)
        assert await relay.drain(PATIENCE_SECONDS)
        assert orders.topic.details == ["first", "second"]
        assert await orders.waiting() == 0
        headers = dict(orders.topic.records[0].headers)
        assert headers["ce_id"].decode() == entries[0]["id"]
        assert headers["ce_source"] == b"svc_orders"
        assert {record.key for record in orders.topic.records} == {"o1"}


@pytest.mark.parametrize("batch", [2, 3])
async def test_what_follows_a_batch_gathers_unless_that_was_full(
    orders: Orders, batch: int
) -> None:
    outbox = orders.gathering
    async with orders.relay(gather=NEVER, outbox=outbox, batch=batch) as relay:
        outbox.nudge("o1", await orders.write("o1", "first", "second"))
        await orders.topic.until(lambda: orders.topic.details == ["first", "second"])
        await orders.until_empty()
        outbox.nudge("o2", await orders.write("o2", "third"))
        if batch == 2:
            await orders.topic.until(lambda: orders.topic.details[2:] == ["third"])
        else:
            assert not await relay.drain(0.05)
            assert await orders.waiting() == 1


async def test_what_gathers_is_published_in_the_end(orders: Orders) -> None:
    outbox = orders.gathering
    async with orders.relay(gather=SOON, outbox=outbox) as relay:
        for number in range(5):
            await orders.change(f"o{number}", f"event {number}", outbox=outbox)
        assert await relay.drain(PATIENCE_SECONDS)
        assert orders.topic.details == [f"event {number}" for number in range(5)]
        assert await orders.waiting() == 0


async def test_taking_out_leaves_what_was_pushed_meanwhile(orders: Orders) -> None:
    async with orders.relay() as relay:
        orders.topic.open.clear()
        orders.outbox.nudge("o1", await orders.write("o1", "first"))
        later = await orders.write("o1", "second")
        orders.topic.open.set()
        assert await relay.drain(PATIENCE_SECONDS)
        document = await orders.documents.find_one({"_id": "o1"})
        assert document is not None
        assert document["outbox"] == later


async def test_kafka_being_away_loses_nothing(orders: Orders) -> None:
    async with orders.relay(sweep_every=SOON):
        orders.topic.away = True
        orders.outbox.nudge("o1", await orders.write("o1", "first"))
        orders.outbox.nudge("o2", await orders.write("o2", "second"))
        assert await orders.waiting() == 2
        orders.topic.away = False
        await orders.until_empty()
        assert sorted(orders.topic.details) == ["first", "second"]


async def test_a_fault_of_the_publisher_loses_nothing(orders: Orders) -> None:
    async with orders.relay(sweep_every=SOON) as relay:
        orders.topic.fault = RuntimeError("no such thing should happen")
        orders.outbox.nudge("o1", await orders.write("o1", "first"))
        assert await relay.drain(PATIENCE_SECONDS)
        orders.topic.fault = None
        await orders.until_empty()
        assert orders.topic.details == ["first"]
        # From memory again, too.
        orders.outbox.nudge("o1", await orders.write("o1", "second"))
        await orders.until_empty()
        assert orders.topic.details == ["first", "second"]


async def test_what_a_fault_left_in_the_outbox_is_taken_out_by_the_sweep(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_out, faults = OutboxPublisher.take_out, [RuntimeError("no such thing should happen")]

    async def take_out_later(publisher: OutboxPublisher, kept: Sequence[OutboxEntry]) -> None:
        if faults:
            raise faults.pop()
        await take_out(publisher, kept)

    monkeypatch.setattr(OutboxPublisher, "take_out", take_out_later)
    async with orders.relay(sweep_every=SOON):
        orders.outbox.nudge("o1", await orders.write("o1", "first"))
        await orders.until_empty()
        assert set(orders.topic.details) == {"first"}
        assert not faults


async def test_no_younger_event_overtakes_one_that_kafka_did_not_take(orders: Orders) -> None:
    async with orders.relay() as relay:
        orders.topic.away = True
        await orders.change("o1", "first")
        assert await relay.drain(PATIENCE_SECONDS)
        orders.topic.away = False
        await orders.change("o1", "second")
        await orders.until_empty()
    assert orders.topic.details == ["first", "second"]


async def test_what_another_replica_left_behind_leaves_first(orders: Orders) -> None:
    async with orders.relay() as relay:
        await orders.write("o1", "first", "second")
        await orders.change("o1", "third")
        assert await relay.drain(PATIENCE_SECONDS)
    assert orders.topic.details == ["first", "second", "third"]
    assert await orders.waiting() == 0


async def test_what_is_on_its_way_is_not_published_twice(orders: Orders) -> None:
    async with orders.relay() as relay:
        orders.topic.open.clear()
        for number in range(5):
            await orders.change("o1", f"{number}a", f"{number}b")
        orders.topic.open.set()
        assert await relay.drain(PATIENCE_SECONDS)
    assert orders.topic.details == [f"{number}{part}" for number in range(5) for part in "ab"]


async def test_what_another_replica_took_out_meanwhile_is_left_out(orders: Orders) -> None:
    async with orders.relay() as relay:
        orders.topic.open.clear()
        await orders.change("o2", "in the way")
        await orders.write("o1", "first")
        await orders.change("o1", "second")
        await orders.documents.update_one({"_id": "o1"}, {"$set": {"outbox": []}})
        orders.topic.open.set()
        assert await relay.drain(PATIENCE_SECONDS)
    assert orders.topic.details == ["in the way"]


async def test_a_nudge_that_comes_late_overtakes_nothing(orders: Orders) -> None:
    async with orders.relay() as relay:
        first = await orders.write("o1", "first")
        # Two calls' replies may be taken up in either order.
        await orders.change("o1", "second")
        orders.outbox.nudge("o1", first)
        assert await relay.drain(PATIENCE_SECONDS)
    assert list(dict.fromkeys(orders.topic.details)) == ["first", "second"]


async def test_once_caught_up_nudges_count_again(orders: Orders) -> None:
    async with orders.relay(sweep_every=SOON) as relay:
        orders.topic.away = True
        orders.outbox.nudge("o1", await orders.write("o1", "first"))
        assert await relay.drain(PATIENCE_SECONDS)
        orders.topic.away = False
        await orders.until_empty()
        # Only memory can publish what no outbox holds.
        ghost = orders.outbox.entries("o2", ["from memory"])
        published = orders.topic.until(lambda: "from memory" in orders.topic.details)
        nudging = asyncio.create_task(nudge_forever(orders, ghost))
        await published
        nudging.cancel()


async def nudge_forever(orders: Orders, entries: list[Document]) -> None:
    while True:
        orders.outbox.nudge("o2", entries)
        await asyncio.sleep(0)


async def test_memory_is_bounded_and_the_sweep_finds_the_rest(orders: Orders) -> None:
    async with orders.relay(max_in_memory=3) as relay:
        orders.topic.open.clear()
        for number in range(10):
            orders.outbox.nudge(f"o{number}", await orders.write(f"o{number}", f"{number}"))
        orders.topic.open.set()
        assert await relay.drain(PATIENCE_SECONDS)
        assert orders.topic.details == ["0", "1", "2"]
    async with orders.relay(sweep_every=SOON):
        await orders.until_empty()
    assert sorted(orders.topic.details) == [f"{number}" for number in range(10)]


async def test_draining_gives_up_in_time(orders: Orders) -> None:
    async with orders.relay() as relay:
        orders.topic.open.clear()
        orders.outbox.nudge("o1", await orders.write("o1", "first"))
        assert not await relay.drain(0.01)
    assert await orders.waiting() == 1


async def test_the_backlog_is_what_waits(orders: Orders) -> None:
    async with orders.relay() as relay:
        assert await relay.backlog() == Backlog(0, 0, None)
        [oldest] = await orders.write("o1", "first")
        await orders.write("o1", "second")
        await orders.write("o2", "third")
        assert await relay.backlog() == Backlog(2, 3, oldest["at"])


async def test_a_stopped_relay_takes_nothing_into_memory(orders: Orders) -> None:
    async with orders.relay() as relay:
        pass
    orders.outbox.nudge("o1", await orders.write("o1", "first"))
    assert await relay.drain(PATIENCE_SECONDS)
    assert orders.topic.records == []

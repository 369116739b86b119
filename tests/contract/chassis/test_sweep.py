"""The sweep: what memory lost is found in the outboxes."""

from datetime import timedelta

import pytest

from chassis.clock import utcnow
from chassis.outbox.outbox import Outbox
from chassis.outbox.relay import Relay
from tests.contract.chassis.relaying import SOON, Orders, encode

pytestmark = pytest.mark.anyio


async def test_what_a_crash_left_is_swept_oldest_first(orders: Orders) -> None:
    for number in range(5):
        await orders.write(f"o{number}", f"{number}a", f"{number}b")
    async with orders.relay(sweep_every=SOON):
        await orders.until_empty()
    assert orders.topic.details == [f"{number}{part}" for number in range(5) for part in "ab"]


async def test_a_sweep_of_more_than_a_batch_takes_all(orders: Orders) -> None:
    for number in range(10):
        await orders.write(f"o{number}", f"{number}")
    async with orders.relay(sweep_every=SOON, batch=3):
        await orders.until_empty()
    assert sorted(orders.topic.details) == sorted(f"{number}" for number in range(10))


async def test_young_entries_are_left_to_the_nudge(orders: Orders) -> None:
    relay = Relay(orders.outbox, orders.topic, sweep_every=SOON)
    await orders.documents.insert_one(
        {"_id": "old", "outbox": orders.outbox.entries("old", ["old"])}
    )
    await orders.documents.update_one(
        {"_id": "old"}, {"$set": {"outbox.0.at": utcnow() - timedelta(seconds=3)}}
    )
    await orders.documents.insert_one(
        {
            "_id": "young",
            "outbox": [
                entry | {"at": utcnow() + timedelta(minutes=1)}
                for entry in orders.outbox.entries("young", ["young"])
            ],
        }
    )
    relay.start()
    await orders.until_empty()
    await relay.stop()
    assert orders.topic.details == ["old"]


async def test_an_event_that_kafka_refuses_holds_no_other_back(orders: Orders) -> None:
    orders.topic.refused = "too large"
    async with orders.relay(sweep_every=SOON):
        await orders.write("o1", "too large", "after it")
        await orders.write("o2", "another")
        await orders.topic.until(lambda: {"after it", "another"} <= set(orders.topic.details))
        await orders.until_empty()


async def test_late_entries_tell_of_the_document_as_it_is_when_published(orders: Orders) -> None:
    late = orders.outbox.deferred_entry("o1", "order.cancelled")
    await orders.documents.insert_one({"_id": "o1", "state": "when written", "outbox": [late]})
    await orders.documents.update_one({"_id": "o1"}, {"$set": {"state": "when swept"}})
    async with orders.relay(sweep_every=SOON):
        await orders.until_empty()
    assert orders.topic.details == ["when swept"]


async def test_a_document_that_can_not_be_encoded_holds_no_other_back(orders: Orders) -> None:
    late = orders.outbox.deferred_entry("o1", "order.cancelled")
    await orders.documents.insert_one({"_id": "o1", "without": "state", "outbox": [late]})
    await orders.write("o2", "another")
    async with orders.relay(sweep_every=SOON):
        await orders.topic.until(lambda: orders.topic.details == ["another"])
    assert await orders.waiting() >= 1


async def test_two_relays_publish_everything_at_least_once(orders: Orders) -> None:
    other = Outbox(orders.documents, encode)
    names = [f"{number}" for number in range(100)]
    async with orders.relay(sweep_every=SOON), orders.relay(sweep_every=SOON, outbox=other):
        for number, name in enumerate(names):
            entries = await orders.write(f"o{number % 7}", name)
            [orders.outbox, other][number % 2].nudge(f"o{number % 7}", entries)
        await orders.until_empty()
        assert set(orders.topic.details) == set(names)


async def test_of_two_relays_one_sweeps(orders: Orders) -> None:
    other = Outbox(orders.documents, encode)
    async with orders.relay(sweep_every=SOON):
        await orders.write("o1", "first")
        await orders.topic.until(lambda: bool(orders.topic.records))
        await orders.until_empty()
        async with orders.relay(sweep_every=SOON, outbox=other):
            [lease] = [each async for each in orders.documents.database["leases"].find()]
            for number in range(20):
                await orders.write(f"o{number}", f"{number}")
                await orders.until_empty()
            assert [each["owner"] async for each in orders.documents.database["leases"].find()] == [
                lease["owner"]
            ]
    assert await orders.documents.database["leases"].count_documents({}) == 0

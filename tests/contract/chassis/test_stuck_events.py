"""Events that wait in their outboxes: listed, published and dropped by an operator."""

from datetime import datetime, timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from shop.ops.v1 import outbox_pb2

from chassis.clock import utcnow
from chassis.errors import NotFound
from chassis.mongo.client import Document, ensure_indexes
from chassis.outbox.rejected_events import RejectedEvents
from chassis.outbox.rejected_events_rpc import STUCK_AFTER, OutboxRpc, PublishFailed
from chassis.outbox.relay import Relay, Trouble
from chassis.outbox.sweep import SweepOutcome
from tests.contract.chassis.relaying import Orders

pytestmark = pytest.mark.anyio


@pytest.fixture
async def rpc(database: AsyncDatabase[Document], orders: Orders) -> OutboxRpc:
    """Of a service whose relay does not run, and which is asked when all that waits is stuck."""
    await ensure_indexes(database, [orders.outbox.index])
    relay = Relay(orders.outbox, orders.topic)

    def later() -> datetime:
        return utcnow() + STUCK_AFTER + timedelta(seconds=1)

    return OutboxRpc(RejectedEvents(database), orders.topic, [relay], clock=later)


async def listed(rpc: OutboxRpc) -> list[outbox_pb2.StuckEvent]:
    answer = await rpc.ListStuckEvents(outbox_pb2.ListStuckEventsRequest(), None)
    return list(answer.stuck_events)


async def publish(rpc: OutboxRpc, event: outbox_pb2.StuckEvent) -> None:
    request = outbox_pb2.PublishStuckEventRequest(stuck_event_id=event.id)
    await rpc.PublishStuckEvent(request, None)


async def test_what_waits_is_listed_longest_first(orders: Orders, rpc: OutboxRpc) -> None:
    entries = [*await orders.write("o1", "first"), *await orders.write("o2", "second")]
    found = await listed(rpc)
    assert [each.event_id for each in found] == [entry["id"] for entry in entries]
    assert [(each.service, each.key) for each in found] == [("orders", "o1"), ("orders", "o2")]
    assert {each.topic for each in found} == {"order.cancelled"}
    assert {each.collection for each in found} == {orders.documents.name}


async def test_what_has_not_waited_for_long_is_not_stuck(
    database: AsyncDatabase[Document], orders: Orders
) -> None:
    relay = Relay(orders.outbox, orders.topic)
    await orders.write("o1", "first")
    assert await listed(OutboxRpc(RejectedEvents(database), orders.topic, [relay])) == []


async def test_one_is_published_after_those_before_it(orders: Orders, rpc: OutboxRpc) -> None:
    await orders.write("o1", "first", "second", "third")
    events = await listed(rpc)
    await publish(rpc, events[1])
    assert orders.topic.details == ["first", "second"]
    assert [each.event_id for each in await listed(rpc)] == [events[2].event_id]
    with pytest.raises(NotFound):
        await publish(rpc, events[1])


async def test_one_that_kafka_does_not_take_stays(orders: Orders, rpc: OutboxRpc) -> None:
    await orders.write("o1", "first")
    [event] = await listed(rpc)
    orders.topic.away = True
    with pytest.raises(PublishFailed):
        await publish(rpc, event)
    assert await listed(rpc) == [event]


async def test_one_is_dropped_and_those_after_it_stay(orders: Orders, rpc: OutboxRpc) -> None:
    await orders.write("o1", "first", "second")
    first, second = await listed(rpc)
    request = outbox_pb2.DropStuckEventRequest(stuck_event_id=first.id)
    await rpc.DropStuckEvent(request, None)
    assert await listed(rpc) == [second]
    with pytest.raises(NotFound):
        await rpc.DropStuckEvent(request, None)
    assert orders.topic.details == []


def test_sweeps_in_vain_are_counted() -> None:
    vain = Trouble().after(SweepOutcome.UNREACHABLE).after(None).after(SweepOutcome.STUCK)
    assert vain == Trouble(3, SweepOutcome.STUCK.value)
    assert vain.after(SweepOutcome.CLEAN) == Trouble()
    assert vain.after(SweepOutcome.LEASED_BY_OTHER) == Trouble()

"""Events that Kafka rejects: out of the outbox, in a list, published or dropped from there."""

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import AutoReconnect
from shop.ops.v1 import outbox_pb2

from chassis.errors import NotFound
from chassis.mongo.client import Document, ensure_indexes
from chassis.outbox.rejected_events import INDEXES, RejectedEvents
from chassis.outbox.rejected_events_rpc import OutboxRpc, PublishFailed
from tests.contract.chassis.relaying import PATIENCE_SECONDS, SOON, Orders

pytestmark = pytest.mark.anyio


@pytest.fixture
async def events(database: AsyncDatabase[Document]) -> RejectedEvents:
    await ensure_indexes(database, INDEXES)
    return RejectedEvents(database)


@pytest.fixture
def rpc(events: RejectedEvents, orders: Orders) -> OutboxRpc:
    return OutboxRpc(events, orders.topic)


async def listed(rpc: OutboxRpc, token: str = "") -> outbox_pb2.ListRejectedEventsResponse:
    request = outbox_pb2.ListRejectedEventsRequest(page_size=2, page_token=token)
    return await rpc.ListRejectedEvents(request, None)


async def rejected(orders: Orders, *names: str) -> None:
    """Have an event of each of these orders rejected."""
    orders.topic.refused = "too large"
    async with orders.relay() as relay:
        for name in names:
            await orders.change(name, "too large", "after it")
        assert await relay.drain(PATIENCE_SECONDS)


async def test_what_kafka_rejects_leaves_the_outbox_and_is_listed(
    orders: Orders, rpc: OutboxRpc
) -> None:
    await rejected(orders, "o1", "o2", "o3")
    assert await orders.waiting() == 0
    assert orders.topic.details == ["after it"] * 3
    first = await listed(rpc)
    rest = await listed(rpc, first.next_page_token)
    found = [*first.rejected_events, *rest.rejected_events]
    assert [(each.key, each.topic) for each in found] == [
        (name, "order.cancelled") for name in ("o1", "o2", "o3")
    ]
    assert (first.total_size, rest.next_page_token) == (3, "")
    assert found[0].size_bytes > len("too large")
    assert found[0].rejected_at.ToMicroseconds() > 0


async def test_the_sweep_sets_them_aside_too(orders: Orders, rpc: OutboxRpc) -> None:
    orders.topic.refused = "too large"
    await orders.write("o1", "too large")
    async with orders.relay(sweep_every=SOON):
        await orders.until_empty()
    assert [each.key for each in (await listed(rpc)).rejected_events] == ["o1"]


async def test_one_that_kafka_takes_now_is_published_and_gone(
    orders: Orders, rpc: OutboxRpc
) -> None:
    await rejected(orders, "o1")
    [event] = (await listed(rpc)).rejected_events
    request = outbox_pb2.PublishRejectedEventRequest(event_id=event.id)
    with pytest.raises(PublishFailed):
        await rpc.PublishRejectedEvent(request, None)
    assert (await listed(rpc)).total_size == 1
    orders.topic.refused = ""
    await rpc.PublishRejectedEvent(request, None)
    assert orders.topic.details == ["after it", "too large"]
    assert dict(orders.topic.records[-1].headers)["ce_id"].decode() == event.id
    assert (await listed(rpc)).total_size == 0
    with pytest.raises(NotFound):
        await rpc.PublishRejectedEvent(request, None)


async def test_one_that_is_dropped_is_gone(orders: Orders, rpc: OutboxRpc) -> None:
    await rejected(orders, "o1")
    [event] = (await listed(rpc)).rejected_events
    request = outbox_pb2.DropRejectedEventRequest(event_id=event.id)
    await rpc.DropRejectedEvent(request, None)
    assert (await listed(rpc)).total_size == 0
    with pytest.raises(NotFound):
        await rpc.DropRejectedEvent(request, None)


async def test_one_that_cannot_be_set_aside_stays_in_the_outbox(
    orders: Orders, rpc: OutboxRpc, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise AutoReconnect("away")

    monkeypatch.setattr(RejectedEvents, "keep", fail)
    await rejected(orders, "o1")
    assert await orders.waiting() == 1
    assert (await listed(rpc)).total_size == 0


async def test_one_that_is_rejected_again_is_kept_once(orders: Orders, rpc: OutboxRpc) -> None:
    entries = await orders.write("o1", "too large")
    waiting = orders.outbox.waiting("o1", entries, None)
    await rpc._events.keep(waiting)
    await rpc._events.keep(waiting)
    assert (await listed(rpc)).total_size == 1

"""Orders and their events as messages."""

from datetime import timedelta

import pytest
from shop.orders.v1 import events_pb2, orders_pb2

from svc_orders.messages import STATUSES, event_message, order_message
from svc_orders.model.lines import Item, Line
from svc_orders.model.order import (
    Order,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderStatus,
    start,
)
from tests.unit.svc_orders.world import ANN, LIFETIME, NOON, usd

LAMP = Item("lamp", "Lamp", usd(1000), 2)


@pytest.fixture
def order() -> Order:
    lines = (Line("lamp", 2),)
    created = start("o1", ANN, "k", lines, (LAMP,), now=NOON, lease=timedelta(seconds=10))
    placed = created.place({"lamp": LAMP}, NOON + LIFETIME, NOON)
    assert placed is not None
    return placed.order


def test_every_status_has_its_number() -> None:
    assert set(STATUSES) == set(OrderStatus)
    assert {orders_pb2.OrderStatus.Name(number) for number in STATUSES.values()} == {
        f"ORDER_STATUS_{status.name}" for status in OrderStatus
    }


def test_the_timeline_is_sent_on_demand(order: Order) -> None:
    assert not order_message(order).timeline
    (entry,) = order_message(order, with_timeline=True).timeline
    assert (entry.type, entry.at.ToSeconds()) == ("order.created", int(NOON.timestamp()))


def test_events_carry_the_order(order: Order) -> None:
    message = order_message(order)
    assert event_message(OrderCreated(order)) == events_pb2.OrderCreated(order=message)
    assert event_message(OrderCompleted(order, "pay1")) == events_pb2.OrderCompleted(
        order=message, payment_id="pay1"
    )
    cancelled = OrderCancelled(order, was_completed=True, detail="Why.")
    assert event_message(cancelled) == events_pb2.OrderCancelled(
        order=message, was_completed=True, detail="Why."
    )

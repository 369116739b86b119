"""What events do to payments, each delivered twice."""

from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from shop.catalog.v1 import catalog_pb2
from shop.catalog.v1 import events_pb2 as catalog
from shop.money.v1 import money_pb2
from shop.orders.v1 import events_pb2 as orders
from shop.orders.v1 import orders_pb2

from chassis.events import Event
from svc_payments.consumers import subscriptions
from svc_payments.model.payment import PaymentStatus
from tests.unit.svc_payments.world import LIFETIME, NOON, World, order

pytestmark = pytest.mark.anyio


def message(version: int = 2, **changes: Any) -> orders_pb2.Order:
    expires_at = Timestamp()
    expires_at.FromDatetime(NOON + LIFETIME)
    pending: dict[str, Any] = {
        "id": "o1",
        "number": "4821-5539-0714",
        "user_id": "ann",
        "status": orders_pb2.ORDER_STATUS_PENDING,
        "items": [
            orders_pb2.OrderItem(
                product_id="lamp",
                title="Lamp",
                price=money_pb2.Money(amount_minor=1000, currency="USD"),
                quantity=2,
            )
        ],
        "total": money_pb2.Money(amount_minor=2000, currency="USD"),
        "version": version,
        "expires_at": expires_at,
    }
    return orders_pb2.Order(**(pending | changes))


def cancelled() -> orders_pb2.Order:
    return message(3, status=orders_pb2.ORDER_STATUS_CANCELLED, expires_at=None)


async def happen(world: World, topic: str, event: Any) -> None:
    process = world.process
    table = {
        each.topic: each for each in subscriptions(process.follow_orders, process.follow_products)
    }
    about = Event(id="e", topic=topic, key="k", time=NOON, source="test")
    await table[topic].handle(event, about)
    before = (dict(world.payments.payments), dict(world.orders.orders), dict(world.titles.titles))
    await table[topic].handle(event, about)
    assert (world.payments.payments, world.orders.orders, world.titles.titles) == before


def test_the_table_has_the_rows_of_the_design() -> None:
    process = World().process
    table = subscriptions(process.follow_orders, process.follow_products)
    assert {each.topic for each in table} == {
        "order.created",
        "order.cancelled",
        "product.created",
        "product.updated",
        "product.deleted",
    }


async def test_orders_are_copied() -> None:
    world = World()
    world.orders.orders.clear()
    await happen(world, "order.created", orders.OrderCreated(order=message()))
    assert world.orders.orders == {"o1": order()}


async def test_a_cancelled_order_can_not_be_paid_whatever_came_first() -> None:
    for topics in (["order.created", "order.cancelled"], ["order.cancelled", "order.created"]):
        world = World()
        world.orders.orders.clear()
        for topic in topics:
            event = (
                orders.OrderCreated(order=message())
                if topic == "order.created"
                else orders.OrderCancelled(order=cancelled())
            )
            await happen(world, topic, event)
        assert not world.orders.orders["o1"].is_pending


async def test_a_cancelled_order_is_refunded_and_the_consumer_does_not_wait_for_stripe() -> None:
    world = World()
    await world.pay()
    event = orders.OrderCancelled(order=cancelled(), was_completed=True)
    asked = world.stripe.calls
    await happen(world, "order.cancelled", event)
    assert world.stripe.calls == asked
    await world.sweep()
    assert world.only().status is PaymentStatus.REFUNDED
    assert world.payments.events[-1].restock  # type: ignore[union-attr]  # a refund's


async def test_titles_are_copied() -> None:
    world = World()
    lamp = catalog_pb2.Product(id="lamp", title="Lamp", version=1)
    await happen(world, "product.created", catalog.ProductCreated(product=lamp))
    assert world.titles.titles["lamp"] == ("Lamp", 1)
    lamp = catalog_pb2.Product(id="lamp", title="Brass lamp", version=2)
    await happen(world, "product.updated", catalog.ProductUpdated(product=lamp))
    assert world.titles.titles["lamp"] == ("Brass lamp", 2)
    gone = catalog.ProductDeleted(product_id="lamp", version=3)
    await happen(world, "product.deleted", gone)
    assert world.titles.titles["lamp"] == ("", 3)

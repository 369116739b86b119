"""What events do to orders, each delivered twice."""

from typing import Any

import pytest
from shop.catalog.v1 import catalog_pb2
from shop.catalog.v1 import events_pb2 as catalog
from shop.money.v1 import money_pb2
from shop.payments.v1 import events_pb2 as payments
from shop.payments.v1 import payments_pb2

from chassis.events import Event
from svc_orders.consumers import subscriptions
from svc_orders.model.order import OrderStatus
from svc_orders.usecases.ports import Product
from tests.unit.svc_orders.world import ANN, NOON, World, lines, usd

pytestmark = pytest.mark.anyio

PAYMENT = payments_pb2.Payment(id="pay1", order_id="o001")


@pytest.fixture
async def world() -> World:
    world = World(lamp=5)
    await world.process.create(ANN, lines(lamp=1))
    return world


async def happen(world: World, topic: str, message: Any, event_id: str = "e1") -> None:
    process = world.process
    table = {
        each.topic: each for each in subscriptions(process.follow_products, process.follow_payments)
    }
    event = Event(id=event_id, topic=topic, key="k", time=NOON, source="test")
    await table[topic].handle(message, event)
    before = (dict(world.orders.orders), dict(world.products.products))
    await table[topic].handle(message, event)
    assert (world.orders.orders, world.products.products) == before


def timeline(world: World) -> list[tuple[str, str]]:
    return [(entry.type, entry.detail) for entry in world.only().timeline][1:]


def test_the_table_has_the_rows_of_the_design() -> None:
    process = World().process
    table = subscriptions(process.follow_products, process.follow_payments)
    assert {each.topic for each in table} == {
        "product.created",
        "product.updated",
        "product.deleted",
        "payment.created",
        "payment.failed",
        "payment.refunded",
    }


@pytest.mark.parametrize("kind", [catalog.ProductCreated, catalog.ProductUpdated])
async def test_products_are_copied(world: World, kind: Any) -> None:
    message = catalog_pb2.Product(
        id="vase",
        title="Vase",
        version=3,
        price=money_pb2.Money(amount_minor=700, currency="USD"),
    )
    topic = "product.created" if kind is catalog.ProductCreated else "product.updated"
    await happen(world, topic, kind(product=message))
    assert world.products.products["vase"] == Product("vase", 3, "Vase", usd(700))


async def test_deleted_products_are_known_as_deleted(world: World) -> None:
    await happen(world, "product.deleted", catalog.ProductDeleted(product_id="lamp", version=2))
    assert world.products.products["lamp"].deleted


async def test_a_payment_completes_the_order(world: World) -> None:
    await happen(world, "payment.created", payments.PaymentCreated(payment=PAYMENT))
    assert world.only().status is OrderStatus.COMPLETED
    assert world.only().payment_id == "pay1"


async def test_a_failed_payment_is_noted_with_its_reason(world: World) -> None:
    message = payments.PaymentFailed(payment=PAYMENT, detail="Your card was declined.")
    await happen(world, "payment.failed", message)
    assert timeline(world) == [("payment.failed", "Your card was declined.")]


async def test_refunds_are_noted_and_end_the_order_when_full(world: World) -> None:
    await happen(world, "payment.created", payments.PaymentCreated(payment=PAYMENT))
    await happen(world, "payment.refunded", payments.PaymentRefunded(payment=PAYMENT), "e2")
    assert timeline(world)[-1] == ("payment.refunded", "A part of the money went back.")
    assert world.only().status is OrderStatus.COMPLETED
    full = payments.PaymentRefunded(payment=PAYMENT, is_full=True)
    await happen(world, "payment.refunded", full, "e3")
    assert world.only().status is OrderStatus.CANCELLED

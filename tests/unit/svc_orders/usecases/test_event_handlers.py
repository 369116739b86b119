"""What orders do about payments and products."""

import pytest

from chassis.errors import NotFound
from svc_orders.model.order import OrderStatus
from svc_orders.model.timeline import PaymentUpdate
from tests.unit.svc_orders.world import ANN, World, lines, product

pytestmark = pytest.mark.anyio


def update(event_id: str) -> PaymentUpdate:
    return PaymentUpdate(event_id, "pay1", "Something happened.")


async def test_a_payment_completes_its_order_once() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=1))
    for _ in range(2):
        await world.process.follow_payments.created(order.id, update("e1"))
    assert world.only().status is OrderStatus.COMPLETED
    assert [event for event, _ in world.announced()] == ["OrderCreated", "OrderCompleted"]


async def test_a_failed_payment_leaves_the_order_payable() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=1))
    for _ in range(2):
        await world.process.follow_payments.failed(order.id, update("e1"))
    assert world.only().status is OrderStatus.PENDING
    assert [entry.type for entry in world.only().timeline] == ["order.created", "payment.failed"]


async def test_a_full_refund_ends_the_order() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=1))
    await world.process.follow_payments.created(order.id, update("e1"))
    await world.process.follow_payments.refunded(order.id, update("e2"), is_full=False)
    assert world.only().status is OrderStatus.COMPLETED
    await world.process.follow_payments.refunded(order.id, update("e3"), is_full=True)
    assert world.only().status is OrderStatus.CANCELLED


async def test_news_of_an_order_that_is_not_there_are_a_failure() -> None:
    with pytest.raises(NotFound):
        await World().process.follow_payments.created("ghost", update("e1"))


async def test_newer_products_win() -> None:
    world = World()
    follow = world.process.follow_products
    await follow.changed(product("lamp", price=1, version=2))
    await follow.changed(product("lamp", price=2, version=1))
    assert world.products.products["lamp"].price.amount_minor == 1
    await follow.deleted("lamp", 3)
    await follow.changed(product("lamp", version=2))
    assert world.products.products["lamp"].deleted

"""How orders end."""

import asyncio

import pytest

from chassis.errors import NotFound, Unavailable
from svc_orders.model.order import OrderStatus
from svc_orders.model.refusals import OrderNotCancellable, OutOfStock
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.usecases.reserve_stock import LEASE
from svc_orders.usecases.sweeps import BATCH, REFUSED_KEPT_FOR
from tests.unit.svc_orders.world import ANN, LIFETIME, World, lines

pytestmark = pytest.mark.anyio

PAID_UPDATE = PaymentUpdate("e1", "pay1", "The payment was received.")


async def test_a_shopper_cancels_an_unpaid_order() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=1))
    cancelled = await world.process.cancel.own("ann", order.id)
    assert cancelled.status is OrderStatus.CANCELLED
    assert world.announced()[-1] == ("OrderCancelled", order.id)
    with pytest.raises(OrderNotCancellable):
        await world.process.cancel.own("ann", order.id)


async def test_nobody_cancels_somebody_elses_order() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=1))
    with pytest.raises(NotFound):
        await world.process.cancel.own("ben", order.id)
    with pytest.raises(NotFound):
        await world.process.cancel.own("ben", "nothing")
    assert world.only().status is OrderStatus.PENDING


async def test_only_an_admin_cancels_a_completed_order() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=1))
    await world.process.follow_payments.created(order.id, PAID_UPDATE)
    with pytest.raises(OrderNotCancellable):
        await world.process.cancel.own("ann", order.id)
    cancelled = await world.process.cancel.any(order.id, "It broke.")
    assert cancelled.timeline[-1].detail == "It broke."
    with pytest.raises(OrderNotCancellable):
        await world.process.cancel.any(order.id, "")
    with pytest.raises(NotFound):
        await world.process.cancel.any("nothing", "")


async def test_a_cancelled_created_order_gives_its_stock_back() -> None:
    world = World(lamp=5)
    world.catalog.silent = True
    with pytest.raises(Unavailable):
        await world.process.create(ANN, lines(lamp=2))
    await world.process.cancel.own("ann", world.only().id)
    assert world.catalog.stock["lamp"].available == 5
    assert world.announced() == []


async def test_an_order_expires() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=2))
    world.pass_time(seconds=LIFETIME.total_seconds() - 1)
    await world.sweep()
    assert world.only() == order
    world.pass_time(seconds=1)
    await world.sweep()
    await world.sweep()
    assert world.only().status is OrderStatus.CANCELLED
    assert world.announced() == [("OrderCreated", order.id), ("OrderCancelled", order.id)]


async def test_expiry_and_payment_decide_it_between_them() -> None:
    for payment_first in (True, False):
        world = World(lamp=5)
        order = await world.process.create(ANN, lines(lamp=2))
        world.pass_time(seconds=LIFETIME.total_seconds())
        steps = [
            world.process.follow_payments.created(order.id, PAID_UPDATE),
            world.process.reconcile.expire(),
        ]
        await asyncio.gather(*(steps if payment_first else reversed(steps)))
        outcomes = [event for event, _ in world.announced() if event != "OrderCreated"]
        assert len(outcomes) == 1
        completed = outcomes == ["OrderCompleted"]
        expected = OrderStatus.COMPLETED if completed else OrderStatus.CANCELLED
        assert world.only().status is expected
        assert "payment.created" in [entry.type for entry in world.only().timeline]


async def test_a_completed_order_does_not_expire() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=2))
    await world.process.follow_payments.created(order.id, PAID_UPDATE)
    world.pass_time(seconds=LIFETIME.total_seconds())
    await world.sweep()
    assert world.only().status is OrderStatus.COMPLETED


async def abandoned() -> World:
    """An order that was begun as the catalog went away."""
    world = World(lamp=5)
    world.catalog.away = True
    with pytest.raises(Unavailable):
        await world.process.create(ANN, lines(lamp=2))
    return world


async def test_the_sweep_leaves_alone_what_is_being_made() -> None:
    world = await abandoned()
    world.catalog.away = False
    world.pass_time(seconds=LEASE.total_seconds() - 1)
    await world.sweep()
    assert world.only().status is OrderStatus.CREATED


async def test_the_sweep_tries_again_until_the_catalog_is_back() -> None:
    world = await abandoned()
    for _ in range(3):
        world.pass_time(seconds=LEASE.total_seconds())
        await world.sweep()
        assert world.only().status is OrderStatus.CREATED
    world.catalog.away = False
    world.pass_time(seconds=LEASE.total_seconds())
    await world.sweep()
    assert world.only().status is OrderStatus.PENDING


async def test_two_sweeps_at_once_finish_an_order_once() -> None:
    world = await abandoned()
    world.catalog.away = False
    world.pass_time(seconds=LEASE.total_seconds())
    await asyncio.gather(world.sweep(), world.sweep())
    assert world.catalog.reservations == 1
    assert world.announced() == [("OrderCreated", world.only().id)]


async def test_a_refused_abandoned_order_does_not_stop_the_sweep() -> None:
    world = World(lamp=5, vase=5)
    world.catalog.away = True
    for wanted in (lines(lamp=5), lines(vase=1)):
        with pytest.raises(Unavailable):
            await world.process.create(ANN, wanted)
    world.catalog.away = False
    world.catalog.stock["lamp"].available = 4
    world.pass_time(seconds=LEASE.total_seconds())
    await world.sweep()
    assert [order.lines[0].product_id for order in world.live()] == ["vase"]
    assert world.orders.orders["o001"].refusal is not None


async def test_a_release_is_tried_again_until_the_catalog_is_back() -> None:
    world = World(lamp=5)
    world.catalog.silent = True
    with pytest.raises(Unavailable):
        await world.process.create(ANN, lines(lamp=2))
    world.catalog.away = True
    await world.process.cancel.own("ann", world.only().id)
    await world.sweep()
    assert world.only().release_due_at is not None
    world.catalog.away = False
    await world.sweep()
    assert world.only().release_due_at is None
    assert world.catalog.stock["lamp"].available == 5


async def test_refused_orders_are_forgotten_after_a_day() -> None:
    world = World(lamp=1)
    kept = await world.process.create(ANN, lines(lamp=1))
    with pytest.raises(OutOfStock):
        await world.process.create(ANN, lines(lamp=1))
    await world.process.sweeps.forget_refused()
    assert len(world.orders.orders) == 2
    world.pass_time(seconds=REFUSED_KEPT_FOR.total_seconds() + 1)
    await world.process.sweeps.forget_refused()
    assert list(world.orders.orders) == [kept.id]


async def test_any_number_of_refused_orders_is_forgotten() -> None:
    world = World(lamp=0)
    for _ in range(2 * BATCH + 1):
        with pytest.raises(OutOfStock):
            await world.process.create(ANN, lines(lamp=1))
    world.pass_time(seconds=REFUSED_KEPT_FOR.total_seconds() + 1)
    await world.process.sweeps.forget_refused()
    assert world.orders.orders == {}

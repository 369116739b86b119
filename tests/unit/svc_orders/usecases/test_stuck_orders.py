"""Orders that no sweep could finish in time: seen, and freed one by one."""

import pytest

from chassis.errors import NotFound, Unavailable
from svc_orders.model.order import RECONCILE_AFTER, OrderStatus
from svc_orders.usecases.ports import OrderPayment, PaymentState
from svc_orders.usecases.stuck_orders import STUCK_AFTER, StuckReason
from tests.unit.svc_orders.world import ANN, LIFETIME, World, lines

pytestmark = pytest.mark.anyio

SECONDS = STUCK_AFTER.total_seconds()


async def reasons(world: World) -> list[StuckReason]:
    return [each.reason for each in await world.process.stuck.list()]


async def interrupted() -> World:
    """An order that is `created`, since the catalog does not answer."""
    world = World(looks=1, lamp=5)
    world.catalog.away = True
    with pytest.raises(Unavailable):
        await world.process.create(ANN, lines(lamp=2))
    return world


async def test_one_whose_stock_cannot_be_reserved() -> None:
    world = await interrupted()
    order_id = world.only().id
    world.pass_time(seconds=SECONDS)
    await world.sweep()
    world.pass_time(seconds=1)
    [stuck] = await world.process.stuck.list()
    assert (stuck.order.id, stuck.reason) == (order_id, StuckReason.RESERVING)
    assert stuck.since == stuck.order.created_at
    world.pass_time(seconds=60)
    with pytest.raises(Unavailable):
        await world.process.stuck.free(order_id)
    world.catalog.away = False
    world.pass_time(seconds=60)
    assert (await world.process.stuck.free(order_id)).status is OrderStatus.PENDING
    assert await reasons(world) == []


async def test_one_that_is_refused_is_free_too() -> None:
    world = await interrupted()
    world.catalog.away = False
    del world.catalog.stock["lamp"]
    world.pass_time(seconds=SECONDS + 1)
    freed = await world.process.stuck.free(world.only().id)
    assert freed.status is OrderStatus.CANCELLED


async def test_one_that_does_not_expire_while_the_payments_are_unreachable() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=2))
    world.payments.away = True
    world.pass_time(seconds=LIFETIME.total_seconds() + SECONDS - 1)
    assert await reasons(world) == []
    world.pass_time(seconds=1)
    [stuck] = await world.process.stuck.list()
    assert (stuck.reason, stuck.since) == (StuckReason.EXPIRY, order.expires_at)
    with pytest.raises(Unavailable):
        await world.process.stuck.free(order.id)
    world.payments.away = False
    assert (await world.process.stuck.free(order.id)).status is OrderStatus.CANCELLED
    assert await reasons(world) == []


async def test_one_whose_end_is_not_reported() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=2))
    world.payments.payments[order.id] = OrderPayment(PaymentState.CAPTURED, "pay1")
    await world.process.cancel.any(order.id, "Broken.")
    world.pass_time(seconds=RECONCILE_AFTER.total_seconds() + SECONDS)
    assert await reasons(world) == [StuckReason.REPORT]
    await world.process.stuck.free(order.id)
    assert world.payments.reported == {order.id: True}
    assert await reasons(world) == []


async def test_one_whose_stock_is_not_given_back() -> None:
    world = await interrupted()
    order_id = world.only().id
    await world.process.cancel.any(order_id, "Broken.")
    world.pass_time(seconds=SECONDS)
    assert await reasons(world) == [StuckReason.RELEASE]
    world.catalog.away = False
    assert (await world.process.stuck.free(order_id)).release_due_at is None
    assert await reasons(world) == []


async def test_what_is_in_time_stays_as_it_is() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=2))
    assert await world.process.stuck.free(order.id) == order


async def test_longest_late_first() -> None:
    world = await interrupted()
    world.catalog.away = False
    other = await world.process.create(ANN, lines(lamp=1))
    world.payments.away = True
    world.pass_time(seconds=LIFETIME.total_seconds() + SECONDS)
    first, second = await world.process.stuck.list()
    assert first.since < second.since
    assert second.order.id == other.id


async def test_one_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        await World().process.stuck.free("ghost")

"""Looking at orders."""

import pytest

from chassis.errors import NotFound
from svc_orders.model.refusals import OutOfStock
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.usecases.ports import Filter
from tests.unit.svc_orders.world import ANN, BEN, World, lines

pytestmark = pytest.mark.anyio


async def test_an_order_is_its_owners() -> None:
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=1))
    assert await world.process.read.own("ann", order.id) == order
    with pytest.raises(NotFound):
        await world.process.read.own("ben", order.id)
    assert await world.process.read.any(order.id) == order


async def test_a_refused_order_is_no_order_to_anybody() -> None:
    world = World(lamp=1)
    with pytest.raises(OutOfStock):
        await world.process.create(ANN, lines(lamp=2))
    refused = world.only()
    with pytest.raises(NotFound):
        await world.process.read.own("ann", refused.id)
    with pytest.raises(NotFound):
        await world.process.read.any(refused.id)
    with pytest.raises(NotFound):
        await world.process.cancel.own("ann", refused.id)
    assert (await world.process.read.page(Filter(), None, 10)).total == 0


async def test_pages_go_from_the_newest_to_the_oldest() -> None:
    world = World(lamp=50)
    for buyer in (ANN, BEN, ANN, ANN):
        world.pass_time(seconds=1)
        await world.process.create(buyer, lines(lamp=1))
    first = await world.process.read.page(Filter(user_id="ann"), None, 2)
    assert [order.id for order in first.orders] == ["o004", "o003"]
    assert first.total == 3
    last = await world.process.read.page(Filter(user_id="ann"), first.end, 2)
    assert [order.id for order in last.orders] == ["o001"]
    assert last.end is None


async def test_the_days_of_the_figures_include_today() -> None:
    world = World(lamp=50)
    for day in range(3):
        order = await world.process.create(ANN, lines(lamp=1))
        update = PaymentUpdate(f"e{day}", f"p{day}", "Paid.")
        await world.process.follow_payments.created(order.id, update)
        world.pass_time(days=1)
    world.pass_time(days=-1)
    assert len((await world.process.read.stats(1)).revenue_by_day) == 1
    assert len((await world.process.read.stats(2)).revenue_by_day) == 2
    assert len((await world.process.read.stats(0)).revenue_by_day) == 3

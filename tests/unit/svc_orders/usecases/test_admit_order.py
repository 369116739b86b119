"""No account holds more than it may without paying."""

import asyncio

import pytest

from chassis.errors import Refusal
from svc_orders.model.order import Buyer, Order, OrderStatus
from svc_orders.model.refusals import TooManyUnpaidItems, TooManyUnpaidOrders, UnpaidItems
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.model.unpaid import Limits
from tests.unit.svc_orders.killing import Killed, moments
from tests.unit.svc_orders.world import ANN, BEN, World, lines

pytestmark = pytest.mark.anyio


def limited(orders: int = 100, items: int = 100) -> World:
    world = World(lamp=300, vase=300)
    world.limits = Limits(orders, items)
    world.process = world.start()
    return world


async def test_an_account_has_so_many_orders_unpaid_and_no_more() -> None:
    world = limited(orders=3)
    made = [await world.process.create(ANN, lines(lamp=1)) for _ in range(3)]
    with pytest.raises(TooManyUnpaidOrders, match="may have 3"):
        await world.process.create(ANN, lines(lamp=1))
    assert world.catalog.stock["lamp"].available == 297
    await world.process.create(BEN, lines(lamp=1))
    await world.process.cancel.own("ann", made[0].id)
    await world.process.create(ANN, lines(lamp=1))
    await world.process.follow_payments.created(made[1].id, PaymentUpdate("e", "p", "Paid."))
    await world.process.create(ANN, lines(lamp=1))
    with pytest.raises(TooManyUnpaidOrders):
        await world.process.create(ANN, lines(lamp=1))


async def test_unpaid_orders_hold_so_many_of_a_product_and_no_more() -> None:
    world = limited(items=99)
    await world.process.create(ANN, lines(lamp=60))
    with pytest.raises(TooManyUnpaidItems) as refused:
        await world.process.create(ANN, lines(lamp=40, vase=1))
    assert refused.value.lines == (UnpaidItems("lamp", "Lamp", 40, held=60, limit=99),)
    await world.process.create(ANN, lines(lamp=39, vase=99))
    assert world.catalog.stock["lamp"].available == 201
    assert world.catalog.stock["vase"].available == 201


@pytest.mark.parametrize("limits", [Limits(5, 1000), Limits(1000, 10)])
async def test_parallel_calls_cannot_pass_a_limit_together(limits: Limits) -> None:
    world = limited(limits.orders, limits.items)
    outcomes = await asyncio.gather(
        *(world.process.create(ANN, lines(lamp=2)) for _ in range(40)), return_exceptions=True
    )
    assert sum(isinstance(each, Order) for each in outcomes) == 5
    assert sum(isinstance(each, Refusal) for each in outcomes) == 35
    assert world.catalog.stock["lamp"].available == 290


async def test_the_accounts_of_one_network_share_a_limit() -> None:
    world = World(lamp=300)
    world.of_network = Limits(orders=3, items=10)
    world.process = world.start()

    async def buy(who: int, network: str, lamps: int = 1) -> Order:
        buyer = Buyer(f"user-{who}", "x@example.org", network)
        return await world.process.create(buyer, lines(lamp=lamps))

    first = [await buy(number, "198.51.100.7") for number in range(3)]
    with pytest.raises(TooManyUnpaidOrders, match="One network may have 3"):
        await buy(3, "198.51.100.7")
    await buy(3, "198.51.100.8", lamps=10)
    with pytest.raises(TooManyUnpaidItems):
        await buy(4, "198.51.100.8")
    for _ in range(5):
        await buy(5, "")
    assert world.catalog.stock["lamp"].available == 300 - 3 - 10 - 5
    await world.process.cancel.own("user-0", first[0].id)
    await buy(3, "198.51.100.7")


async def test_a_key_whose_order_was_refused_may_be_tried_again() -> None:
    world = limited(orders=1)
    first = await world.process.create(ANN, lines(lamp=1))
    with pytest.raises(TooManyUnpaidOrders):
        await world.process.create(ANN, lines(lamp=1), "k")
    await world.process.cancel.own("ann", first.id)
    assert (await world.process.create(ANN, lines(lamp=1), "k")).status is OrderStatus.PENDING


async def test_a_process_that_is_killed_takes_no_room_for_good() -> None:
    for fuse in moments(5):
        world = limited(orders=1)
        with pytest.raises(Killed):
            await world.start(fuse).create(ANN, lines(lamp=1))
        world.pass_time(minutes=1)
        await world.sweep()
        for order in world.live():
            await world.process.cancel.own("ann", order.id)
        assert (await world.process.create(ANN, lines(lamp=1))).status is OrderStatus.PENDING

"""Creating orders: one live order for a key, and no more than there is."""

import asyncio
from dataclasses import replace

import pytest

from chassis.currencies import Money
from chassis.errors import InvalidField, NotFound, Unavailable
from svc_orders.model.lines import Line
from svc_orders.model.order import Order, OrderStatus
from svc_orders.model.refusals import (
    IdempotencyKeyReused,
    OrderFailed,
    OutOfStock,
    PriceChanged,
    TotalNotChargeable,
)
from svc_orders.usecases.reserve_stock import LEASE
from tests.unit.svc_orders.world import ANN, BEN, LIFETIME, World, lines, product, usd

pytestmark = pytest.mark.anyio


async def test_an_order_is_pending_at_the_prices_that_hold() -> None:
    world = World(lamp=5, vase=1)
    order = await world.process.create(ANN, lines(lamp=2, vase=1))
    assert (order.status, order.total, order.buyer) == (OrderStatus.PENDING, usd(3000), ANN)
    assert order.expires_at == world.now + LIFETIME
    assert world.orders.orders[order.id] == order
    assert world.announced() == [("OrderCreated", order.id)]
    assert world.catalog.stock["lamp"].available == 3


async def test_two_lines_of_a_product_count_together() -> None:
    world = World(lamp=5)
    with pytest.raises(OutOfStock) as refused:
        await world.process.create(ANN, [*lines(lamp=3), *lines(lamp=3)])
    assert [(each.requested, each.available) for each in refused.value.lines] == [(6, 5)]
    assert world.catalog.stock["lamp"].available == 5


async def test_fifty_shoppers_and_five_pieces() -> None:
    world = World(lamp=5)
    outcomes = await asyncio.gather(
        *(world.process.create(replace(ANN, user_id=f"u{n}"), lines(lamp=1)) for n in range(50)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Order) for each in outcomes) == 5
    assert sum(isinstance(each, OutOfStock) for each in outcomes) == 45
    assert world.catalog.stock["lamp"].available == 0
    assert len(world.live()) == 5


async def test_the_same_key_is_the_same_order() -> None:
    world = World(lamp=5)
    first = await world.process.create(ANN, lines(lamp=1), "k")
    world.pass_time(minutes=1)
    assert await world.process.create(ANN, lines(lamp=1), "k") == first
    assert world.catalog.reservations == 1


async def test_twenty_calls_with_one_key_make_one_order() -> None:
    world = World(lamp=50)
    orders = await asyncio.gather(
        *(world.process.create(ANN, lines(lamp=1), "k") for _ in range(20))
    )
    assert {order.id for order in orders} == {world.only().id}
    assert {order.status for order in orders} == {OrderStatus.PENDING}
    assert world.catalog.stock["lamp"].available == 49
    assert world.catalog.reservations == 1


async def test_twenty_refused_calls_with_one_key_get_the_same_answer() -> None:
    world = World(lamp=1)
    outcomes = await asyncio.gather(
        *(world.process.create(ANN, lines(lamp=2), "k") for _ in range(20)), return_exceptions=True
    )
    assert {type(each) for each in outcomes} == {OutOfStock}
    assert world.live() == []


async def test_a_key_belongs_to_its_user() -> None:
    world = World(lamp=5)
    anns = await world.process.create(ANN, lines(lamp=1), "k")
    bens = await world.process.create(BEN, lines(lamp=2), "k")
    assert anns.id != bens.id


async def test_without_a_key_every_call_is_a_new_order() -> None:
    world = World(lamp=5)
    first = await world.process.create(ANN, lines(lamp=1))
    assert await world.process.create(ANN, lines(lamp=1)) != first


async def test_a_key_with_other_lines_is_refused() -> None:
    world = World(lamp=5)
    await world.process.create(ANN, lines(lamp=1), "k")
    with pytest.raises(IdempotencyKeyReused):
        await world.process.create(ANN, lines(lamp=2), "k")


async def test_the_price_shown_is_no_part_of_what_a_key_stands_for() -> None:
    world = World(lamp=5)
    first = await world.process.create(ANN, [Line("lamp", 1, usd(1000))], "k")
    assert await world.process.create(ANN, [Line("lamp", 1, usd(1200))], "k") == first


async def test_a_refused_order_frees_its_key() -> None:
    world = World(lamp=1)
    with pytest.raises(OutOfStock):
        await world.process.create(ANN, lines(lamp=2), "k")
    world.catalog.stock["lamp"].available = 2
    order = await world.process.create(ANN, lines(lamp=2), "k")
    assert order.status is OrderStatus.PENDING
    assert world.live() == [order]


async def test_a_cancelled_order_frees_its_key() -> None:
    world = World(lamp=5)
    first = await world.process.create(ANN, lines(lamp=1), "k")
    await world.process.cancel.own("ann", first.id)
    again = await world.process.create(ANN, lines(lamp=1), "k")
    assert again.id != first.id


async def test_a_changed_price_is_refused_with_both_and_nothing_stays_reserved() -> None:
    world = World(lamp=5)
    world.catalog.stock["lamp"].product = product("lamp", price=1200, version=2)
    with pytest.raises(PriceChanged) as refused:
        await world.process.create(ANN, [Line("lamp", 1, usd(1000))], "k")
    (change,) = refused.value.lines
    assert (change.expected, change.price, change.title) == (usd(1000), usd(1200), "Lamp")
    assert world.catalog.stock["lamp"].available == 5
    assert world.announced() == []
    assert (await world.process.create(ANN, [Line("lamp", 1, usd(1200))], "k")).total == usd(1200)


async def test_without_an_expected_price_any_price_will_do() -> None:
    world = World(lamp=5)
    world.catalog.stock["lamp"].product = product("lamp", price=1200, version=2)
    assert (await world.process.create(ANN, lines(lamp=1))).total == usd(1200)


async def test_an_unknown_product_is_not_found() -> None:
    world = World(lamp=5)
    with pytest.raises(NotFound):
        await world.process.create(ANN, lines(lamp=1, ghost=1))
    assert world.orders.orders == {}


async def test_a_product_that_the_replica_lacks_is_asked_for_and_kept() -> None:
    world = World(lamp=5)
    world.products.products.clear()
    assert (await world.process.create(ANN, lines(lamp=1))).total == usd(1000)
    assert world.products.products == {"lamp": product("lamp")}


async def test_a_deleted_product_is_not_found() -> None:
    world = World(lamp=5)
    await world.process.follow_products.deleted("lamp", 2)
    with pytest.raises(NotFound):
        await world.process.create(ANN, lines(lamp=1))


async def test_a_product_deleted_at_its_source_only_is_not_found_either() -> None:
    world = World(lamp=5)
    stocked = world.catalog.stock["lamp"]
    stocked.product = replace(stocked.product, deleted=True)
    with pytest.raises(NotFound):
        await world.process.create(ANN, lines(lamp=1), "k")
    assert world.only().refusal is not None


async def test_prices_in_two_currencies_are_refused() -> None:
    world = World(lamp=5, vase=5)
    euros = replace(product("vase", version=2), price=Money(1000, "EUR"))
    world.catalog.stock["vase"].product = euros
    with pytest.raises(InvalidField):
        await world.process.create(ANN, lines(lamp=1, vase=1))
    assert world.catalog.stock["vase"].available == 5
    await world.products.put(euros)
    with pytest.raises(InvalidField):
        await world.process.create(ANN, lines(lamp=1, vase=1))
    assert len(world.orders.orders) == 1


async def test_while_the_catalog_is_away_the_order_stays_created() -> None:
    world = World(looks=3, lamp=5)
    world.catalog.away = True
    with pytest.raises(Unavailable):
        await world.process.create(ANN, lines(lamp=1), "k")
    assert world.only().status is OrderStatus.CREATED
    # Its lease holds: somebody may still be at it.
    with pytest.raises(Unavailable):
        await world.process.create(ANN, lines(lamp=1), "k")


async def test_the_same_key_takes_over_what_was_left_behind() -> None:
    world = World(lamp=5)
    world.catalog.silent = True
    with pytest.raises(Unavailable):
        await world.process.create(ANN, lines(lamp=2), "k")
    world.catalog.silent = False
    world.pass_time(seconds=LEASE.total_seconds())
    order = await world.process.create(ANN, lines(lamp=2), "k")
    assert order.status is OrderStatus.PENDING
    assert world.live() == [order]
    assert world.catalog.stock["lamp"].available == 3


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_an_order_cancelled_while_it_is_made_holds_nothing(moment: str) -> None:
    world = World(lamp=5)

    async def cancel(now: str) -> None:
        if now == moment:
            await world.process.cancel.own("ann", world.only().id)

    world.catalog.meanwhile = cancel
    order = await world.process.create(ANN, lines(lamp=2), "k")
    assert order.status is OrderStatus.CANCELLED
    assert world.announced() == []
    assert world.catalog.stock["lamp"].available == 5


async def test_an_order_whose_reservation_was_closed_is_undone() -> None:
    world = World(lamp=5)
    world.catalog.closed.add("o001")
    with pytest.raises(Unavailable):
        await world.process.create(ANN, lines(lamp=2), "k")
    assert (await world.process.create(ANN, lines(lamp=2), "k")).status is OrderStatus.PENDING


async def test_an_order_that_the_catalog_fails_for_good_is_ended_and_its_stock_goes_back() -> None:
    world = World(lamp=5)
    world.catalog.failing = True
    for _ in range(2):
        with pytest.raises(OrderFailed):
            await world.process.create(ANN, lines(lamp=2), "k")
    assert {each.status for each in world.orders.orders.values()} == {OrderStatus.CANCELLED}
    assert world.catalog.stock["lamp"].available == 5


async def test_nobody_reserves_whose_lease_ran_out_while_the_order_was_written() -> None:
    world = World(lamp=5)
    insert = world.orders.insert

    async def slow(order: Order) -> bool:
        kept = await insert(order)
        world.pass_time(seconds=LEASE.total_seconds() - 1)
        # By then another worker takes the order over and reserves.
        world.orders.insert = insert  # type: ignore[method-assign]
        return kept

    world.orders.insert = slow  # type: ignore[method-assign]
    world.looks = 1
    create = world.start().create
    with pytest.raises(Unavailable):
        await create(ANN, lines(lamp=2), "k")
    assert world.catalog.reservations == 0
    world.pass_time(seconds=1)
    await world.sweep()
    assert world.catalog.reservations == 1
    assert world.only().status is OrderStatus.PENDING


async def test_a_total_that_cannot_be_charged_is_refused_before_anything_is_reserved() -> None:
    world = World(lamp=5)
    await world.products.put(product("lamp", price=10, version=2))
    with pytest.raises(TotalNotChargeable):
        await world.process.create(ANN, lines(lamp=1), "k")
    assert world.orders.orders == {}
    assert world.catalog.reservations == 0
    assert world.catalog.stock["lamp"].available == 5

"""Ordering a cart: one order of it waits, whoever checks out how often, and one is paid."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import cast

import pytest

from chassis.errors import NotFound, Refusal, Unavailable
from svc_orders.model.lines import CartRef, Line
from svc_orders.model.order import Order, OrderStatus
from svc_orders.model.refusals import CartEmpty, IdempotencyKeyReused, OutOfStock
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.usecases.ports import OrderPayment, PaymentState
from tests.support.tracing import Trace
from tests.unit.svc_orders.killing import Fuse, Killed, moments
from tests.unit.svc_orders.world import ANN, World, lines, usd

pytestmark = pytest.mark.anyio

CART = CartRef("c1", 0, 4)
CHANGED = replace(CART, version=5)
PAID_UPDATE = PaymentUpdate("e1", "pay1", "Paid.")


async def order(world: World, cart: CartRef = CART, key: str = "", **wanted: int) -> Order:
    return await world.process.create_of_cart(ANN, cart, lines(**(wanted or {"lamp": 2})), key)


def waiting(world: World) -> list[str]:
    return [each.id for each in world.live() if each.status is OrderStatus.PENDING]


@pytest.mark.parametrize("keys", [("", ""), ("", "k"), ("k", ""), ("k", "other"), ("k", "k")])
async def test_checking_out_again_leads_to_the_order_that_waits(keys: tuple[str, str]) -> None:
    world = World(lamp=5)
    first, second = [await order(world, key=key) for key in keys]
    assert first == second
    assert world.catalog.stock["lamp"].available == 3


async def test_parallel_checkouts_with_any_keys_are_one_order() -> None:
    world = World(lamp=50)
    keys = ["", "a", "b", "a", ""] * 6
    orders = await asyncio.gather(*(order(world, key=key) for key in keys))
    assert {each.id for each in orders} == {world.only().id}
    assert world.catalog.stock["lamp"].available == 48


async def test_a_changed_cart_replaces_its_order_and_gives_back_what_that_held() -> None:
    world = World(lamp=3)
    first = await order(world)
    second = await order(world, CHANGED, lamp=3)
    assert world.orders.orders[first.id].status is OrderStatus.CANCELLED
    assert waiting(world) == [second.id]
    assert world.announced() == [
        ("OrderCreated", first.id),
        ("OrderCancelled", first.id),
        ("OrderCreated", second.id),
    ]
    assert world.catalog.held == {second.id: {"lamp": 3}}


async def test_a_changed_cart_that_is_too_much_leaves_nothing_held() -> None:
    world = World(lamp=3)
    await order(world)
    with pytest.raises(OutOfStock):
        await order(world, CHANGED, lamp=4)
    assert waiting(world) == []
    assert world.catalog.stock["lamp"].available == 3


async def test_what_the_cart_had_before_does_not_come_back() -> None:
    world = World(lamp=9)
    second = await order(world, CHANGED, lamp=3)
    assert await order(world, CART, lamp=2) == second


async def test_parallel_checkouts_of_a_cart_that_changes_end_with_its_last_state() -> None:
    world = World(lamp=50)
    versions = [replace(CART, version=number) for number in range(1, 9)]
    outcomes = await asyncio.gather(
        *(order(world, each, lamp=each.version) for each in [*versions, *reversed(versions)]),
        return_exceptions=True,
    )
    # A call that others outran too often asks to be repeated.
    assert {type(each) for each in outcomes} <= {Order, Unavailable}
    assert len(waiting(world)) <= 1
    await order(world, versions[-1], lamp=8)
    assert len(waiting(world)) == 1
    (held,) = world.catalog.held.values()
    assert held == {"lamp": 8}


async def test_a_lower_price_replaces_and_a_higher_one_does_not() -> None:
    world = World(lamp=5)
    first = await order(world)
    dearer, cheaper = Line("lamp", 2, usd(1200)), Line("lamp", 2, usd(800))
    process = world.process
    assert (await process.create_of_cart(ANN, CHANGED, [dearer])).id == first.id
    stocked = world.catalog.stock["lamp"]
    stocked.product = replace(stocked.product, price=usd(800), version=2)
    shown = replace(CHANGED, version=CHANGED.version + 1)
    second = await process.create_of_cart(ANN, shown, [cheaper])
    assert (second.total, waiting(world)) == (usd(1600), [second.id])


async def test_an_order_goes_with_the_newest_version_of_its_cart_that_was_ordered() -> None:
    world = World(lamp=5)
    first = await order(world)
    again = await order(world, CHANGED)
    assert (again.id, again.cart) == (first.id, CHANGED)
    assert (await order(world, CART)).cart == CHANGED


async def test_an_order_whose_payment_was_not_heard_of_is_no_longer_waiting() -> None:
    world = World(lamp=5)
    first = await order(world)
    world.payments.payments[first.id] = OrderPayment(PaymentState.CAPTURED, "pay1")
    paid = await order(world, CHANGED)
    assert (paid.id, paid.status) == (first.id, OrderStatus.COMPLETED)


async def test_a_paid_order_is_the_answer_until_the_cart_has_heard_of_it() -> None:
    world = World(lamp=9)
    first = await order(world, key="k")
    await world.process.follow_payments.created(first.id, PAID_UPDATE)
    for cart, key in ((CART, ""), (CART, "new"), (CHANGED, "")):
        assert (await order(world, cart, key)).id == first.id
    assert (await order(world, CHANGED, lamp=3)).id == first.id
    later = replace(CHANGED, generation=1)
    assert (await order(world, later, "k")).id == first.id
    assert (await order(world, later)).id != first.id


async def test_of_an_empty_cart_only_the_clients_key_has_an_order() -> None:
    world = World(lamp=9)
    first = await order(world, key="k")
    await world.process.follow_payments.created(first.id, PAID_UPDATE)
    emptied = replace(CHANGED, generation=1)
    create = world.process.create_of_cart
    assert await create(ANN, emptied, [], "k") == world.orders.orders[first.id]
    for other in ("", "another"):
        with pytest.raises(CartEmpty):
            await create(ANN, emptied, [], other)
    assert [each.id for each in world.live()] == [first.id]


async def test_a_key_with_other_lines_is_refused() -> None:
    world = World(lamp=9)
    await order(world, key="k")
    with pytest.raises(IdempotencyKeyReused):
        await order(world, CHANGED, "k", lamp=3)


async def test_a_cancelled_order_makes_room_for_another() -> None:
    world = World(lamp=9)
    first = await order(world, key="k")
    await world.process.cancel.own("ann", first.id)
    assert (await order(world, key="k")).id != first.id


async def test_what_was_paid_and_cancelled_keeps_the_carts_key_until_the_cart_has_moved_on() -> (
    None
):
    world = World(lamp=9)
    first = await order(world)
    await world.process.follow_payments.created(first.id, PAID_UPDATE)
    await world.process.cancel.any(first.id, "")
    assert (await order(world)).id == first.id
    assert (await order(world, replace(CART, generation=1))).id != first.id


async def test_a_refund_that_overtakes_its_payment_frees_the_cart() -> None:
    world = World(lamp=9)
    first = await order(world)
    await world.process.follow_payments.refunded(first.id, PAID_UPDATE, is_full=True)
    assert (await order(world)).id != first.id


async def interleaved(world: World, *calls: Callable[[], Awaitable[object]]) -> list[object]:
    """The calls side by side, each delayed by a number of steps before."""
    return list(await asyncio.gather(*(call() for call in calls), return_exceptions=True))


@pytest.mark.parametrize("delay", range(16))
@pytest.mark.parametrize("lamps", [2, 3])
async def test_payment_in_one_tab_and_checkout_in_the_other(delay: int, lamps: int) -> None:
    """However their calls interleave, one order is paid or waits, and never both of a cart."""
    world = World(lamp=9)
    first = await order(world)

    async def pay() -> None:
        for _ in range(delay):
            await asyncio.sleep(0)
        await world.process.follow_payments.created(first.id, PAID_UPDATE)

    _, answer = await interleaved(world, pay, lambda: order(world, CHANGED, lamp=lamps))
    assert isinstance(answer, Order)
    old = world.orders.orders[first.id]
    if lamps == 2 or old.status is OrderStatus.COMPLETED:
        # Paid in time: that is what checking out leads to, and nothing else is to be paid.
        assert (answer.id, waiting(world)) == (first.id, [])
        assert old.status is OrderStatus.COMPLETED
    else:
        # Replaced first: the payments context sends the money of the old one back.
        assert old.status is OrderStatus.CANCELLED
        assert waiting(world) == [answer.id]
        assert world.catalog.held == {answer.id: {"lamp": lamps}}


@pytest.mark.parametrize("delay", range(24))
async def test_cancelling_in_one_tab_and_checking_out_in_the_other(delay: int) -> None:
    world = World(lamp=9)
    first = await order(world)

    async def cancel() -> None:
        for _ in range(delay):
            await asyncio.sleep(0)
        await world.process.cancel.own("ann", first.id)

    outcomes = await interleaved(world, cancel, lambda: order(world, CHANGED, lamp=3))
    assert all(not isinstance(each, Exception) or isinstance(each, Refusal) for each in outcomes)
    assert len(waiting(world)) == 1
    (only,) = waiting(world)
    assert world.catalog.held[only] == {"lamp": 3}


async def test_a_first_order_costs_three_writes_and_no_look_at_what_is_kept() -> None:
    world = World(lamp=5)
    trace = Trace()
    world.process = world.start(cast("Fuse", trace))
    await order(world)
    assert [call.method for call in trace.calls] == [
        "FakeProducts.get",
        "FakeOrders.insert",
        "FakeUnpaid.add",
        "FakeCatalog.reserve",
        "FakeOrders.save",
    ]


async def test_an_order_is_found_also_where_it_could_not_be_made_any_more() -> None:
    world = World(lamp=5)
    first = await order(world)
    await world.process.follow_products.deleted("lamp", version=9)
    assert await order(world) == first
    with pytest.raises(NotFound):
        await order(world, replace(CART, generation=1))


async def test_whoever_checks_out_again_finishes_what_a_killed_process_began() -> None:
    for fuse in moments(5):
        world = World(lamp=5)
        with pytest.raises(Killed):
            await world.start(fuse).create_of_cart(ANN, CART, lines(lamp=2))
        world.pass_time(minutes=1)
        made = await order(world)
        assert made.status is OrderStatus.PENDING
        assert [each.id for each in world.live()] == [made.id]
        assert world.catalog.stock["lamp"].available == 3

"""A process that is killed at any moment of making or ending an order leaves nothing undone."""

import pytest

from chassis.errors import Refusal
from svc_orders.model.lines import Line
from svc_orders.model.order import OrderStatus
from svc_orders.usecases.reserve_stock import LEASE
from tests.unit.svc_orders.killing import Fuse, Killed, moments
from tests.unit.svc_orders.world import ANN, LIFETIME, Process, World, lines, product, usd

pytestmark = pytest.mark.anyio

STOCK = 5


def world_at(case: str) -> World:
    world = World(looks=2, lamp=STOCK)
    if case == "price changed":
        world.catalog.stock["lamp"].product = product("lamp", price=1200, version=2)
    if case == "asks the catalog":
        world.products.products.clear()
    return world


async def attempt(process: Process, case: str) -> None:
    """Make an order; a refusal is an answer like any other."""
    quantity = STOCK + 1 if case == "out of stock" else 2
    try:
        await process.create(ANN, [Line("lamp", quantity, usd(1000))], "k")
    except Refusal:
        assert case in {"out of stock", "price changed"}


async def calls_in(case: str) -> int:
    world = world_at(case)
    fuse = Fuse()
    await attempt(world.start(fuse), case)
    return fuse.calls


def check_books(world: World) -> None:
    """Nothing is created or due any more, and exactly what live orders ask for is reserved."""
    orders = world.orders.orders.values()
    assert all(order.status is not OrderStatus.CREATED for order in orders)
    assert all(order.release_due_at is None for order in orders)
    live = {
        order.id: {line.product_id: line.quantity for line in order.lines}
        for order in orders
        if order.status is OrderStatus.PENDING
    }
    assert world.catalog.held == live
    reserved = sum(held["lamp"] for held in live.values())
    assert world.catalog.stock["lamp"].available == STOCK - reserved
    created = [order_id for event, order_id in world.announced() if event == "OrderCreated"]
    assert sorted(created) == sorted(live)


CASES = ("success", "asks the catalog", "out of stock", "price changed")


@pytest.mark.parametrize("case", CASES)
async def test_the_sweep_finishes_or_undoes_what_a_killed_process_began(case: str) -> None:
    calls = await calls_in(case)
    assert calls >= 4
    for fuse in moments(calls):
        world = world_at(case)
        with pytest.raises(Killed):
            await attempt(world.start(fuse), case)
        world.pass_time(seconds=LEASE.total_seconds())
        await world.sweep()
        check_books(world)
        # What the shopper then does with the same key finds that order, or makes the only one.
        await attempt(world.process, case)
        assert len(world.live()) == (0 if case in {"out of stock", "price changed"} else 1)
        check_books(world)


@pytest.mark.parametrize("case", CASES)
async def test_the_next_call_finishes_what_a_killed_process_began(case: str) -> None:
    for fuse in moments(await calls_in(case)):
        world = world_at(case)
        with pytest.raises(Killed):
            await attempt(world.start(fuse), case)
        world.pass_time(seconds=LEASE.total_seconds())
        await attempt(world.process, case)
        await world.sweep()
        check_books(world)


async def test_a_sweep_that_is_killed_is_finished_by_the_next_one() -> None:
    for at in range(1, 6):
        for fuse in (Fuse(at), Fuse(at, after=True)):
            world = World(lamp=STOCK)
            with pytest.raises(Killed):
                await attempt(world.start(Fuse(4, after=True)), "success")
            world.pass_time(seconds=LEASE.total_seconds())
            dying = world.start(fuse)
            try:
                await dying.sweeps.finish_abandoned()
            except Killed:
                world.pass_time(seconds=LEASE.total_seconds())
            await world.sweep()
            check_books(world)
            assert len(world.live()) == 1


async def test_what_was_begun_long_ago_is_undone() -> None:
    for fuse in moments(await calls_in("success")):
        world = world_at("success")
        with pytest.raises(Killed):
            await attempt(world.start(fuse), "success")
        world.pass_time(seconds=LIFETIME.total_seconds())
        await world.sweep()
        check_books_after_expiry(world)


def check_books_after_expiry(world: World) -> None:
    """Whatever became pending has expired, and catalog hears of it by `order.cancelled`."""
    assert world.live() == []
    cancelled = {order_id for event, order_id in world.announced() if event == "OrderCancelled"}
    assert set(world.catalog.held) == cancelled


@pytest.mark.parametrize("moment", ["created", "pending"])
async def test_a_killed_cancellation_is_done_or_not_done(moment: str) -> None:
    for fuse in moments(4):
        world = World(lamp=STOCK)
        if moment == "created":
            world.catalog.silent = True
            with pytest.raises(Refusal):
                await world.process.create(ANN, lines(lamp=2), "k")
            world.catalog.silent = False
        else:
            await world.process.create(ANN, lines(lamp=2), "k")
        order_id = world.only().id
        try:
            await world.start(fuse).cancel.own("ann", order_id)
        except Killed:
            world.pass_time(seconds=LEASE.total_seconds())
        await world.sweep()
        order = world.only()
        assert order.status in {OrderStatus.PENDING, OrderStatus.CANCELLED}
        announced = [event for event, _ in world.announced()]
        if moment == "pending":
            expected = ["OrderCreated"]
            if order.status is OrderStatus.CANCELLED:
                expected.append("OrderCancelled")
            assert announced == expected
        else:
            check_books(world)

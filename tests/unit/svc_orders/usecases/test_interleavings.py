"""Two calls that run at once: in every order of their calls to the outside, the books are right."""

from collections.abc import Awaitable, Callable
from itertools import combinations_with_replacement

import pytest

from chassis.errors import Refusal
from svc_orders.model.order import Order, OrderStatus
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.usecases.ports import OrderPayment, PaymentState
from svc_orders.usecases.reserve_stock import LEASE
from tests.support.interleaving import Turns, every_interleaving
from tests.unit.svc_orders.world import ANN, LIFETIME, Process, World, lines

pytestmark = pytest.mark.anyio

Before = Callable[[World], Awaitable[object]]
Step = Callable[[Process], Awaitable[object]]

STOCK = 5
PAID = PaymentUpdate("e1", "pay1", "The payment was received.")
FAILED = PaymentUpdate("e2", "pay0", "The card was declined.")
REFUNDED = PaymentUpdate("e3", "pay1", "All of the money went back.")


async def nothing(world: World) -> None:
    """Nobody has ordered."""


async def abandoned(world: World) -> None:
    """An order whose maker died; its stock is reserved."""
    world.catalog.silent = True
    with pytest.raises(Refusal):
        await world.process.create(ANN, lines(lamp=2), "k")
    world.catalog.silent = False
    world.pass_time(seconds=LEASE.total_seconds())


async def pending(world: World) -> None:
    await world.process.create(ANN, lines(lamp=2), "k")


async def over(world: World) -> None:
    """An order whose time is over."""
    await pending(world)
    world.pass_time(seconds=LIFETIME.total_seconds())


async def paid_without_an_event(world: World) -> None:
    await over(world)
    world.payments.payments["o001"] = OrderPayment(PaymentState.CAPTURED, "pay1")


async def completed(world: World) -> None:
    await pending(world)
    await world.process.follow_payments.created("o001", PAID)


def orders(quantity: int, key: str) -> Step:
    return lambda process: process.create(ANN, lines(lamp=quantity), key)


STEPS: dict[str, Step] = {
    "order": orders(2, "k"),
    "order all": orders(5, "other"),
    "order too many": orders(6, "third"),
    "cancel": lambda process: process.cancel.own("ann", "o001"),
    "cancel as admin": lambda process: process.cancel.any("o001", ""),
    "finish": lambda process: process.sweeps.finish_abandoned(),
    "release": lambda process: process.sweeps.release(),
    "expire": lambda process: process.reconcile.expire(),
    "confirm": lambda process: process.reconcile.confirm(),
    "paid": lambda process: process.follow_payments.created("o001", PAID),
    "declined": lambda process: process.follow_payments.failed("o001", FAILED),
    "refunded": lambda process: process.follow_payments.refunded("o001", REFUNDED, is_full=True),
}
CASES: dict[str, tuple[Before, tuple[str, ...]]] = {
    "new": (nothing, ("order", "order all", "order too many")),
    "abandoned": (abandoned, ("order", "cancel", "finish", "release")),
    "pending": (pending, ("order", "cancel", "cancel as admin", "paid", "declined", "refunded")),
    "over": (over, ("expire", "cancel", "paid", "refunded", "order all")),
    "paid without an event": (paid_without_an_event, ("expire", "confirm", "cancel", "paid")),
    "completed": (completed, ("cancel", "cancel as admin", "paid", "refunded")),
}
PAIRS = [
    (case, one, other)
    for case, (_, names) in CASES.items()
    for one, other in combinations_with_replacement(names, 2)
]


@pytest.mark.parametrize(("case", "one", "other"), PAIRS)
async def test_whatever_two_do_at_once_the_books_are_right(case: str, one: str, other: str) -> None:
    before, _ = CASES[case]

    async def run(turns: Turns) -> None:
        world = World(looks=2, lamp=STOCK)
        await before(world)
        paid = "paid" in {one, other} or case in {"paid without an event", "completed"}
        outcomes = await turns.both(*(STEPS[name](world.start(turns)) for name in (one, other)))
        allowed = (Order, Refusal, LookupError, type(None))
        assert all(isinstance(each, allowed) for each in outcomes), outcomes
        world.pass_time(seconds=LEASE.total_seconds())
        for _ in range(2):
            await world.sweep()
        check_books(world)
        if "o001" in world.orders.orders:
            check_life(world.orders.orders["o001"], world, paid=paid)

    assert await every_interleaving(run) > 1


def check_books(world: World) -> None:
    """Nothing is left undone, and the catalog holds what pending orders and sales ask for."""
    for order in world.orders.orders.values():
        assert order.status is not OrderStatus.CREATED
        assert order.release_due_at is None
    cancelled = {order_id for event, order_id in world.announced() if event == "OrderCancelled"}
    held = {key: value for key, value in world.catalog.held.items() if key not in cancelled}
    assert held == {
        order.id: {line.product_id: line.quantity for line in order.lines} for order in world.live()
    }
    assert world.catalog.stock["lamp"].available >= 0
    keys = [(each.buyer, each.key) for each in world.orders.orders.values()]
    assert len(set(keys)) == len(keys)


def check_life(order: Order, world: World, *, paid: bool) -> None:
    """What was announced of an order is one life, that leads to where it stands."""
    announced = [event for event, order_id in world.announced() if order_id == order.id]
    lives: dict[OrderStatus, list[list[str]]] = {
        OrderStatus.PENDING: [["OrderCreated"]],
        OrderStatus.COMPLETED: [["OrderCreated", "OrderCompleted"]],
        OrderStatus.CANCELLED: [
            [],
            ["OrderCreated", "OrderCancelled"],
            ["OrderCreated", "OrderCompleted", "OrderCancelled"],
        ],
    }
    assert announced in lives[order.status]
    heard = [entry.event_id for entry in order.timeline if entry.event_id]
    assert len(set(heard)) == len(heard)
    assert order.status is not OrderStatus.COMPLETED or paid

"""A process that is killed at any moment of a payment: money moves once, and none is forgotten."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from chassis.currencies import Money
from chassis.errors import Refusal
from svc_payments.model.payment import PaymentStatus
from tests.unit.svc_orders.killing import Fuse, Killed, moments
from tests.unit.svc_payments.fake_stripe import Fault
from tests.unit.svc_payments.fakes import delivery
from tests.unit.svc_payments.world import Process, World

pytestmark = pytest.mark.anyio

Step = Callable[[World, Process], Awaitable[object]]
Before = Callable[[World], Awaitable[object]]


async def nothing(world: World) -> None:
    """A fresh order."""


async def paid(world: World) -> None:
    await world.pay()


async def confirmed(world: World) -> None:
    """The shopper has confirmed at their bank, and nobody knows yet."""
    await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=True)


async def not_confirmed(world: World) -> None:
    await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=False)


async def confirming(world: World) -> None:
    await world.pay("secure")


def pays(name: str) -> Step:
    async def step(world: World, process: Process) -> None:
        await world.pay(name, process=process)

    return step


def refunds(amount: int | None) -> Step:
    async def step(world: World, process: Process) -> None:
        money = None if amount is None else Money(amount, "USD")
        await process.refund("p001", money, restock=False, key="k")

    return step


def ends_order(*, was_completed: bool) -> Step:
    async def step(world: World, process: Process) -> None:
        await world.end_order(was_completed=was_completed, process=process)

    return step


async def refunded_by_hand(world: World) -> None:
    """Somebody gave a part back in Stripe's dashboard, and nobody knows yet."""
    await world.pay()
    world.stripe.refund_by_hand("pi_1", 500)


async def refund_failed(world: World) -> None:
    """The money of a dead order did not arrive, and nobody knows yet."""
    await world.pay()
    await world.end_order(was_completed=True)
    world.stripe.fail_refund(world.only().refunds[0].stripe_id)


async def hears_of_a_refund(world: World, process: Process) -> None:
    await world.hear(process=process)


async def takes_webhook(world: World, process: Process) -> None:
    await process.follow_stripe.delivered(delivery("evt", "pi_1", "p001"), "good")


async def sweeps(world: World, process: Process) -> None:
    world.now = world.only().attend_at or world.now
    await process.settle.sweep()


CASES: dict[str, tuple[Before, Step]] = {
    "good card": (nothing, pays("visa")),
    "declined card": (nothing, pays("poor")),
    "no card at all": (nothing, pays("bogus")),
    "card to be confirmed": (nothing, pays("secure")),
    "again after a confirmation": (confirmed, pays("secure")),
    "another card instead": (confirming, pays("visa")),
    "another card after a failed confirmation": (not_confirmed, pays("visa")),
    "another card after a confirmation": (confirmed, pays("visa")),
    "webhook of a confirmation": (confirmed, takes_webhook),
    "webhook of a failed confirmation": (not_confirmed, takes_webhook),
    "sweep after a confirmation": (confirmed, sweeps),
    "webhook of a refund by hand": (refunded_by_hand, hears_of_a_refund),
    "webhook of a failed refund": (refund_failed, hears_of_a_refund),
    "partial refund": (paid, refunds(500)),
    "full refund": (paid, refunds(None)),
    "completed order cancelled": (paid, ends_order(was_completed=True)),
    "completed order cancelled after a refund by hand": (
        refunded_by_hand,
        ends_order(was_completed=True),
    ),
    "paid order expired": (paid, ends_order(was_completed=False)),
    "order cancelled during a confirmation": (confirming, ends_order(was_completed=False)),
    "order cancelled after a confirmation": (confirmed, ends_order(was_completed=False)),
}

# Kafka and Stripe deliver again what was not handled to its end.
EVENTS = {
    "webhook of a refund by hand",
    "webhook of a failed refund",
    "completed order cancelled",
    "completed order cancelled after a refund by hand",
    "paid order expired",
    "order cancelled during a confirmation",
    "order cancelled after a confirmation",
}


async def then_nothing(world: World) -> None:
    """Nobody comes back."""


async def then_again(world: World) -> None:
    """The shopper tries the same card again, at once and later."""
    for _ in range(2):
        with suppress(Refusal):
            await world.pay("visa")
        await world.sweep(seconds=15)


async def then_other_card(world: World) -> None:
    with suppress(Refusal):
        await world.pay("visa_2")


async def then_cancelled(world: World) -> None:
    await world.end_order()


AFTERWARDS = (then_nothing, then_again, then_other_card, then_cancelled)


async def calls_in(case: str) -> int:
    before, step = CASES[case]
    world = World(looks=2)
    await before(world)
    fuse = Fuse()
    with suppress(Refusal):
        await step(world, world.start(fuse))
    return fuse.calls


@pytest.mark.parametrize("afterwards", AFTERWARDS)
@pytest.mark.parametrize("case", CASES)
async def test_the_sweep_ends_what_a_killed_process_began(case: str, afterwards: Before) -> None:
    before, step = CASES[case]
    calls = await calls_in(case)
    assert calls >= 3
    for fuse in moments(calls):
        world = World(looks=2)
        await before(world)
        with pytest.raises(Killed):
            await step(world, world.start(fuse))
        await afterwards(world)
        if case in EVENTS:
            await step(world, world.process)
        await world.settle_down()
        world.check_books()


@pytest.mark.parametrize("case", ["good card", "completed order cancelled", "full refund"])
async def test_the_sweep_itself_may_be_killed(case: str) -> None:
    before, step = CASES[case]
    for at in range(1, 12):
        for fault in Fault:
            world = World(looks=2)
            await before(world)
            world.stripe.faults = [fault]
            world.stripe.deaf = True
            with suppress(Refusal):
                await step(world, world.process)
            world.stripe.deaf = False
            for fuse in (Fuse(at), Fuse(at, after=True)):
                with suppress(Killed):
                    await sweeps(world, world.start(fuse))
            await world.settle_down()
            world.check_books()
            if case == "full refund":
                assert world.only().status is PaymentStatus.REFUNDED

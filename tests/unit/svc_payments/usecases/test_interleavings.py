"""Two calls that run at once: in every order of their calls to the outside, money moves once."""

from collections import Counter
from itertools import combinations_with_replacement

import pytest

from chassis.currencies import Money
from chassis.errors import Refusal
from svc_payments.model.payment import Payment, PaymentStatus
from tests.support.interleaving import Turns, every_interleaving
from tests.unit.svc_payments.usecases.test_crashes import (
    Before,
    Step,
    confirmed,
    confirming,
    ends_order,
    hears_of_a_refund,
    not_confirmed,
    nothing,
    paid,
    pays,
    refund_failed,
    refunded_by_hand,
    refunds,
    sweeps,
    takes_webhook,
)
from tests.unit.svc_payments.world import Process, World

pytestmark = pytest.mark.anyio


async def unanswered(world: World) -> None:
    """The money was taken, and nobody knows yet."""
    await world.pay_unanswered()


async def looks(world: World, process: Process) -> None:
    await process.get("ann", "p001")


PAY: dict[str, Step] = {"pay": pays("visa"), "pay by another card": pays("visa_2")}
CONFIRM: dict[str, Step] = {
    "pay again": pays("secure"),
    "pay by another card": pays("visa"),
    "webhook": takes_webhook,
    "look": looks,
    "sweep": sweeps,
    "end of the order": ends_order(was_completed=False),
}
REFUND: dict[str, Step] = {
    "refund of a part": refunds(500),
    "refund of all": refunds(None),
    "webhook": hears_of_a_refund,
    "end of the order": ends_order(was_completed=True),
}
CASES: dict[str, tuple[Before, dict[str, Step]]] = {
    "new": (
        nothing,
        PAY
        | {
            "pay by a poor card": pays("poor"),
            "pay by a card to be confirmed": pays("secure"),
            "end of the order": ends_order(was_completed=False),
        },
    ),
    "unanswered": (
        unanswered,
        PAY
        | {
            "webhook": takes_webhook,
            "sweep": sweeps,
            "end of the order": ends_order(was_completed=False),
        },
    ),
    "confirming": (confirming, CONFIRM),
    "confirmed": (confirmed, CONFIRM),
    "not confirmed": (not_confirmed, CONFIRM),
    "paid": (paid, REFUND),
    "refunded by hand": (refunded_by_hand, REFUND),
    "refund failed": (refund_failed, {"webhook": hears_of_a_refund, "sweep": sweeps}),
}
PAIRS = [
    (case, one, other)
    for case, (_, steps) in CASES.items()
    for one, other in combinations_with_replacement(steps, 2)
]


@pytest.mark.parametrize(("case", "one", "other"), PAIRS)
async def test_whatever_two_do_at_once_the_books_are_right(case: str, one: str, other: str) -> None:
    before, steps = CASES[case]

    async def run(turns: Turns) -> None:
        world = World(looks=2)
        await before(world)
        outcomes = await turns.both(
            *(steps[name](world, world.start(turns)) for name in (one, other))
        )
        assert all(each is None or isinstance(each, Refusal) for each in outcomes), outcomes
        if world.stripe.intents:
            await world.hear("later")  # of what was done by hand
        await world.settle_down()
        world.check_books()

    assert await every_interleaving(run) > 1


async def test_two_refunds_with_one_key_are_one() -> None:
    async def run(turns: Turns) -> None:
        world = World()
        await world.pay()
        outcomes = await turns.both(
            *(
                world.start(turns).refund("p001", Money(500, "USD"), restock=False, key="k")
                for _ in range(2)
            )
        )
        assert all(isinstance(each, Payment) for each in outcomes)
        await world.settle_down()
        assert world.stripe.net_charges("o1") == [1500]
        world.check_books()

    assert await every_interleaving(run) > 10


async def test_of_two_refunds_of_all_one_goes_back() -> None:
    """Without a key there is nothing left for the second."""

    async def run(turns: Turns) -> None:
        world = World()
        await world.pay()
        outcomes = await turns.both(
            *(world.start(turns).refund("p001", None, restock=False) for _ in range(2))
        )
        kinds = Counter(type(each).__name__ for each in outcomes)
        assert kinds == {"Payment": 1, "RefundNotPossible": 1}
        assert world.only().status is PaymentStatus.REFUNDED

    assert await every_interleaving(run) > 10

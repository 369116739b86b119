"""Everything at once, in any order, with any faults: the books are right in the end."""

import asyncio
from contextlib import suppress
from random import Random

import pytest

from chassis.currencies import Money
from chassis.errors import Refusal
from tests.unit.svc_payments.fake_stripe import CHALLENGE_FAILED, Fault
from tests.unit.svc_payments.fakes import delivery
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio


async def pays_somehow(world: World, random: Random) -> None:
    name = random.choice(["visa", "visa_2", "poor", "secure", "bogus", "slow"])
    await world.pay(name, key=random.choice(["", "", "", name + "a", name + "b"]))


async def goes_to_the_bank(world: World, random: Random) -> None:
    for stripe_id, made in list(world.stripe.intents.items()):
        if random.random() < 0.5:
            world.stripe.answer_challenge(stripe_id, passed=random.random() < 0.7)
            # Who failed at their bank has the client secret, and may try another card with it.
            if made.failure is CHALLENGE_FAILED:
                world.stripe.confirm_again(stripe_id)


async def hears_a_webhook(world: World, random: Random) -> None:
    for stripe_id in random.sample(list(world.stripe.intents), min(1, len(world.stripe.intents))):
        body = delivery(f"e{random.random()}", stripe_id, "p001")
        await world.process.follow_stripe.delivered(body, "good")


async def goes_to_the_dashboard(world: World, random: Random) -> None:
    for stripe_id, made in list(world.stripe.intents.items()):
        if random.random() < 0.3:
            world.stripe.refund_by_hand(stripe_id, random.choice([100, 2000]))
        elif made.refunds and random.random() < 0.3:
            world.stripe.fail_refund(random.choice(made.refunds).id)


async def hears_of_refunds(world: World, random: Random) -> None:
    for stripe_id in list(world.stripe.intents):
        await world.hear(f"e{random.random()}", stripe_id)


async def looks(world: World, random: Random) -> None:
    await world.process.get("ann", random.choice(["p001", "p002"]))


async def hears_of_the_end(world: World, random: Random) -> None:
    if random.random() < 0.3:
        await world.end_order(was_completed=random.random() < 0.5)


async def gives_back(world: World, random: Random) -> None:
    if random.random() < 0.3:
        amount = random.choice([None, Money(500, "USD")])
        await world.process.refund("p001", amount, restock=False, key=random.choice("ab"))


ACTS = (
    *(pays_somehow, pays_somehow, pays_somehow, goes_to_the_bank, hears_a_webhook),
    *(looks, hears_of_the_end, gives_back, goes_to_the_dashboard, hears_of_refunds),
)


async def actor(world: World, random: Random) -> None:
    """Somebody does something, at some time."""
    for _ in range(random.randrange(20)):
        await asyncio.sleep(0)
    with suppress(Refusal):
        await random.choice(ACTS)(world, random)


@pytest.mark.parametrize("seed", range(60))
async def test_whatever_happens_at_once_the_books_are_right_in_the_end(seed: int) -> None:
    random = Random(seed)
    world = World(looks=3)
    for _ in range(3):
        world.stripe.faults = random.choices(list(Fault), k=random.randrange(3))
        world.stripe.deaf = random.random() < 0.3
        await asyncio.gather(
            *(actor(world, random) for _ in range(8)), world.process.settle.sweep()
        )
        world.stripe.deaf = False
        await world.sweep(seconds=random.choice([1, 10, 60, 150]))
    await world.settle_down()
    await hears_of_refunds(world, random)
    await world.settle_down()
    world.check_books()

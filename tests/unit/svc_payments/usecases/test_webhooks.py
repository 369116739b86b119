"""What Stripe tells, in any order and any number of times."""

import asyncio
from typing import cast

import pytest

from chassis.errors import Unavailable
from svc_payments.model.intents import IntentStatus
from svc_payments.model.payment import PaymentStatus
from svc_payments.model.refusals import WebhookInvalid
from tests.support.tracing import Trace
from tests.unit.svc_orders.killing import Fuse
from tests.unit.svc_payments.fake_stripe import Fault, Made
from tests.unit.svc_payments.fakes import delivery
from tests.unit.svc_payments.world import GIVE_UP_AFTER, World

pytestmark = pytest.mark.anyio


async def test_a_lost_webhook_is_made_up_for() -> None:
    world = World()
    await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=True)
    await world.sweep(seconds=30)
    assert world.only().status is PaymentStatus.SUCCEEDED


async def test_a_charge_found_after_it_was_given_up_is_undone_unheard() -> None:
    world = World(looks=1)
    await world.pay_unanswered(Fault.ERROR_BEFORE)
    await world.sweep(seconds=GIVE_UP_AFTER.total_seconds())
    failed = world.only()
    assert failed.status is PaymentStatus.FAILED
    # It was only late: Stripe made it after all, and its webhook tells.
    stripe_id = world.stripe._confirm(failed).id
    paid = await world.pay()
    await world.process.follow_stripe.delivered(delivery("evt", stripe_id, failed.id), "good")
    stray = world.payment(failed.id)
    assert (stray.status, stray.is_stray) == (PaymentStatus.FAILED, True)
    assert stray.refunded_minor == 2000
    assert world.stripe.net_charges("o1") == [2000]
    assert world.payment(paid.id).status is PaymentStatus.SUCCEEDED
    assert world.announced() == ["PaymentFailed", "PaymentCreated"]


async def test_a_webhook_that_comes_before_the_answer_counts_once() -> None:
    world = World()
    tasks: list[asyncio.Task[None]] = []

    def deliver() -> None:
        body = delivery("evt", "pi_1", "p001")
        tasks.append(asyncio.create_task(world.process.follow_stripe.delivered(body, "good")))

    world.stripe.meanwhile = deliver
    payment = await world.pay()
    await asyncio.gather(*tasks)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert world.announced() == ["PaymentCreated"]


async def test_a_webhook_tells_of_a_confirmation() -> None:
    world = World()
    await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=True)
    for _ in range(2):
        await world.process.follow_stripe.delivered(delivery("evt", "pi_1"), "good")
    assert world.only().status is PaymentStatus.SUCCEEDED
    assert world.announced() == ["PaymentCreated"]


@pytest.mark.parametrize("is_the_same", [True, False])
async def test_a_webhook_of_a_charge_whose_answer_was_taken_asks_and_writes_nothing(
    *, is_the_same: bool
) -> None:
    world = World()
    trace = Trace()
    process = world.start(cast("Fuse", trace))
    await world.pay(process=process if is_the_same else world.process)
    trace.calls.clear()
    await process.follow_stripe.delivered(delivery("evt", "pi_1"), "good")
    # Another process has to look whether the outcome was taken.
    assert [call.method for call in trace.calls] == (
        [] if is_the_same else ["FakePayments.by_stripe_id"]
    )


async def test_a_webhook_while_stripe_is_away_is_to_come_again() -> None:
    world = World()
    await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=True)
    world.stripe.away = True
    with pytest.raises(Unavailable):
        await world.process.follow_stripe.delivered(delivery("evt", "pi_1"), "good")
    world.stripe.away = False
    await world.process.follow_stripe.delivered(delivery("evt", "pi_1"), "good")
    assert world.only().status is PaymentStatus.SUCCEEDED


async def test_webhooks_of_nothing_of_ours_are_taken() -> None:
    world = World()
    payment = await world.pay("secure")
    await world.process.follow_stripe.delivered(delivery("e1", "pi_unknown", "nothing"), "good")
    await world.process.follow_stripe.delivered(delivery("e2", ""), "good")
    # Another intent that claims to be for our payment.
    world.stripe.intents["pi_9"] = Made("pi_9", "else", "o9", 1, IntentStatus.SUCCEEDED)
    await world.process.follow_stripe.delivered(delivery("e3", "pi_9", payment.id), "good")
    assert world.only() == payment


async def test_an_unsigned_webhook_is_refused() -> None:
    world = World()
    with pytest.raises(WebhookInvalid):
        await world.process.follow_stripe.delivered(delivery("e1", "pi_1"), "forged")

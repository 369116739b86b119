"""What happens to refunds at Stripe: some are made by hand there, and some do not arrive."""

import asyncio

import pytest

from chassis.errors import InvalidField, Unavailable
from svc_payments.model.intents import IntentStatus
from svc_payments.model.payment import PaymentRefunded, PaymentStatus
from svc_payments.model.refunds import RefundStatus
from svc_payments.model.refusals import RefundNotPossible
from tests.unit.svc_payments.fake_stripe import CARD_EXPIRED, Fault, Made
from tests.unit.svc_payments.fakes import delivery
from tests.unit.svc_payments.usecases.test_refund_payment import paid
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio


async def test_a_refund_made_by_hand_is_announced_like_ours() -> None:
    world = World()
    await paid(world)
    world.stripe.refund_by_hand("pi_1", 500)
    await world.hear("e1")
    part = world.only()
    assert (part.status, part.refunded_minor) == (PaymentStatus.SUCCEEDED, 500)
    assert world.payments.events[-1] == PaymentRefunded(part, is_full=False, restock=False)
    world.stripe.refund_by_hand("pi_1", 1500)
    await world.hear("e2")
    assert world.only().status is PaymentStatus.REFUNDED
    assert world.payments.events[-1] == PaymentRefunded(world.only(), is_full=True, restock=False)
    world.check_books()


async def test_webhooks_of_one_refund_at_once_tell_it_once() -> None:
    world = World()
    await paid(world)
    world.stripe.refund_by_hand("pi_1", 500)
    await asyncio.gather(*(world.hear(f"e{number}") for number in range(5)), world.hear("e0"))
    assert world.announced() == ["PaymentCreated", "PaymentRefunded"]
    world.check_books()


async def test_a_webhook_of_our_own_refund_that_comes_before_its_answer_counts_once() -> None:
    world = World()
    payment_id = await paid(world)
    world.stripe.faults = [Fault.LOST_AFTER]
    with pytest.raises(Unavailable):
        await world.process.refund(payment_id, None, restock=True)
    await world.hear()
    assert world.payments.events[-1] == PaymentRefunded(world.only(), is_full=True, restock=True)
    await world.settle_down()
    assert world.announced() == ["PaymentCreated", "PaymentRefunded"]
    world.check_books()


async def test_a_refund_may_be_heard_of_before_its_charge() -> None:
    world = World(looks=1)
    await world.pay_unanswered()
    world.stripe.refund_by_hand("pi_1", 2000)
    body = delivery("evt", "pi_1", "p001", is_about_refunds=True)
    await world.process.follow_stripe.delivered(body, "good")
    assert world.announced() == ["PaymentCreated", "PaymentRefunded"]
    assert world.only().status is PaymentStatus.REFUNDED


async def test_of_what_was_never_charged_nothing_is_asked() -> None:
    world = World()
    with pytest.raises(InvalidField):
        await world.pay("bogus")
    failed = world.only()
    world.stripe.intents["pi_9"] = Made("pi_9", "p001", "o1", 2000, IntentStatus.PROCESSING)
    body = delivery("evt", "pi_9", "p001", is_about_refunds=True)
    await world.process.follow_stripe.delivered(body, "good")
    assert world.only() == failed


async def test_a_webhook_while_stripe_is_away_is_to_come_again() -> None:
    world = World()
    await paid(world)
    world.stripe.refund_by_hand("pi_1", 500)
    world.stripe.away = True
    with pytest.raises(Unavailable):
        await world.hear()
    world.stripe.away = False
    await world.hear()
    assert world.only().refunded_minor == 500


async def test_without_a_webhook_it_is_learned_when_we_refund_too() -> None:
    world = World()
    payment_id = await paid(world)
    world.stripe.refund_by_hand("pi_1", 2000)
    with pytest.raises(RefundNotPossible):
        await world.process.refund(payment_id, None, restock=True)
    payment = world.only()
    assert (payment.status, payment.refunded_minor) == (PaymentStatus.REFUNDED, 2000)
    (_, refunded) = world.payments.events
    assert isinstance(refunded, PaymentRefunded)
    assert (refunded.is_full, refunded.restock) == (True, False)
    world.check_books()


async def test_ours_that_crosses_with_one_by_hand_gives_back_no_more_than_is_left() -> None:
    world = World()
    await paid(world)
    world.stripe.refund_by_hand("pi_1", 500)
    await world.end_order(was_completed=True)
    assert world.only().refunded_minor == 500
    await world.settle_down()
    payment = world.only()
    assert payment.status is PaymentStatus.REFUNDED
    assert sorted(
        each.amount_minor for each in payment.refunds if each.status is RefundStatus.SUCCEEDED
    ) == [500, 1500]
    assert world.payments.events[-1] == PaymentRefunded(payment, is_full=True, restock=True)
    world.check_books()


async def test_a_refund_that_does_not_arrive_is_made_again() -> None:
    world = World()
    await paid(world)
    await world.end_order(was_completed=True)
    assert world.only().status is PaymentStatus.REFUNDED
    world.stripe.fail_refund(world.only().refunds[0].stripe_id)
    await world.hear("e1")
    failed = world.only()
    assert (failed.status, failed.refunded_minor) == (PaymentStatus.SUCCEEDED, 0)
    assert failed.refunds[0].status is RefundStatus.FAILED
    assert failed.refunds[0].detail == CARD_EXPIRED
    # No sooner than a refused one.
    await world.hear("e2")
    await world.sweep(seconds=14)
    assert world.stripe.net_charges("o1") == [2000]
    await world.sweep(seconds=1)
    await world.hear("e3")
    await world.settle_down()
    assert world.only().status is PaymentStatus.REFUNDED
    assert [each.id for each in world.only().refunds] == ["p001", "p001-2"]
    world.check_books()


async def test_a_failure_heard_of_before_the_answer_is_not_forgotten() -> None:
    world = World()
    await paid(world)
    world.stripe.faults = [Fault.LOST_AFTER]
    await world.end_order(was_completed=True)
    world.stripe.fail_refund(world.stripe.intents["pi_1"].refunds[0].id)
    await world.hear()
    assert world.only().refunds[0].status is RefundStatus.FAILED
    await world.settle_down()
    assert world.only().status is PaymentStatus.REFUNDED
    assert world.announced() == ["PaymentCreated", "PaymentRefunded"]
    world.check_books()


async def test_a_refund_by_hand_that_does_not_arrive_is_left_to_whoever_made_it() -> None:
    world = World()
    await paid(world)
    refund_id = world.stripe.refund_by_hand("pi_1", 500)
    await world.hear("e1")
    world.stripe.fail_refund(refund_id)
    await world.hear("e2")
    await world.settle_down()
    assert world.only().refunded_minor == 0
    assert world.stripe.net_charges("o1") == [2000]
    world.check_books()


async def test_what_went_back_by_hand_of_a_dead_order_and_did_not_arrive_is_made_again() -> None:
    world = World()
    await paid(world)
    refund_id = world.stripe.refund_by_hand("pi_1", 2000)
    await world.hear("e1")
    await world.end_order(was_completed=True)
    world.stripe.fail_refund(refund_id)
    await world.hear("e2")
    await world.settle_down()
    assert world.payments.events[-1] == PaymentRefunded(world.only(), is_full=True, restock=False)
    world.check_books()

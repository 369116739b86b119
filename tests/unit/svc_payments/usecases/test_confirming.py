"""Payments that their shopper has to confirm."""

import pytest

from svc_payments.model.payment import PaymentStatus
from svc_payments.model.refusals import (
    CardDeclined,
    PaymentInProgress,
)
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio


async def test_a_confirmation_is_asked_for_and_the_same_card_gets_it_again() -> None:
    world = World()
    payment = await world.pay("secure")
    assert payment.status is PaymentStatus.REQUIRES_ACTION
    assert (payment.client_secret, payment.action_url) == ("pi_1_secret", "https://bank/pi_1")
    assert await world.pay("secure") == payment
    assert world.announced() == []
    world.stripe.answer_challenge("pi_1", passed=True)
    paid = await world.pay("secure")
    assert (paid.id, paid.status) == (payment.id, PaymentStatus.SUCCEEDED)
    assert world.stripe.charges == 1


async def test_a_failed_confirmation_ends_the_attempt_for_good() -> None:
    world = World()
    await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=False)
    with pytest.raises(CardDeclined) as refused:
        await world.pay("secure")
    assert refused.value.decline_code == "payment_intent_authentication_failure"
    # The browser still has the client secret: nothing can come of it any more.
    assert not world.stripe.confirm_again("pi_1")
    assert (await world.pay()).status is PaymentStatus.SUCCEEDED
    assert world.stripe.net_charges("o1") == [2000]


async def test_another_card_takes_the_place_of_one_that_waits_for_its_shopper() -> None:
    world = World()
    first = await world.pay("secure")
    second = await world.pay()
    assert second.status is PaymentStatus.SUCCEEDED
    assert world.payment(first.id).status is PaymentStatus.FAILED
    world.stripe.answer_challenge("pi_1", passed=True)
    assert world.stripe.net_charges("o1") == [2000]


async def test_a_shopper_faster_than_their_other_card_has_paid() -> None:
    world = World()
    first = await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=True)
    second = await world.pay("visa")
    assert (second.id, second.status) == (first.id, PaymentStatus.SUCCEEDED)
    assert world.stripe.charges == 1


async def test_another_card_waits_while_stripe_is_away() -> None:
    world = World()
    await world.pay("secure")
    world.stripe.away = True
    for name in ("secure", "visa"):
        with pytest.raises(PaymentInProgress):
            await world.pay(name)
    world.stripe.away = False
    assert (await world.pay("visa")).status is PaymentStatus.SUCCEEDED
    await world.settle_down()
    world.check_books()

"""What the port Processor promises: on the fake, and on Stripe's own library and its emulator."""

import asyncio
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import pytest

from chassis.clock import utcnow
from chassis.currencies import Money
from chassis.ids import new_id
from chassis.resilience.circuit_breakers import NEAR, CircuitBreakers, states
from svc_payments.model.intents import FailureKind, IntentStatus
from svc_payments.model.payment import Card, CardKind, Payment
from svc_payments.model.refunds import Refund
from svc_payments.peers.stripe_api import StripeApi
from svc_payments.usecases.ports import ChargeRefused, OutcomeUnknown
from tests.contract.svc_payments.conftest import CARDS, TIMEOUT, ProcessorUnderTest
from tests.support.relays import relay_to
from tests.support.stripe import Emulator
from tests.unit.svc_payments.world import ITEMS, LIFETIME

pytestmark = pytest.mark.anyio


def payment(card: str, kind: CardKind = CardKind.PAYMENT_METHOD) -> Payment:
    now = utcnow()
    payment_id = new_id()
    return Payment(
        id=payment_id,
        order_id=f"order-{payment_id}",
        user_id="ann",
        key="k",
        card=Card(kind, card),
        amount=Money(2000, "USD"),
        items=ITEMS,
        description="Order o1: 2 × Lamp",
        created_at=now,
        expires_at=now + LIFETIME,
    )


async def charged(processor: ProcessorUnderTest, card: str = "visa") -> Payment:
    new = payment(processor.cards[card])
    intent = await processor.port.charge(new)
    return replace(new, stripe_id=intent.id)


async def test_a_good_card(processor: ProcessorUnderTest) -> None:
    new = payment(processor.cards["visa"])
    intent = await processor.port.charge(new)
    assert (intent.status, intent.payment_id) == (IntentStatus.SUCCEEDED, new.id)
    assert await processor.port.charge(new) == intent
    assert await processor.port.retrieve(intent.id) == intent
    assert await processor.port.find(new) == intent


async def test_charges_at_once_with_one_key_are_one(processor: ProcessorUnderTest) -> None:
    new = payment(processor.cards["visa"])
    answers = await asyncio.gather(
        *(processor.port.charge(new) for _ in range(5)), return_exceptions=True
    )
    intents = {each.id for each in answers if not isinstance(each, BaseException)}
    assert len(intents) == 1
    assert all(isinstance(each, OutcomeUnknown) for each in answers if isinstance(each, Exception))


async def test_a_declined_card_says_why_and_leaves_its_intent(
    processor: ProcessorUnderTest,
) -> None:
    new = payment(processor.cards["poor"])
    for _ in range(2):
        intent = await processor.port.charge(new)
        assert intent.status is IntentStatus.DECLINED
        assert (intent.failure.kind, intent.failure.code) == (
            FailureKind.DECLINED,
            "insufficient_funds",
        )
        assert intent.failure.message == "Your card has insufficient funds."
    found = await processor.port.find(new)
    assert found is not None
    assert (found.id, found.status, found.failure) == (intent.id, intent.status, intent.failure)


async def test_a_card_that_is_none(processor: ProcessorUnderTest) -> None:
    new = payment(processor.cards["bogus"])
    with pytest.raises(ChargeRefused) as refused:
        await processor.port.charge(new)
    assert refused.value.failure.kind is FailureKind.INVALID_CARD
    assert await processor.port.find(new) is None


async def test_a_card_to_be_confirmed(processor: ProcessorUnderTest) -> None:
    confirming = await charged(processor, "secure")
    intent = await processor.port.retrieve(confirming.stripe_id)
    assert intent.status is IntentStatus.REQUIRES_ACTION
    assert intent.client_secret
    processor.answer_challenge(intent.id, True)
    assert (await processor.port.retrieve(intent.id)).status is IntentStatus.SUCCEEDED


async def test_a_confirmation_that_failed(processor: ProcessorUnderTest) -> None:
    confirming = await charged(processor, "secure")
    processor.answer_challenge(confirming.stripe_id, False)
    intent = await processor.port.retrieve(confirming.stripe_id)
    assert intent.status is IntentStatus.DECLINED
    assert intent.failure.code == "payment_intent_authentication_failure"
    assert "PaymentMethod" not in intent.failure.message
    canceled = await processor.port.cancel(confirming.stripe_id)
    assert canceled.status is IntentStatus.CANCELED
    assert canceled.failure.code == "payment_intent_authentication_failure"


async def test_a_slow_bank(processor: ProcessorUnderTest) -> None:
    slow = await charged(processor, "slow")
    assert (await processor.port.retrieve(slow.stripe_id)).status is IntentStatus.PROCESSING


async def test_nothing_comes_of_a_canceled_intent(processor: ProcessorUnderTest) -> None:
    confirming = await charged(processor, "secure")
    for _ in range(2):
        canceled = await processor.port.cancel(confirming.stripe_id)
        assert canceled.status is IntentStatus.CANCELED
    processor.answer_challenge(confirming.stripe_id, True)
    intent = await processor.port.retrieve(confirming.stripe_id)
    assert intent.status is IntentStatus.CANCELED


async def test_what_succeeded_is_not_canceled(processor: ProcessorUnderTest) -> None:
    paid = await charged(processor)
    assert (await processor.port.cancel(paid.stripe_id)).status is IntentStatus.SUCCEEDED


# What only Stripe's library and the emulator can show.


async def test_a_legacy_token(stripe_api: StripeApi) -> None:
    intent = await stripe_api.charge(payment("tok_visa", CardKind.TOKEN))
    assert intent.status is IntentStatus.SUCCEEDED
    declined = await stripe_api.charge(payment("tok_chargeDeclined", CardKind.TOKEN))
    assert declined.status is IntentStatus.DECLINED


async def test_a_token_is_spent_once_however_often_the_call_is_repeated(
    stripe_api: StripeApi, stripe: Emulator
) -> None:
    new = payment("tok_visa", CardKind.TOKEN)
    intent = await stripe_api.charge(new)
    assert await stripe_api.charge(new) == intent
    assert stripe.net_charges(new.order_id) == [2000]
    with pytest.raises(ChargeRefused) as refused:
        await stripe_api.charge(payment("tok_bogus", CardKind.TOKEN))
    assert refused.value.failure.kind is FailureKind.INVALID_CARD


async def test_what_stripe_does_not_understand_is_no_fault_of_the_card(
    stripe_api: StripeApi,
) -> None:
    odd = replace(payment(CARDS["visa"]), amount=Money(2000, "XYZ"))
    with pytest.raises(ChargeRefused) as refused:
        await stripe_api.charge(odd)
    assert refused.value.failure.kind is FailureKind.INTEGRATION


async def test_the_bank_sends_the_shopper_back_to_the_order(stripe: Emulator) -> None:
    api = StripeApi(stripe.secret_key, url=stripe.url, return_url="https://shop/orders/{order_id}")
    new = payment(CARDS["secure"])
    intent = await api.charge(new)
    await api.close()
    assert intent.action_url.startswith(f"{stripe.url}/3ds/{intent.id}?")
    assert stripe.return_url(intent.id) == f"https://shop/orders/{new.order_id}"


async def test_without_a_way_back_the_page_shows_the_challenge(stripe_api: StripeApi) -> None:
    assert (await stripe_api.charge(payment(CARDS["secure"]))).action_url == ""


async def test_the_library_asks_again_when_an_answer_is_late(
    stripe_api: StripeApi, stripe: Emulator
) -> None:
    new = payment(CARDS["visa"])
    stripe.switch_on("timeout_after_charge", seconds=5)
    assert (await stripe_api.charge(new)).status is IntentStatus.SUCCEEDED
    assert stripe.net_charges(new.order_id) == [2000]


BEFORE = ["error_500_before", "conflict_409", "rate_limit_429"]
AFTER = ["error_500"]


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
async def test_of_a_call_without_an_answer_the_outcome_is_found_or_repeated(
    fault: str, stripe_api: StripeApi, stripe: Emulator
) -> None:
    new = payment(CARDS["visa"])
    # Once for the call, and once for the library's own repetition.
    stripe.switch_on(fault, times=2)
    with pytest.raises(OutcomeUnknown):
        await stripe_api.charge(new)
    stripe.clear()
    found = await stripe_api.find(new)
    assert (found is not None) == (fault in AFTER)
    if found is None:
        assert (await stripe_api.charge(new)).status is IntentStatus.SUCCEEDED
    assert stripe.net_charges(new.order_id) == [2000]


async def test_a_stripe_that_is_away(stripe: Emulator) -> None:
    api = StripeApi("sk_test_x", url="http://127.0.0.1:1")
    new = replace(payment("pm_card_visa"), stripe_id="pi_1")
    part = Refund("r1", "", 500, restock=False, begun_at=utcnow())
    for call in (
        api.charge(new),
        api.find(new),
        api.retrieve("pi_1"),
        api.cancel("pi_1"),
        api.refund(new, part),
        api.refunds(new),
    ):
        with pytest.raises(OutcomeUnknown):
            await call
    await api.close()


async def test_a_stripe_that_hangs_is_asked_no_more_and_what_it_did_stays_open(
    stripe: Emulator,
) -> None:
    breakers = CircuitBreakers()
    async with relay_to(urlsplit(stripe.url).port or 80) as before_stripe:
        url = f"http://127.0.0.1:{before_stripe.port}"
        of_stripe = partial(breakers.of, "stripe", backoff=NEAR)
        api = StripeApi(stripe.secret_key, url=url, timeout=TIMEOUT, breaker=of_stripe)
        paid = payment("pm_card_visa")
        assert (await api.charge(paid)).status is IntentStatus.SUCCEEDED
        before_stripe.hold_up()
        # Two requests each.
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await api.charge(payment("pm_card_visa"))
        asked = before_stripe.connections
        new = payment("pm_card_visa")
        with pytest.raises(OutcomeUnknown):
            await api.charge(new)
        with pytest.raises(OutcomeUnknown):
            await api.find(new)
        assert before_stripe.connections - asked <= 1, "but for a probe"
        assert stripe.net_charges(new.order_id) == []
        before_stripe.let_go()
        async with asyncio.timeout(20):
            while states()["stripe"] != "closed":
                await asyncio.sleep(0.01)
        assert await api.find(new) is None
        assert (await api.charge(new)).status is IntentStatus.SUCCEEDED
        # The emulator, which was stopped as little as Stripe is, may have done the others too.
        assert stripe.net_charges(paid.order_id) == [2000]
        await api.close()
    await breakers.aclose()


async def test_errors_that_stripe_answers_with_are_answers(stripe: Emulator) -> None:
    breakers = CircuitBreakers(failures=1)
    api = StripeApi("wrong", url=stripe.url, breaker=partial(breakers.of, "stripe"))
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="AuthenticationError"):
            await api.charge(payment("pm_card_visa"))
    assert states()["stripe"] == "closed"
    await api.close()
    await breakers.aclose()


async def test_a_key_that_is_refused_is_no_outcome(stripe: Emulator) -> None:
    api = StripeApi("wrong", url=stripe.url)
    with pytest.raises(OutcomeUnknown):
        await api.charge(payment("pm_card_visa"))
    await api.close()

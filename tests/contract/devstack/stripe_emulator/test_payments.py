"""Payments through Stripe's own library, as a payments service makes them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest
import stripe

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

    from tests.contract.devstack.stripe_emulator.conftest import Emulator

    Order = Callable[..., PaymentIntentCreateParams]

pytestmark = [
    pytest.mark.anyio,
    # The library hands its form to httpx by a name that httpx deprecates.
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]


async def test_pay_look_and_refund(
    client: stripe.StripeClient, emulator: "Emulator", order: "Order"
) -> None:
    form = order("pm_card_visa", order_id="o1")
    form["expand"] = ["latest_charge"]
    intent = await client.v1.payment_intents.create_async(form)
    assert intent.status == "succeeded"
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.metadata["order_id"] == "o1"

    refund = await client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 999})
    charge = await client.v1.charges.retrieve_async(intent.latest_charge.id)

    assert (refund.status, charge.amount_refunded, charge.refunded) == ("succeeded", 999, False)
    assert emulator.net_charges("o1") == [1000]
    listed = await client.v1.payment_intents.list_async({"created": {"gte": intent.created}})
    assert intent.id in [each.id for each in listed.data]


async def test_legacy_tokens(client: stripe.StripeClient, order: "Order") -> None:
    method = await client.v1.payment_methods.create_async(
        {"type": "card", "card": {"token": "tok_visa"}}
    )
    intent = await client.v1.payment_intents.create_async(order(method.id))
    charge = await client.v1.charges.create_async(
        {"amount": 1999, "currency": "usd", "source": "tok_mastercard"}
    )

    assert (intent.status, charge.status) == ("succeeded", "succeeded")
    assert charge.source is not None


async def test_a_token_becomes_a_payment_method(
    client: stripe.StripeClient, order: "Order"
) -> None:
    method = await client.v1.payment_methods.create_async(
        {"type": "card", "card": {"token": "tok_visa"}}
    )

    intent = await client.v1.payment_intents.create_async(order(method.id))

    assert intent.status == "succeeded"


async def test_the_library_asks_for_a_version_without_listed_methods(
    client: stripe.StripeClient,
) -> None:
    form = cast("PaymentIntentCreateParams", {"payment_method_types": ["card"]})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.payment_intents.create_async({**form, "amount": 1999, "currency": "usd"})
    assert refused.value.code == "payment_method_types_no_longer_supported"


async def test_a_decline_is_a_card_error(client: stripe.StripeClient, order: "Order") -> None:
    with pytest.raises(stripe.CardError) as declined:
        await client.v1.payment_intents.create_async(
            order("pm_card_visa_chargeDeclinedInsufficientFunds")
        )

    assert (declined.value.http_status, declined.value.code) == (402, "card_declined")
    error = declined.value.error
    assert error is not None
    assert error.decline_code == "insufficient_funds"
    assert error.payment_intent is not None
    intent = await client.v1.payment_intents.retrieve_async(error.payment_intent.id)
    assert intent.status == "requires_payment_method"


async def test_three_d_secure(
    client: stripe.StripeClient, emulator: "Emulator", order: "Order"
) -> None:
    intent = await client.v1.payment_intents.create_async(order("pm_card_threeDSecure2Required"))
    assert intent.status == "requires_action"
    assert intent.client_secret is not None

    emulator.pass_challenge(intent.id)

    assert (await client.v1.payment_intents.retrieve_async(intent.id)).status == "succeeded"


async def test_the_librarys_exceptions(
    client: stripe.StripeClient, emulator: "Emulator", order: "Order"
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await client.v1.payment_intents.retrieve_async("pi_none")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    stranger = stripe.StripeClient("sk_live_x", base_addresses={"api": emulator.url})
    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.balance.retrieve()
    emulator.switch_on(kind="rate_limit_429")
    with pytest.raises(stripe.RateLimitError):
        await client.v1.payment_intents.create_async(order("pm_card_visa"))
    await client.v1.payment_intents.create_async(order("pm_card_visa"), {"idempotency_key": "a"})
    with pytest.raises(stripe.IdempotencyError):
        await client.v1.payment_intents.create_async(
            order("pm_card_mastercard"), {"idempotency_key": "a"}
        )

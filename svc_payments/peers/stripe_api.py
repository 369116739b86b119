"""Charges and refunds through Stripe, or through whatever speaks its API at `url`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from chassis.resilience.circuit_breakers import NewBreaker
from svc_payments.model.intents import Failure, FailureKind, Intent
from svc_payments.model.payment import CardKind, Payment
from svc_payments.model.refunds import Refund, StripeRefund
from svc_payments.peers.stripe_http import GuardedHttp
from svc_payments.peers.stripe_library import stripe
from svc_payments.peers.stripe_objects import (
    declined_intent,
    failure_of,
    intent_of,
    made_refund_of,
    payment_id_of,
    stripe_amount,
)
from svc_payments.usecases.ports import ChargeRefused, OutcomeUnknown, RefundRefused

log = structlog.get_logger(__name__)

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

# The library repeats a call with the same idempotency key.
NETWORK_RETRIES = 1
# A charge by a token takes two calls, and the library makes each of them twice.
CALLS_PER_CHARGE = 2 * (1 + NETWORK_RETRIES)
# How far Stripe's clock may be from ours.
CLOCK_SKEW = timedelta(minutes=1)
PAGE = 100


class StripeApi:
    """The processor of payments.

    Args:
        secret_key: Of the account.
        url: Where the API is; None for Stripe itself.
        timeout: Of one call; the library may make two.
        repeat_for: How long after it was begun a charge is still repeated. What may be made of it
            is looked for among what Stripe has of that time.
        return_url: Where the bank sends the shopper afterwards; `{order_id}` stands for the
            order's id. Empty: the page stays where it is, and Stripe.js shows the challenge.
    """

    def __init__(
        self,
        secret_key: str,
        *,
        url: str | None = None,
        timeout: timedelta = timedelta(seconds=8),
        repeat_for: timedelta = timedelta(minutes=2),
        return_url: str = "",
        breaker: NewBreaker | None = None,
    ) -> None:
        url = url.rstrip("/") if url else None
        self._http = GuardedHttp(timeout, url, breaker)
        client = stripe.StripeClient(
            secret_key,
            http_client=self._http,
            max_network_retries=NETWORK_RETRIES,
            base_addresses={"api": url} if url else {},
        )
        self._intents = client.v1.payment_intents
        self._methods = client.v1.payment_methods
        self._refunds = client.v1.refunds
        self._made_within = repeat_for + CALLS_PER_CHARGE * timeout
        self._return_url = return_url

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the library has no type

    async def charge(self, payment: Payment) -> Intent:
        """Make the payment's intent and confirm it; see Processor."""
        try:
            intent = await self._intents.create_async(
                self._charge_params(payment, await self._method(payment)),
                {"idempotency_key": payment.stripe_key},
            )
        except stripe.CardError as error:
            declined = declined_intent(error)
            if declined is None:
                raise ChargeRefused(failure_of(error)) from error
            return declined
        except stripe.InvalidRequestError as error:
            raise ChargeRefused(_failure(error)) from error
        except stripe.StripeError as error:
            raise _unknown(error) from error
        return intent_of(intent)

    async def find(self, payment: Payment) -> Intent | None:
        """The intent that was made for the payment, if one was.

        Stripe's search by metadata would be one call, but lags behind by a minute and in an outage
        by an hour: that it finds nothing means nothing. What it lists is up to date, newest first.
        """
        created: Any = {
            "gte": int((payment.created_at - CLOCK_SKEW).timestamp()),
            "lte": int((payment.created_at + self._made_within + CLOCK_SKEW).timestamp()),
        }
        try:
            page = await self._intents.list_async({"created": created, "limit": PAGE})
            async for found in page.auto_paging_iter():
                if payment_id_of(found) == payment.id:
                    return intent_of(found)
        except stripe.StripeError as error:
            raise _unknown(error) from error
        return None

    async def retrieve(self, stripe_id: str) -> Intent:
        """The intent as it is now."""
        try:
            return intent_of(await self._intents.retrieve_async(stripe_id))
        except stripe.StripeError as error:
            raise _unknown(error) from error

    async def cancel(self, stripe_id: str) -> Intent:
        """See to it that no money can come of the intent any more; see Processor."""
        try:
            return intent_of(await self._intents.cancel_async(stripe_id))
        except stripe.InvalidRequestError:
            # It has ended already, one way or the other.
            return await self.retrieve(stripe_id)
        except stripe.StripeError as error:
            raise _unknown(error) from error

    async def refund(self, payment: Payment, refund: Refund) -> StripeRefund:
        """Give money back; see Processor."""
        try:
            made = await self._refunds.create_async(
                {
                    "payment_intent": payment.stripe_id,
                    "amount": stripe_amount(refund.amount_minor, payment.amount.currency),
                    "metadata": {"refund_id": refund.id},
                },
                {"idempotency_key": refund.stripe_key},
            )
        except stripe.InvalidRequestError as error:
            raise RefundRefused(error.user_message) from error
        except stripe.StripeError as error:
            raise _unknown(error) from error
        return made_refund_of(made)

    async def refunds(self, payment: Payment) -> Sequence[StripeRefund]:
        """All refunds of the payment as they are now; see Processor."""
        try:
            page = await self._refunds.list_async(
                {"payment_intent": payment.stripe_id, "limit": PAGE}
            )
            return [made_refund_of(made) async for made in page.auto_paging_iter()]
        except stripe.StripeError as error:
            raise _unknown(error) from error

    async def _method(self, payment: Payment) -> str:
        """The payment method to charge: of a token one is made first."""
        if payment.card.kind is CardKind.PAYMENT_METHOD:
            return payment.card.id
        made = await self._methods.create_async(
            {"type": "card", "card": {"token": payment.card.id}},
            {"idempotency_key": f"{payment.stripe_key}:card"},
        )
        return made.id

    def _charge_params(self, payment: Payment, method: str) -> "PaymentIntentCreateParams":
        params: Any = {
            "amount": stripe_amount(payment.amount.amount_minor, payment.amount.currency),
            "currency": payment.amount.currency.lower(),
            "confirm": True,
            "allowed_payment_method_types": ["card"],
            "payment_method": method,
            "description": payment.description,
            "metadata": {
                "payment_id": payment.id,
                "order_id": payment.order_id,
                "user_id": payment.user_id,
            },
        }
        if self._return_url:
            params["return_url"] = self._return_url.replace("{order_id}", payment.order_id)
        charge: PaymentIntentCreateParams = params
        return charge


def _failure(error: stripe.InvalidRequestError) -> Failure:
    """Why Stripe refused; what is wrong with the shop rather than with the card is an error."""
    failure = failure_of(error)
    if failure.kind is FailureKind.INTEGRATION:
        log.error(
            "stripe refuses the request",
            code=error.code,
            param=error.param,
            detail=error.user_message,
            request_id=error.request_id,
        )
    return failure


def _unknown(error: stripe.StripeError) -> OutcomeUnknown:
    """What is logged names the error and Stripe's request, and nothing of the card."""
    return OutcomeUnknown(f"{type(error).__name__} {error.http_status} {error.request_id}")

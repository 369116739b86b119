"""Stripe's objects and errors in our terms."""

from collections.abc import Mapping
from typing import Any

from chassis.currencies import currency
from svc_payments.model.intents import GIVEN_UP, Failure, FailureKind, Intent, IntentStatus
from svc_payments.model.refunds import RefundStatus, StripeRefund
from svc_payments.peers.stripe_library import stripe

STATUSES = {
    "canceled": IntentStatus.CANCELED,
    "processing": IntentStatus.PROCESSING,
    "requires_action": IntentStatus.REQUIRES_ACTION,
    # We confirm in the call that creates, so these are on their way to something else.
    "requires_capture": IntentStatus.PROCESSING,
    "requires_confirmation": IntentStatus.PROCESSING,
    "succeeded": IntentStatus.SUCCEEDED,
}

# Of a refund: the money stays with us.
NOT_REFUNDED = {"canceled", "failed"}

# Parameters whose values are the shopper's; whatever else is refused was asked for wrongly.
CARD_PARAMS = {"payment_method", "card[token]"}
# Where Stripe's own words are for developers.
TEXTS = {
    "payment_intent_authentication_failure": (
        "The bank did not confirm that it is you. Try again, or use another card."
    ),
    "amount_too_large": "The order's total is more than can be charged at once.",
    "amount_too_small": "The order's total is less than can be charged.",
}
CARD_CODES = {"payment_method_unactivated", "token_already_used"}
# The parameter itself is wrong, not what it says.
INTEGRATION_CODES = {"parameter_missing", "parameter_unknown", "parameters_exclusive"}


def stripe_amount(amount_minor: int, code: str) -> int:
    """An amount in Stripe's unit of a currency, which for some is not the API's."""
    return amount_minor * currency(code).stripe_factor


def amount_minor_of(stripe_amount: int, code: str) -> int:
    """Stripe's amount in the API's unit."""
    return stripe_amount // currency(code.upper()).stripe_factor


def intent_of(intent: stripe.PaymentIntent) -> Intent:
    """A PaymentIntent as we see it."""
    return read_intent(intent.to_dict())


def payment_id_of(intent: stripe.PaymentIntent) -> str:
    """The payment that an intent was made for; empty where it is not ours."""
    return _payment_id(intent.to_dict())


def made_refund_of(refund: stripe.Refund) -> StripeRefund:
    """A refund as we see it."""
    return read_refund(refund.to_dict())


def read_intent(fields: Mapping[str, Any]) -> Intent:
    """A PaymentIntent as we see it, from its JSON."""
    error = fields.get("last_payment_error")
    return Intent(
        id=fields["id"],
        status=_status(fields["status"], was_tried=bool(error)),
        payment_id=_payment_id(fields),
        client_secret=fields.get("client_secret") or "",
        action_url=_action_url(fields.get("next_action") or {}),
        failure=_failure(error) if error else GIVEN_UP,
    )


def read_refund(fields: Mapping[str, Any]) -> StripeRefund:
    """A refund as we see it, from its JSON. One that is pending is on its way like any other."""
    has_failed = fields["status"] in NOT_REFUNDED
    return StripeRefund(
        id=fields["id"],
        refund_id=(fields.get("metadata") or {}).get("refund_id", ""),
        amount_minor=amount_minor_of(fields["amount"], fields["currency"]),
        status=RefundStatus.FAILED if has_failed else RefundStatus.SUCCEEDED,
        detail=(fields.get("failure_reason") or fields["status"]) if has_failed else "",
    )


def declined_intent(error: stripe.CardError) -> Intent | None:
    """The intent that a declined charge leaves; None where not even that was made."""
    body: Any = error.json_body
    fields = body["error"]
    if "payment_intent" not in fields:
        return None
    return read_intent(fields["payment_intent"] | {"last_payment_error": fields})


def failure_of(error: stripe.CardError | stripe.InvalidRequestError) -> Failure:
    """Why a request was refused before there was an intent."""
    if isinstance(error, stripe.CardError):
        body: Any = error.json_body
        return _failure(body["error"])
    code = error.code or "invalid_request"
    if code in TEXTS:
        return Failure(FailureKind.DECLINED, code, TEXTS[code])
    of_card = error.param in CARD_PARAMS and code not in INTEGRATION_CODES
    if of_card or code in CARD_CODES:
        return Failure(FailureKind.INVALID_CARD, code, "is not a card that can be charged")
    return Failure(FailureKind.INTEGRATION, code, GIVEN_UP.message)


def _failure(error: Mapping[str, Any]) -> Failure:
    code = error.get("decline_code") or error.get("code") or "generic_decline"
    text = TEXTS.get(code) or error.get("message") or "The card was declined."
    return Failure(FailureKind.DECLINED, code, text)


def _payment_id(fields: Mapping[str, Any]) -> str:
    payment_id: str = (fields.get("metadata") or {}).get("payment_id", "")
    return payment_id


def _status(status: str, *, was_tried: bool) -> IntentStatus:
    if status == "requires_payment_method":
        return IntentStatus.DECLINED if was_tried else IntentStatus.PROCESSING
    # A status that is newer than this code is neither success nor failure: it is asked again.
    return STATUSES.get(status, IntentStatus.PROCESSING)


def _action_url(action: Mapping[str, Any]) -> str:
    """The page to send the shopper to; without one, Stripe.js shows the challenge itself."""
    redirect: Mapping[str, Any] = action.get("redirect_to_url") or {}
    return redirect.get("url") or ""

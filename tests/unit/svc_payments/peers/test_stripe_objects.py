"""Stripe's objects and errors in our terms."""

import pytest
import stripe

from svc_payments.model.intents import GIVEN_UP, Failure, FailureKind, IntentStatus
from svc_payments.model.refunds import RefundStatus, StripeRefund
from svc_payments.peers.stripe_objects import (
    STATUSES,
    declined_intent,
    failure_of,
    read_intent,
    read_refund,
)

POOR = {
    "type": "card_error",
    "code": "card_declined",
    "decline_code": "insufficient_funds",
    "message": "Your card has insufficient funds.",
}


def test_an_intent() -> None:
    intent = read_intent(
        {
            "id": "pi_1",
            "status": "requires_action",
            "client_secret": "secret",
            "metadata": {"payment_id": "p1"},
            "next_action": {
                "type": "redirect_to_url",
                "redirect_to_url": {"url": "https://bank", "return_url": "https://shop"},
            },
            "last_payment_error": None,
        }
    )
    assert intent.status is IntentStatus.REQUIRES_ACTION
    assert (intent.id, intent.payment_id) == ("pi_1", "p1")
    assert (intent.client_secret, intent.action_url) == ("secret", "https://bank")


def test_a_challenge_on_the_page_has_no_address() -> None:
    action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    intent = read_intent({"id": "pi_1", "status": "requires_action", "next_action": action})
    assert intent.action_url == ""


@pytest.mark.parametrize("status", STATUSES)
def test_the_statuses(status: str) -> None:
    assert read_intent({"id": "pi_1", "status": status}).status is STATUSES[status]


def test_a_status_that_is_not_known_yet_is_asked_again() -> None:
    intent = read_intent({"id": "pi_1", "status": "requires_something_new"})
    assert intent.status is IntentStatus.PROCESSING


def test_an_intent_is_declined_once_a_card_was_tried() -> None:
    fresh = {"id": "pi_1", "status": "requires_payment_method", "last_payment_error": None}
    assert read_intent(fresh).status is IntentStatus.PROCESSING
    assert read_intent(fresh).failure == GIVEN_UP
    tried = read_intent(fresh | {"last_payment_error": POOR})
    assert tried.status is IntentStatus.DECLINED
    assert tried.failure == Failure(
        FailureKind.DECLINED, "insufficient_funds", "Your card has insufficient funds."
    )


REFUND = {"id": "re_1", "amount": 500, "currency": "usd", "metadata": {"refund_id": "r1"}}


@pytest.mark.parametrize("status", ["succeeded", "pending", "requires_action"])
def test_a_refund_that_stripe_took_on(status: str) -> None:
    assert read_refund(REFUND | {"status": status}) == StripeRefund("re_1", "r1", 500)
    by_hand = read_refund(REFUND | {"status": status, "metadata": None})
    assert by_hand == StripeRefund("re_1", "", 500)


@pytest.mark.parametrize(
    ("status", "reason", "detail"),
    [("failed", "lost_or_stolen_card", "lost_or_stolen_card"), ("canceled", None, "canceled")],
)
def test_a_refund_that_failed(status: str, reason: str | None, detail: str) -> None:
    refund = read_refund(REFUND | {"status": status, "failure_reason": reason})
    assert refund == StripeRefund("re_1", "r1", 500, RefundStatus.FAILED, detail)


def card_error(**more: object) -> stripe.CardError:
    return stripe.CardError(  # type: ignore[no-untyped-call]  # the library has no type
        "Declined.", None, "card_declined", http_status=402, json_body={"error": POOR | more}
    )


def test_a_decline_leaves_its_intent() -> None:
    intent = declined_intent(
        card_error(payment_intent={"id": "pi_1", "status": "requires_payment_method"})
    )
    assert intent is not None
    assert (intent.id, intent.status) == ("pi_1", IntentStatus.DECLINED)
    assert intent.failure.code == "insufficient_funds"


def test_a_decline_before_there_was_an_intent() -> None:
    assert declined_intent(card_error()) is None
    assert failure_of(card_error()).code == "insufficient_funds"


@pytest.mark.parametrize(
    ("param", "code", "kind"),
    [
        ("payment_method", "resource_missing", FailureKind.INVALID_CARD),
        ("payment_method", "payment_method_unexpected_state", FailureKind.INVALID_CARD),
        ("card[token]", None, FailureKind.INVALID_CARD),
        (None, "token_already_used", FailureKind.INVALID_CARD),
        ("amount", "amount_too_small", FailureKind.DECLINED),
        (None, None, FailureKind.INTEGRATION),
        ("payment_method", "parameter_unknown", FailureKind.INTEGRATION),
        ("payment_method_data[type]", None, FailureKind.INTEGRATION),
        ("return_url", "url_invalid", FailureKind.INTEGRATION),
        ("customer", "resource_missing", FailureKind.INTEGRATION),
    ],
)
def test_whose_fault_a_request_is(param: str | None, code: str | None, kind: FailureKind) -> None:
    error = stripe.InvalidRequestError("No.", param, code)  # type: ignore[no-untyped-call]
    assert failure_of(error).kind is kind

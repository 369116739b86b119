from collections.abc import Callable
from typing import Any

import pytest

from devstack.stripe_emulator import charges, confirmation, intents, payment_methods
from devstack.stripe_emulator.errors import CardError, ParameterError, StateError
from devstack.stripe_emulator.ledger import Ledger
from devstack.stripe_emulator.shapes import JsonObject
from devstack.stripe_emulator.store import Store

Run = Callable[..., JsonObject]
ORDER = {"amount": "1999", "currency": "USD", "payment_method_types[]": "card"}
PAID = ORDER | {"confirm": "true", "payment_method": "pm_card_visa"}
CHALLENGED = PAID | {"payment_method": "pm_card_threeDSecure2Required"}


def test_a_new_intent_waits_for_a_payment_method(run: Run) -> None:
    intent = run(intents.create, ORDER | {"metadata[order_id]": "o1"})

    assert (intent["status"], intent["currency"]) == ("requires_payment_method", "usd")
    assert intent["metadata"] == {"order_id": "o1"}
    assert intent["client_secret"].startswith(intent["id"] + "_secret_")


def test_create_then_confirm(run: Run, store: Store, event_types: Callable[[], Any]) -> None:
    created = run(intents.create, ORDER | {"payment_method": "pm_card_mastercard"})
    assert created["status"] == "requires_confirmation"

    paid = run(intents.confirm, {}, created["id"])

    assert (paid["status"], paid["amount_received"]) == ("succeeded", 1999)
    charge = store.get(paid["latest_charge"])
    assert charge is not None
    assert charge["payment_method_details"]["card"]["brand"] == "mastercard"
    assert event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_a_servers_card_has_to_be_a_payment_method(run: Run) -> None:
    data = {"payment_method_data[type]": "card", "payment_method_data[card][token]": "tok_visa"}

    with pytest.raises(ParameterError) as refused:
        run(intents.create, ORDER | data | {"confirm": "true"})

    assert refused.value.details["param"] == "payment_method_data[type]"
    card = {"type": "card", "card[token]": "tok_visa"}
    method = run(payment_methods.create_payment_method, card)
    paid = ORDER | {"payment_method": method["id"], "confirm": "true"}
    assert run(intents.create, paid)["status"] == "succeeded"


def test_a_decline_leaves_the_intent_payable(
    run: Run, store: Store, event_types: Callable[[], Any]
) -> None:
    with pytest.raises(CardError) as refused:
        run(intents.create, PAID | {"payment_method": "pm_card_chargeDeclinedInsufficientFunds"})

    error = refused.value.body()["error"]
    assert (error["code"], error["decline_code"]) == ("card_declined", "insufficient_funds")
    intent = store.get(error["payment_intent"]["id"])
    assert intent is not None
    assert (intent["status"], intent["payment_method"]) == ("requires_payment_method", None)
    assert intent["last_payment_error"]["charge"] == error["charge"]
    assert event_types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]

    paid = run(intents.confirm, {"payment_method": "pm_card_visa"}, intent["id"])
    assert (paid["status"], paid["last_payment_error"]) == ("succeeded", None)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("chargeDeclinedExpiredCard", "expired_card"),
        ("chargeDeclinedIncorrectCvc", "incorrect_cvc"),
        ("chargeDeclinedProcessingError", "processing_error"),
    ],
)
def test_declines_that_have_a_code_of_their_own(run: Run, name: str, code: str) -> None:
    with pytest.raises(CardError) as refused:
        run(intents.create, PAID | {"payment_method": f"pm_card_{name}"})

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("passed", "status"), [(True, "succeeded"), (False, "requires_payment_method")]
)
def test_three_d_secure(run: Run, ledger: Ledger, passed: bool, status: str) -> None:
    intent = run(intents.create, CHALLENGED | {"return_url": "http://shop/back"})
    assert intent["status"] == "requires_action"
    redirect = intent["next_action"]["redirect_to_url"]
    assert redirect["return_url"] == "http://shop/back"
    assert redirect["url"].startswith(f"http://emulator/3ds/{intent['id']}?client_secret=")

    after = confirmation.authenticate(ledger, intent["id"], passed=passed)

    assert (after["status"], after["next_action"]) == (status, None)
    assert (after["latest_charge"] is not None) is passed
    with pytest.raises(StateError):
        confirmation.authenticate(ledger, intent["id"], passed=True)


def test_a_challenge_passed_may_still_end_in_a_decline(run: Run, ledger: Ledger) -> None:
    method = "pm_card_threeDSecureRequiredChargeDeclined"
    intent = run(intents.create, PAID | {"payment_method": method})

    with pytest.raises(CardError):
        confirmation.authenticate(ledger, intent["id"], passed=True)


@pytest.mark.parametrize("how", ["off_session", "error_on_requires_action"])
def test_nobody_is_there_to_answer_a_challenge(run: Run, how: str) -> None:
    with pytest.raises(CardError) as refused:
        run(intents.create, CHALLENGED | {how: "true"})

    assert refused.value.code == "authentication_required"


def test_the_accounts_methods_may_redirect_so_a_return_url_is_needed(run: Run) -> None:
    automatic = {"amount": "1999", "currency": "usd", "confirm": "true"}
    automatic |= {"payment_method": "pm_card_visa"}

    with pytest.raises(ParameterError):
        run(intents.create, automatic)
    never = {"automatic_payment_methods[allow_redirects]": "never"}
    never |= {"automatic_payment_methods[enabled]": "true"}
    assert run(intents.create, automatic | never)["status"] == "succeeded"
    assert run(intents.create, automatic | {"return_url": "http://s/"})["status"] == "succeeded"


def test_held_money_is_captured_in_part(run: Run, store: Store) -> None:
    held = run(intents.create, PAID | {"capture_method": "manual"})
    assert (held["status"], held["amount_capturable"]) == ("requires_capture", 1999)

    captured = run(confirmation.capture, {"amount_to_capture": "1500"}, held["id"])

    assert (captured["status"], captured["amount_received"]) == ("succeeded", 1500)
    charge = store.get(held["latest_charge"])
    assert charge is not None
    assert (charge["amount_captured"], charge["amount_refunded"]) == (1500, 499)


def test_canceling_lets_held_money_go(run: Run, store: Store) -> None:
    held = run(intents.create, PAID | {"capture_method": "manual"})

    canceled = run(intents.cancel, {"cancellation_reason": "abandoned"}, held["id"])

    assert (canceled["status"], canceled["cancellation_reason"]) == ("canceled", "abandoned")
    charge = store.get(held["latest_charge"])
    assert charge is not None
    assert (charge["refunded"], charge["captured"]) == (True, False)


def test_a_slow_bank_answers_later(run: Run, ledger: Ledger) -> None:
    intent = run(intents.create, PAID | {"payment_method": "pm_card_processing"})
    assert intent["status"] == "processing"

    assert confirmation.settle(ledger, intent["id"], paid=True)["status"] == "succeeded"


def test_what_is_paid_can_be_neither_confirmed_nor_canceled_nor_repriced(run: Run) -> None:
    paid = run(intents.create, PAID)

    for operation, flat in (
        (intents.confirm, {}),
        (intents.cancel, {}),
        (intents.update, {"amount": "500"}),
    ):
        with pytest.raises(StateError) as refused:
            run(operation, flat, paid["id"])
        assert refused.value.code == "payment_intent_unexpected_state"
    assert run(intents.update, {"description": "books"}, paid["id"])["description"] == "books"


def test_a_used_payment_method_is_refused(run: Run) -> None:
    card = {"card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "30"}
    method = run(payment_methods.create_payment_method, {"type": "card"} | card)
    run(intents.create, PAID | {"payment_method": method["id"]})

    with pytest.raises(StateError) as refused:
        run(intents.create, PAID | {"payment_method": method["id"]})
    assert refused.value.code == "payment_method_unexpected_state"


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"amount": "49"}, "amount"),
        ({"amount": "100000000"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"currency": "xyz"}, "currency"),
        ({"capture_method": "later"}, "capture_method"),
        ({"payment_method_types[]": "sofort"}, "payment_method_types"),
        ({"return_url": "http://shop/"}, "return_url"),
        ({"colour": "red"}, "colour"),
        ({"payment_method_data[card][token]": "tok_visa"}, "payment_method_data[type]"),
    ],
)
def test_malformed_orders_name_the_parameter(run: Run, changed: dict[str, str], param: str) -> None:
    with pytest.raises(ParameterError) as refused:
        run(intents.create, ORDER | changed)

    assert refused.value.details["param"] == param
    assert not refused.value.began


def test_a_browser_must_know_the_secret_and_sees_less(run: Run) -> None:
    intent = run(intents.create, ORDER | {"metadata[order_id]": "o1"})
    secret = {"client_secret": intent["client_secret"]}

    assert "metadata" not in run(intents.retrieve, secret, intent["id"], from_browser=True)
    for wrong in ({}, {"client_secret": "guess"}):
        with pytest.raises(ParameterError):
            run(intents.retrieve, wrong, intent["id"], from_browser=True)


def test_unattended_legacy_charges_cannot_be_authenticated(run: Run) -> None:
    order = {"amount": "500", "currency": "usd", "source": "tok_threeDSecure2Required"}

    with pytest.raises(CardError) as refused:
        run(charges.create, order)
    assert refused.value.code == "authentication_required"

from collections.abc import Callable

import pytest

from devstack.stripe_emulator import balance, charges, intents, payment_methods, refunds
from devstack.stripe_emulator.errors import CardError, MissingObjectError, StateError
from devstack.stripe_emulator.ledger import Ledger
from devstack.stripe_emulator.shapes import JsonObject
from devstack.stripe_emulator.store import Store

Run = Callable[..., JsonObject]
ORDER = {"amount": "1000", "currency": "usd", "source": "tok_visa"}
CARD = {
    "card[number]": "5555555555554444",
    "card[exp_month]": "12",
    "card[exp_year]": "2030",
    "card[cvc]": "123",
    "card[name]": "Jo",
}


def test_a_token_pays_once(run: Run) -> None:
    token = run(payment_methods.create_token, CARD)
    assert (token["card"]["brand"], token["card"]["name"], token["used"]) == (
        "mastercard",
        "Jo",
        False,
    )

    charge = run(charges.create, ORDER | {"source": token["id"], "metadata[order_id]": "o1"})

    assert (charge["status"], charge["paid"], charge["captured"]) == ("succeeded", True, True)
    assert charge["source"]["last4"] == "4444"
    with pytest.raises(StateError) as refused:
        run(charges.create, ORDER | {"source": token["id"]})
    assert refused.value.code == "token_already_used"


def test_a_declined_charge_is_kept(run: Run, store: Store) -> None:
    with pytest.raises(CardError) as refused:
        run(charges.create, ORDER | {"source": "tok_chargeDeclined"})

    charge = store.get(refused.value.details["charge"])
    assert charge is not None
    assert (charge["status"], charge["failure_code"]) == ("failed", "card_declined")
    assert balance.net_charges(store) == []


def test_refunds_in_pieces_then_no_more(
    run: Run, store: Store, event_types: Callable[[], list[str]]
) -> None:
    charge = run(charges.create, ORDER)
    part = {"charge": charge["id"], "amount": "400", "reason": "requested_by_customer"}

    first = run(refunds.create, part)
    with pytest.raises(StateError) as too_much:
        run(refunds.create, part | {"amount": "601"})
    rest = run(refunds.create, {"charge": charge["id"]})

    assert (first["amount"], first["status"], rest["amount"]) == (400, "succeeded", 600)
    assert too_much.value.details["param"] == "amount"
    with pytest.raises(StateError) as nothing_left:
        run(refunds.create, {"charge": charge["id"]})
    assert nothing_left.value.code == "charge_already_refunded"
    after = run(charges.retrieve, {}, charge["id"])
    assert (after["refunded"], after["amount_refunded"]) == (True, 1000)
    assert [entry["net"] for entry in balance.net_charges(store)] == [0]
    assert event_types()[-3:] == ["refund.created", "charge.refunded", "refund.updated"]


def test_an_intent_is_refunded_through_its_charge(run: Run) -> None:
    confirmed = {"amount": "1000", "currency": "usd", "payment_method_types[]": "card"}
    confirmed |= {"confirm": "true", "payment_method": "pm_card_visa"}
    intent = run(intents.create, confirmed)

    refund = run(refunds.create, {"payment_intent": intent["id"], "amount": "250"})

    assert (refund["charge"], refund["payment_intent"]) == (intent["latest_charge"], intent["id"])


def test_what_does_not_arrive_can_be_refunded_again(
    run: Run, ledger: Ledger, store: Store, event_types: Callable[[], list[str]]
) -> None:
    charge = run(charges.create, ORDER)
    refund = run(refunds.create, {"charge": charge["id"]})

    failed = refunds.settle(ledger, refund["id"], arrived=False)

    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert event_types()[-3:] == ["refund.failed", "refund.updated", "charge.refund.updated"]
    after = run(charges.retrieve, {}, charge["id"])
    assert (after["refunded"], after["amount_refunded"]) == (False, 0)
    assert [entry["net"] for entry in balance.net_charges(store)] == [1000]
    with pytest.raises(StateError):
        refunds.settle(ledger, refund["id"], arrived=False)
    run(refunds.create, {"charge": charge["id"]})
    assert [entry["net"] for entry in balance.net_charges(store)] == [0]


@pytest.mark.parametrize(("arrived", "status"), [(True, "succeeded"), (False, "failed")])
def test_some_cards_take_their_time_with_a_refund(
    run: Run, ledger: Ledger, arrived: bool, status: str
) -> None:
    charge = run(charges.create, ORDER | {"source": "tok_pendingRefund"})
    refund = run(refunds.create, {"charge": charge["id"]})

    assert refund["status"] == "pending"
    assert run(charges.retrieve, {}, charge["id"])["refunded"] is True
    assert refunds.settle(ledger, refund["id"], arrived=arrived)["status"] == status
    with pytest.raises(StateError):
        refunds.settle(ledger, refund["id"], arrived=True)


def test_what_was_never_paid_cannot_be_refunded(run: Run) -> None:
    unpaid = {"amount": "1000", "currency": "usd", "payment_method_types[]": "card"}
    intent = run(intents.create, unpaid)
    held = run(
        intents.create,
        unpaid | {"confirm": "true", "payment_method": "pm_card_visa", "capture_method": "manual"},
    )

    for intent_id in (intent["id"], held["id"]):
        with pytest.raises(StateError):
            run(refunds.create, {"payment_intent": intent_id})
    with pytest.raises(MissingObjectError):
        run(refunds.create, {"charge": "ch_none"})
    with pytest.raises(MissingObjectError):
        run(refunds.create, {"charge": intent["id"]})


def test_held_charges_are_captured_once(run: Run) -> None:
    held = run(charges.create, ORDER | {"capture": "false"})
    assert (held["captured"], held["amount_captured"]) == (False, 0)

    assert run(charges.capture, {}, held["id"])["amount_captured"] == 1000
    with pytest.raises(StateError) as refused:
        run(charges.capture, {}, held["id"])
    assert refused.value.code == "charge_already_captured"


def test_the_balance_is_what_was_taken_less_what_went_back(run: Run) -> None:
    run(charges.create, ORDER)
    run(refunds.create, {"charge": run(charges.create, ORDER)["id"], "amount": "300"})

    available = run(balance.retrieve, {})["available"]

    assert [(entry["amount"], entry["currency"]) for entry in available] == [(1700, "usd")]

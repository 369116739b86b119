"""Charging a card, and the legacy Charges API on top of it."""

from dataclasses import replace

from . import cards, shapes
from .card_shapes import CardFacts, charged_card
from .errors import CardError, StateError
from .ledger import Call, Ledger
from .money import read_amount, read_currency
from .params import Params
from .payment_methods import spend_token
from .shapes import JsonObject

SHARED_PARAMS = ("description", "receipt_email", "statement_descriptor_suffix")


def charge_card(
    ledger: Ledger,
    facts: CardFacts,
    order: JsonObject,
    *,
    capture: bool = True,
    refused: cards.Decline | None = None,
) -> JsonObject:
    """Charge a card once, keep the charge and announce it.

    Args:
        ledger: the unit of work.
        facts: the card.
        order: fields of the charge that come from its intent or its request; `amount` and
            `currency` among them.
        capture: False only holds the money until it is captured.
        refused: a reason to decline that the card itself does not have.

    Returns:
        The charge, `failed` where the card declines; see `refusal_of`.
    """
    decline = refused or cards.behaviour(facts.fingerprint).decline
    if decline is cards.BAD_CVC:
        facts = replace(facts, cvc_check="fail")
    amount = order["amount"]
    charge = shapes.charge(
        ledger.new_id("ch"), amount, order["currency"], charged_card(facts, amount), ledger.created
    )
    charge |= order
    if decline is not None:
        charge |= shapes.refusal(decline)
    elif not capture:
        charge |= {"captured": False, "amount_captured": 0}
    ledger.keep(charge)
    ledger.announce("charge.failed" if decline else "charge.succeeded", charge)
    return charge


def refusal_of(charge: JsonObject, **details: JsonObject) -> CardError:
    """The error that tells of a failed charge."""
    return CardError(
        charge["failure_message"],
        code=charge["failure_code"],
        decline_code=charge["outcome"]["reason"],
        charge=charge["id"],
        **details,
    )


def capture_charge(ledger: Ledger, charge: JsonObject, amount: int) -> JsonObject:
    """Take the money that was held; what is left of the hold goes back at once."""
    charge |= {
        "captured": True,
        "amount_captured": amount,
        "amount_refunded": charge["amount"] - amount,
    }
    ledger.announce("charge.captured", ledger.keep(charge))
    return charge


def create(call: Call) -> JsonObject:
    """POST /v1/charges with `source=tok_…`."""
    ledger = call.ledger
    params = call.params.only("amount", "currency", "source", "capture", "metadata", *SHARED_PARAMS)
    currency = read_currency(params)
    amount = read_amount(params, currency)
    if amount is None:
        params.required("amount")
    order: JsonObject = {"amount": amount, "currency": currency, **_notes(params)}
    order["metadata"] = params.metadata({})
    capture = params.flag("capture", default=True)
    source = spend_token(ledger, params.required("source"), "source")
    order |= {"source": source, "payment_method": source["id"]}
    facts = CardFacts.read(source)
    challenged = cards.behaviour(facts.fingerprint).challenge is cards.Challenge.ALWAYS
    refused = cards.UNAUTHENTICATED if challenged else None
    charge = charge_card(ledger, facts, order, capture=capture, refused=refused)
    if not charge["paid"]:
        raise refusal_of(charge)
    return charge


def retrieve(call: Call) -> JsonObject:
    """GET /v1/charges/{id}."""
    call.params.only()
    return call.ledger.find("charge", call.target, "id")


def update(call: Call) -> JsonObject:
    """POST /v1/charges/{id}."""
    params = call.params.only("metadata", "description", "receipt_email")
    charge = call.ledger.find("charge", call.target, "id")
    charge |= {name: text for name, text in _notes(params).items() if name in params}
    charge["metadata"] = params.metadata(charge["metadata"])
    call.ledger.announce("charge.updated", call.ledger.keep(charge))
    return charge


def capture(call: Call) -> JsonObject:
    """POST /v1/charges/{id}/capture."""
    params = call.params.only("amount", "receipt_email")
    charge = call.ledger.find("charge", call.target, "id")
    amount = params.integer("amount", most=charge["amount"]) or charge["amount"]
    if charge["captured"]:
        raise StateError(
            f"Charge {charge['id']} has already been captured.", code="charge_already_captured"
        )
    if not charge["paid"] or charge["refunded"]:
        raise StateError("This charge cannot be captured.", code="charge_not_capturable")
    return capture_charge(call.ledger, charge, amount)


def _notes(params: Params) -> JsonObject:
    return {name: params.text(name) for name in SHARED_PARAMS}

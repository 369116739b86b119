"""Refunds: money goes back once, in one piece or several, and may not arrive."""

from . import cards, shapes
from .errors import ParameterError, StateError
from .ledger import Call, Ledger
from .money import check_part
from .params import Params
from .shapes import JsonObject

REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(call: Call) -> JsonObject:
    """POST /v1/refunds for a `charge` or a `payment_intent`; all that is left unless `amount`."""
    ledger = call.ledger
    params = call.params.only("charge", "payment_intent", "amount", "reason", "metadata")
    charge = _charge_to_refund(ledger, params)
    amount = params.integer("amount")
    reason = params.choice("reason", REASONS, "")
    metadata = params.metadata({})
    amount = _refundable(charge, amount)
    check_part(amount, charge["currency"])
    refund = shapes.refund(ledger.new_id("re"), charge, amount, ledger.created)
    refund |= {"reason": reason or None, "metadata": metadata}
    if _card_of(charge).refunds_later:
        refund["status"] = "pending"
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    ledger.keep(charge)
    ledger.keep(refund)
    ledger.announce("refund.created", refund)
    ledger.announce("charge.refunded", charge)
    ledger.announce("refund.updated", refund)
    return refund


def retrieve(call: Call) -> JsonObject:
    """GET /v1/refunds/{id}."""
    call.params.only()
    return call.ledger.find("refund", call.target, "id")


def update(call: Call) -> JsonObject:
    """POST /v1/refunds/{id}: only its metadata can change."""
    params = call.params.only("metadata")
    refund = call.ledger.find("refund", call.target, "id")
    refund["metadata"] = params.metadata(refund["metadata"])
    call.ledger.announce("refund.updated", call.ledger.keep(refund))
    return refund


def settle(ledger: Ledger, refund_id: str, *, arrived: bool) -> JsonObject:
    """The late answer of the card's bank; what does not arrive is the merchant's again."""
    refund = ledger.find("refund", refund_id, "refund")
    if refund["status"] not in (("pending",) if arrived else ("pending", "succeeded")):
        raise StateError(f"Refund {refund_id} has a status of {refund['status']}.")
    if arrived:
        refund["status"] = "succeeded"
    else:
        refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        charge = ledger.find("charge", refund["charge"], "charge")
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        ledger.keep(charge)
        ledger.announce("refund.failed", refund)
    ledger.announce("refund.updated", ledger.keep(refund))
    ledger.announce("charge.refund.updated", refund)
    return refund


def _card_of(charge: JsonObject) -> cards.TestCard:
    return cards.behaviour(charge["payment_method_details"]["card"]["fingerprint"])


def _charge_to_refund(ledger: Ledger, params: Params) -> JsonObject:
    charge_id, intent_id = params.text("charge"), params.text("payment_intent")
    if charge_id is None and intent_id is None:
        raise ParameterError(
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
            code="parameter_missing",
        )
    if intent_id is None:
        return ledger.find("charge", charge_id or "", "charge")
    intent = ledger.find("payment_intent", intent_id, "payment_intent")
    if charge_id is not None and charge_id != intent["latest_charge"]:
        raise ParameterError(
            f"Charge {charge_id} does not belong to PaymentIntent {intent_id}.", param="charge"
        )
    if intent["latest_charge"] is None:
        raise StateError(
            f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
            param="payment_intent",
        )
    return ledger.find("charge", intent["latest_charge"], "payment_intent")


def _refundable(charge: JsonObject, amount: int | None) -> int:
    """How much to give back; more than is left is refused."""
    if not charge["paid"]:
        raise StateError(
            f"Charge {charge['id']} failed and cannot be refunded.", code="charge_not_refundable"
        )
    if charge["payment_intent"] and not charge["captured"]:
        raise StateError(
            f"Charge {charge['id']} has not been captured. Cancel its PaymentIntent instead.",
            code="charge_not_refundable",
        )
    left: int = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise StateError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if amount is not None and amount > left:
        raise StateError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    return left if amount is None else amount

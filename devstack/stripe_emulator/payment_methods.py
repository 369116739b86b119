"""Tokens and payment methods: the two ways a card reaches the API."""

from datetime import UTC, datetime

from . import cards
from .card_details import typed_card
from .card_shapes import CardFacts, card_object, payment_method, token
from .errors import MissingObjectError, ParameterError, StateError
from .ledger import Call, Ledger
from .params import Params
from .shapes import JsonObject, billing_details
from .store import Page

TOKEN_PREFIX = "tok_"  # noqa: S105 - a name, not a secret
METHOD_PREFIX = "pm_card_"
PERSON = ("email", "name", "phone", "tax_id")


def create_token(call: Call) -> JsonObject:
    """POST /v1/tokens: turn a card form into a single-use token."""
    ledger, params = call.ledger, call.params.only("card")
    if "card" not in params:
        params.required("card")
    form = params.within("card")
    facts = typed_card(form, ledger.created)
    card = card_object(ledger.new_id("card"), facts, form.text("name"))
    card["cvc_check"] = "unchecked" if facts.cvc_check else None
    return ledger.keep(token(ledger.new_id("tok"), card, ledger.created))


def retrieve_token(call: Call) -> JsonObject:
    """GET /v1/tokens/{id}."""
    call.params.only()
    return call.ledger.find("token", call.target, "token")


def create_payment_method(call: Call) -> JsonObject:
    """POST /v1/payment_methods."""
    params = call.params.only("type", "card", "billing_details", "metadata", "allow_redisplay")
    method = method_from_data(call.ledger, params)
    method["metadata"] = params.metadata({})
    return call.ledger.keep(method)


def retrieve_payment_method(call: Call) -> JsonObject:
    """GET /v1/payment_methods/{id}; Stripe's own names give a new one each time."""
    call.params.only()
    return _method(call.ledger, call.target, "payment_method")


def method_from_data(ledger: Ledger, params: Params) -> JsonObject:
    """A new payment method from `type=card` with `card[token]` or `card[number]`."""
    params.required("type")
    params.choice("type", ("card",), "card")
    if "card" not in params:
        params.required("card")
    card = params.within("card")
    token_id = card.text("token")
    if token_id is None:
        facts = typed_card(card, ledger.created)
    else:
        facts = CardFacts.read(spend_token(ledger, token_id, card.full_name("token")))
    method = payment_method(ledger.new_id("pm"), facts, ledger.created)
    method["billing_details"] = _billing(params.within("billing_details"))
    return ledger.keep(method)


def usable_method(ledger: Ledger, method_id: str) -> JsonObject:
    """The payment method a PaymentIntent is given, refused where it has been used up."""
    method = _method(ledger, method_id, "payment_method")
    charges = ledger.store.page("charge", Page(limit=100), payment_method=method["id"])
    if any(charge["paid"] for charge in charges):
        raise StateError(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment, shared with a connected account without Customer attachment, or was "
            "detached from a Customer. It may not be used again. To use a PaymentMethod multiple "
            "times, you must attach it to a Customer first.",
            code="payment_method_unexpected_state",
            param="payment_method",
        )
    return method


def spend_token(ledger: Ledger, token_id: str, param: str) -> JsonObject:
    """The card object behind a token, which cannot be used again unless it is Stripe's own name."""
    named = cards.named(token_id, TOKEN_PREFIX)
    if named is not None:
        return card_object(ledger.new_id("card"), _issued(named, ledger.created), None)
    if not token_id.startswith(TOKEN_PREFIX):
        raise ParameterError(f"Invalid token id: {token_id}", param=param)
    found = ledger.store.get(token_id)
    if found is None:
        raise MissingObjectError("token", token_id, param)
    if found["used"]:
        raise StateError(
            f"You cannot use a Stripe token more than once: {token_id}.",
            code="token_already_used",
            param=param,
        )
    card: JsonObject = ledger.keep({**found, "used": True})["card"]
    return card | {"cvc_check": "pass" if card["cvc_check"] else None}


def _method(ledger: Ledger, method_id: str, param: str) -> JsonObject:
    named = cards.named(method_id, METHOD_PREFIX)
    if named is None:
        return ledger.find("payment_method", method_id, param)
    facts = _issued(named, ledger.created)
    return ledger.keep(payment_method(ledger.new_id("pm"), facts, ledger.created))


def _issued(card: cards.TestCard, created: int) -> CardFacts:
    """A card behind one of Stripe's own names: it expires a year from now."""
    today = datetime.fromtimestamp(created, UTC)
    return CardFacts.of(card, today.month, today.year + 1, cvc_check=None)


def _billing(params: Params) -> JsonObject:
    details = billing_details()
    params.only("address", *details)
    address = params.within("address").only(*details["address"])
    return {
        "address": {part: address.text(part) for part in details["address"]},
        **{name: params.text(name) for name in PERSON},
    }

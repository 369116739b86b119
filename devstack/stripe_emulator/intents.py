"""PaymentIntents: create, read, change, cancel. Confirming is in `confirmation`."""

from typing import NoReturn

from . import shapes
from .accepted_methods import METHOD_PARAMS, accepted_methods
from .confirmation import CONFIRM_PARAMS, REQUEST, attempt, held_charge, read_terms
from .errors import ParameterError, StateError
from .ledger import Call
from .money import read_amount, read_currency
from .params import Params
from .payment_methods import method_from_data, usable_method
from .shapes import JsonObject

TEXTS = ("description", "receipt_email", "statement_descriptor_suffix")
CONFIRM_ONLY = ("return_url", "off_session", "error_on_requires_action", "use_stripe_sdk")
CREATE_PARAMS = (
    "amount",
    "capture_method",
    "confirm",
    "confirmation_method",
    "currency",
    "metadata",
    "payment_method_options",
    *METHOD_PARAMS,
    *TEXTS,
    *CONFIRM_PARAMS,
)
UPDATE_PARAMS = ("amount", "metadata", "payment_method", "payment_method_data", *TEXTS)
ALWAYS_CHANGEABLE = frozenset({"description", "expand", "metadata", "receipt_email"})
CHANGEABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (*CHANGEABLE, "requires_capture", "processing")
CANCEL_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
PRIVATE = ("metadata", "latest_charge")


def create(call: Call) -> JsonObject:
    """POST /v1/payment_intents, and its confirmation where `confirm=true`."""
    ledger, params = call.ledger, call.params.only(*CREATE_PARAMS)
    amount = _amount(params, currency := read_currency(params))
    confirm = params.flag("confirm")
    for name in CONFIRM_ONLY:
        if name in params and not confirm:
            raise ParameterError(
                f"The parameter {name} may only be used when confirm is true.", param=name
            )
    intent_id = ledger.new_id("pi")
    secret = f"{intent_id}_{ledger.new_id('secret')}"
    intent = shapes.payment_intent(intent_id, secret, amount, currency, ledger.created)
    methods = ("automatic", "automatic_async", "manual")
    intent["capture_method"] = params.choice("capture_method", methods, "automatic_async")
    intent["confirmation_method"] = params.choice(
        "confirmation_method", ("automatic", "manual"), "automatic"
    )
    intent |= accepted_methods(params, call.version)
    _take(call, intent, params)
    terms = read_terms(params)
    ledger.announce("payment_intent.created", ledger.keep(intent))
    return attempt(call, intent, terms) if confirm else intent


def retrieve(call: Call) -> JsonObject:
    """GET /v1/payment_intents/{id}; a browser must know the client secret, and sees less."""
    params = call.params.only("client_secret")
    intent = call.ledger.find("payment_intent", call.target, "intent")
    check_secret(call, intent, params)
    if call.from_browser:
        return {name: value for name, value in intent.items() if name not in PRIVATE}
    return intent


def update(call: Call) -> JsonObject:
    """POST /v1/payment_intents/{id}."""
    ledger, params = call.ledger, call.params.only(*UPDATE_PARAMS)
    intent = ledger.find("payment_intent", call.target, "intent")
    touches_payment = not params.names() <= ALWAYS_CHANGEABLE
    if touches_payment and intent["status"] not in CHANGEABLE:
        _refuse(intent, "updated", CHANGEABLE)
    amount = read_amount(params, intent["currency"])
    if amount is not None and amount != intent["amount"]:
        intent["amount"] = amount
        if intent["status"] == "requires_action":
            intent |= {"status": "requires_confirmation", "next_action": None}
    _take(call, intent, params)
    return ledger.keep(intent)


def cancel(call: Call) -> JsonObject:
    """POST /v1/payment_intents/{id}/cancel: no charge any more; held money is let go."""
    ledger, params = call.ledger, call.params.only("cancellation_reason")
    reason = params.choice("cancellation_reason", CANCEL_REASONS, "")
    intent = ledger.find("payment_intent", call.target, "intent")
    if intent["status"] not in CANCELABLE:
        _refuse(intent, "canceled", CANCELABLE)
    if intent["status"] == "requires_capture":
        charge = held_charge(ledger, intent)
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}
        ledger.announce("charge.refunded", ledger.keep(charge))
    intent |= {
        "amount_capturable": 0,
        "canceled_at": ledger.created,
        "cancellation_reason": reason or None,
        "next_action": None,
        "processing": None,
        "status": "canceled",
    }
    ledger.announce("payment_intent.canceled", ledger.keep(intent))
    return intent


def confirm(call: Call) -> JsonObject:
    """POST /v1/payment_intents/{id}/confirm."""
    ledger = call.ledger
    params = call.params.only(
        "client_secret", "payment_method_options", "receipt_email", *CONFIRM_PARAMS
    )
    intent = ledger.find("payment_intent", call.target, "intent")
    check_secret(call, intent, params)
    if intent["status"] == "succeeded":
        raise StateError(
            "You cannot confirm this PaymentIntent because it has already succeeded after being "
            "previously confirmed.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )
    if intent["status"] not in CHANGEABLE:
        _refuse(intent, "confirmed", CHANGEABLE)
    terms = read_terms(params)
    _take(call, intent, params)
    return attempt(call, intent, terms)


def check_secret(call: Call, intent: JsonObject, params: Params) -> None:
    """A browser has to show the intent's client secret."""
    given = params.required("client_secret") if call.from_browser else params.text("client_secret")
    if given not in (None, intent["client_secret"]):
        raise ParameterError(
            "The client_secret provided does not match the client_secret associated with the "
            "PaymentIntent.",
            code="payment_intent_invalid_parameter",
            param="client_secret",
        )


def _amount(params: Params, currency: str) -> int:
    amount = read_amount(params, currency)
    return int(params.required("amount")) if amount is None else amount


def _take(call: Call, intent: JsonObject, params: Params) -> None:
    """Lay a request's notes and payment method over the intent."""
    ledger = call.ledger
    intent |= {name: params.text(name) for name in TEXTS if name in params}
    intent["metadata"] = params.metadata(intent["metadata"])
    card = params.within("payment_method_options").only("card").within("card")
    card.only(REQUEST)
    if REQUEST in card:
        wish = card.choice(REQUEST, ("any", "automatic", "challenge"), "automatic")
        intent["payment_method_options"] = {"card": {REQUEST: wish}}
    if "payment_method_data" in params:
        data = params.within("payment_method_data")
        if not call.from_browser and data.required("type") == "card":
            # Stripe's description of its API has no cards here; only its own pages send them.
            raise ParameterError(
                "Invalid payment_method_data[type]: create a PaymentMethod of a card first.",
                param="payment_method_data[type]",
            )
        method = method_from_data(ledger, data)
    elif (method_id := params.text("payment_method")) is not None:
        method = usable_method(ledger, method_id)
    else:
        return
    intent |= {
        "next_action": None,
        "payment_method": method["id"],
        "status": "requires_confirmation",
    }


def _refuse(intent: JsonObject, verb: str, allowed: tuple[str, ...]) -> NoReturn:
    raise StateError(
        f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}. "
        f"Only a PaymentIntent with one of the following statuses may be {verb}: "
        f"{', '.join(allowed)}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )

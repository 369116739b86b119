"""What happens to a PaymentIntent from its confirmation on.

requires_confirmation ──▶ requires_action ──▶ processing ──▶ succeeded
                    └───────────┴────────────────┴──▶ requires_capture ──▶ succeeded
and back to requires_payment_method whenever the card is declined or authentication fails.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from . import cards
from .card_shapes import CardFacts
from .cards import Challenge
from .charges import capture_charge, charge_card, refusal_of
from .errors import ApiError, ParameterError, StateError
from .ledger import Call, Ledger
from .params import Params
from .shapes import JsonObject

CONFIRM_PARAMS = (
    "error_on_requires_action",
    "off_session",
    "payment_method",
    "payment_method_data",
    "return_url",
    "use_stripe_sdk",
)
OFF_SESSION = ("true", "false", "one_off", "recurring")
COPIED_TO_CHARGE = ("amount", "currency", "description", "metadata", "receipt_email")
REQUEST = "request_three_d_secure"
UNEXPECTED_STATE = "payment_intent_unexpected_state"
FAILED_AUTHENTICATION = ApiError(
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or "
    "a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
    code="payment_intent_authentication_failure",
)


@dataclass(frozen=True)
class Terms:
    """How a confirmation is to be made.

    Attributes:
        return_url: where the browser goes after 3-D Secure.
        attended: the shopper is there to answer a challenge.
    """

    return_url: str | None
    attended: bool


def read_terms(params: Params) -> Terms:
    """Read the parameters that hold for one confirmation only."""
    off_session = params.choice("off_session", OFF_SESSION, "false") != "false"
    unattended = params.flag("error_on_requires_action") or off_session
    params.flag("use_stripe_sdk")
    return Terms(params.text("return_url"), attended=not unattended)


def attempt(call: Call, intent: JsonObject, terms: Terms) -> JsonObject:
    """Confirm the intent: charge the card, or ask for 3-D Secure first.

    Raises:
        CardError: the card is declined; the intent and the failed charge are kept all the same.
        StateError: there is no payment method to confirm with.
        ParameterError: the intent may redirect the shopper, and there is no `return_url`.
    """
    ledger = call.ledger
    if intent["payment_method"] is None:
        raise StateError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method or ConfirmationToken.",
            code=UNEXPECTED_STATE,
            payment_intent=intent,
        )
    _check_return(intent, terms)
    if not _is_challenged(ledger, intent, terms):
        return _conclude(ledger, intent)
    if not terms.attended:
        return _charge(ledger, intent, cards.UNAUTHENTICATED)
    intent |= {"status": "requires_action", "next_action": _next_action(call, intent, terms)}
    ledger.announce("payment_intent.requires_action", ledger.keep(intent))
    return intent


def authenticate(ledger: Ledger, intent_id: str, *, passed: bool) -> JsonObject:
    """The shopper has answered the 3-D Secure challenge.

    Raises:
        CardError: the challenge was passed, and then the card was declined.
        StateError: no one asked for a challenge.
    """
    intent = _in_state(ledger, intent_id, "requires_action")
    if passed:
        return _conclude(ledger, intent)
    _fail(ledger, intent, FAILED_AUTHENTICATION)
    return intent


def settle(ledger: Ledger, intent_id: str, *, paid: bool) -> JsonObject:
    """The bank's late answer to an intent that is `processing` (raises like `authenticate`)."""
    intent = _in_state(ledger, intent_id, "processing")
    return _charge(ledger, intent, None if paid else cards.GENERIC)


def capture(call: Call) -> JsonObject:
    """POST /v1/payment_intents/{id}/capture."""
    ledger, params = call.ledger, call.params.only("amount_to_capture", "metadata")
    intent = _in_state(ledger, call.target, "requires_capture")
    most = intent["amount_capturable"]
    amount = params.integer("amount_to_capture", most=most) or most
    capture_charge(ledger, held_charge(ledger, intent), amount)
    intent |= {"amount_capturable": 0, "amount_received": amount, "status": "succeeded"}
    intent["metadata"] = params.metadata(intent["metadata"])
    ledger.announce("payment_intent.succeeded", ledger.keep(intent))
    return intent


def held_charge(ledger: Ledger, intent: JsonObject) -> JsonObject:
    """The charge of an intent that requires capture."""
    return ledger.find("charge", intent["latest_charge"], "charge")


def _in_state(ledger: Ledger, intent_id: str, status: str) -> JsonObject:
    intent = ledger.find("payment_intent", intent_id, "intent")
    if intent["status"] != status:
        raise StateError(
            f"This PaymentIntent has a status of {intent['status']}; this needs {status}.",
            code=UNEXPECTED_STATE,
            payment_intent=intent,
        )
    return intent


def _check_return(intent: JsonObject, terms: Terms) -> None:
    automatic = intent["automatic_payment_methods"] or {"allow_redirects": "never"}
    if automatic["allow_redirects"] == "always" and terms.return_url is None:
        raise ParameterError(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. "
            "Because some of these payment methods might redirect your customer off of your page, "
            "you must provide a `return_url`. If you don't want to accept redirect-based payment "
            "methods, set `automatic_payment_methods[enabled]` to `true` and "
            "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents "
            "and Payment Intents."
        )


def _is_challenged(ledger: Ledger, intent: JsonObject, terms: Terms) -> bool:
    challenge = cards.behaviour(_card(_method(ledger, intent)).fingerprint).challenge
    wish: str = intent["payment_method_options"].get("card", {}).get(REQUEST, "automatic")
    return {
        Challenge.NEVER: False,
        Challenge.ON_REQUEST: wish != "automatic",
        Challenge.ON_SESSION: terms.attended,
        Challenge.ALWAYS: True,
    }[challenge]


def _next_action(call: Call, intent: JsonObject, terms: Terms) -> JsonObject:
    secret = urlencode({"client_secret": intent["client_secret"]})
    page = f"{call.site}/3ds/{intent['id']}?{secret}"
    if terms.return_url is None:
        challenge = {"type": "three_d_secure_redirect", "stripe_js": page}
        return {"type": "use_stripe_sdk", "use_stripe_sdk": challenge}
    redirect = {"return_url": terms.return_url, "url": page}
    return {"type": "redirect_to_url", "redirect_to_url": redirect}


def _conclude(ledger: Ledger, intent: JsonObject) -> JsonObject:
    """The shopper has done what there was to do: charge, or wait for a slow bank."""
    if not cards.behaviour(_card(_method(ledger, intent)).fingerprint).settles_later:
        return _charge(ledger, intent, None)
    intent |= {"next_action": None, "processing": {"type": "card"}, "status": "processing"}
    ledger.announce("payment_intent.processing", ledger.keep(intent))
    return intent


def _charge(ledger: Ledger, intent: JsonObject, refused: cards.Decline | None) -> JsonObject:
    method = _method(ledger, intent)
    order = {name: intent[name] for name in COPIED_TO_CHARGE} | {
        "billing_details": method["billing_details"],
        "payment_intent": intent["id"],
        "payment_method": method["id"],
    }
    held = intent["capture_method"] == "manual"
    charge = charge_card(ledger, _card(method), order, capture=not held, refused=refused)
    intent |= {"latest_charge": charge["id"], "next_action": None, "processing": None}
    if not charge["paid"]:
        _fail(ledger, intent, refusal_of(charge))
        raise refusal_of(charge, payment_intent=intent, payment_method=method)
    amount = intent["amount"]
    intent |= {
        "amount_capturable": amount if held else 0,
        "amount_received": 0 if held else amount,
        "last_payment_error": None,
        "status": "requires_capture" if held else "succeeded",
    }
    outcome = "amount_capturable_updated" if held else "succeeded"
    ledger.announce(f"payment_intent.{outcome}", ledger.keep(intent))
    return intent


def _fail(ledger: Ledger, intent: JsonObject, error: ApiError) -> None:
    """Back to the start: the intent may be confirmed again with another payment method."""
    failure = error.body()["error"] | {"payment_method": _method(ledger, intent)}
    intent |= {
        "last_payment_error": failure,
        "next_action": None,
        "payment_method": None,
        "status": "requires_payment_method",
    }
    ledger.announce("payment_intent.payment_failed", ledger.keep(intent))


def _method(ledger: Ledger, intent: JsonObject) -> JsonObject:
    return ledger.find("payment_method", intent["payment_method"], "payment_method")


def _card(method: JsonObject) -> CardFacts:
    return CardFacts.read(method["card"])

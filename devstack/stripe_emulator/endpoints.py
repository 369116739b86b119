"""The table of the API: method and path, the operation, and whether a browser may call it."""

from dataclasses import dataclass

from . import balance, charges, confirmation, intents, payment_methods, refunds
from .ledger import Call, Operation
from .lists import lister
from .shapes import JsonObject


@dataclass(frozen=True)
class Endpoint:
    """One route of the API; `browser` ones take the publishable key too."""

    method: str
    path: str
    operation: Operation
    browser: bool = False


def retrieve_event(call: Call) -> JsonObject:
    """GET /v1/events/{id}."""
    call.params.only()
    return call.ledger.find("event", call.target, "id")


INTENTS = "/v1/payment_intents"
CHARGES = "/v1/charges"
REFUNDS = "/v1/refunds"
EVENTS = "/v1/events"

ENDPOINTS = (
    Endpoint("POST", INTENTS, intents.create),
    Endpoint("GET", INTENTS, lister("payment_intent", INTENTS)),
    Endpoint("GET", INTENTS + "/{id}", intents.retrieve, browser=True),
    Endpoint("POST", INTENTS + "/{id}", intents.update),
    Endpoint("POST", INTENTS + "/{id}/confirm", intents.confirm, browser=True),
    Endpoint("POST", INTENTS + "/{id}/capture", confirmation.capture),
    Endpoint("POST", INTENTS + "/{id}/cancel", intents.cancel),
    Endpoint("POST", CHARGES, charges.create),
    Endpoint("GET", CHARGES, lister("charge", CHARGES, "payment_intent")),
    Endpoint("GET", CHARGES + "/{id}", charges.retrieve),
    Endpoint("POST", CHARGES + "/{id}", charges.update),
    Endpoint("POST", CHARGES + "/{id}/capture", charges.capture),
    Endpoint("POST", REFUNDS, refunds.create),
    Endpoint("GET", REFUNDS, lister("refund", REFUNDS, "charge", "payment_intent")),
    Endpoint("GET", REFUNDS + "/{id}", refunds.retrieve),
    Endpoint("POST", REFUNDS + "/{id}", refunds.update),
    Endpoint("POST", "/v1/tokens", payment_methods.create_token, browser=True),
    Endpoint("GET", "/v1/tokens/{id}", payment_methods.retrieve_token),
    Endpoint("POST", "/v1/payment_methods", payment_methods.create_payment_method, browser=True),
    Endpoint("GET", "/v1/payment_methods/{id}", payment_methods.retrieve_payment_method),
    Endpoint("GET", EVENTS, lister("event", EVENTS, "type")),
    Endpoint("GET", EVENTS + "/{id}", retrieve_event),
    Endpoint("GET", "/v1/balance", balance.retrieve),
)

"""Which ways to pay a PaymentIntent accepts. The emulator's account has cards only."""

from .errors import ParameterError
from .params import Params
from .shapes import JsonObject

AUTOMATIC = "automatic_payment_methods"
ALLOWED = "allowed_payment_method_types"
LISTED = "payment_method_types"
METHOD_PARAMS = (AUTOMATIC, ALLOWED, LISTED)
ACTIVATED = frozenset({"card"})

# From this API version on, `payment_method_types` can only be read. Source:
# https://docs.stripe.com/changelog/endive/2026-09-30/removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents
LISTED_UNTIL = "2026-09-30"


def accepted_methods(params: Params, version: str | None) -> JsonObject:
    """The intent's fields for the one of `METHOD_PARAMS` that was given, else for `automatic`.

    Args:
        params: the parameters of the request that creates the intent.
        version: the request's API version; without one the account's is taken to be old enough
            for `payment_method_types`.
    """
    given = [name for name in METHOD_PARAMS if name in params]
    if len(given) > 1:
        raise ParameterError(f"You may only specify one of these parameters: {', '.join(given)}.")
    if LISTED in given:
        return _listed(params, version)
    if ALLOWED in given:
        return _allowed(params)
    return _automatic(params.within(AUTOMATIC).only("enabled", "allow_redirects"))


def _listed(params: Params, version: str | None) -> JsonObject:
    if version is not None and version[: len(LISTED_UNTIL)] >= LISTED_UNTIL:
        raise ParameterError(
            f"{LISTED} is no longer supported. Use {AUTOMATIC} or {ALLOWED} instead.",
            code="payment_method_types_no_longer_supported",
            param=LISTED,
        )
    types = params.items(LISTED)
    if set(types) != ACTIVATED:
        raise ParameterError(
            f"The payment method types {types} are not all activated for this account; only "
            "'card' is.",
            param=LISTED,
        )
    return {}


def _allowed(params: Params) -> JsonObject:
    """What is not activated is left out without a word."""
    types = params.items(ALLOWED)
    if ACTIVATED.isdisjoint(types):
        raise ParameterError(f"None of {ALLOWED} can be used for this payment.", param=ALLOWED)
    return {ALLOWED: types}


def _automatic(params: Params) -> JsonObject:
    if not params.flag("enabled", default=True):
        return {}
    redirects = params.choice("allow_redirects", ("always", "never"), "always")
    return {AUTOMATIC: {"enabled": True, "allow_redirects": redirects}}

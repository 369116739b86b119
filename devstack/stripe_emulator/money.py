"""Amounts and currencies: what may be charged at all. Amounts are in Stripe's unit."""

from chassis.currencies import CURRENCIES
from chassis.currencies import currency as currency_of

from .errors import ParameterError
from .params import Params


def read_currency(params: Params) -> str:
    """The `currency` parameter in lower case."""
    currency = params.required("currency").lower()
    if currency.upper() not in CURRENCIES:
        raise ParameterError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{', '.join(CURRENCIES).lower()}",
            param="currency",
        )
    return currency


def read_amount(params: Params, currency: str) -> int | None:
    """The `amount` parameter, at least what is worth charging in the currency."""
    amount = params.integer("amount", most=2**53)
    if amount is None:
        return None
    _check(amount, currency)
    return amount


def check_part(amount: int, currency: str) -> None:
    """Refuse a part of an amount, as of a refund, that Stripe cannot pay in the currency."""
    known = currency_of(currency.upper())
    step = known.step * known.stripe_factor
    if amount % step:
        raise ParameterError(
            f"Invalid integer: amounts in {currency} must be a multiple of {step}.", param="amount"
        )


def _check(amount: int, currency: str) -> None:
    known = currency_of(currency.upper())
    most = known.maximum * known.stripe_factor
    if amount > most:
        raise ParameterError(
            f"Amount must be no more than {most}", code="amount_too_large", param="amount"
        )
    least = known.minimum * known.stripe_factor
    if amount < least:
        raise ParameterError(
            f"Amount must convert to at least {least} in the minor unit of {currency}.",
            code="amount_too_small",
            param="amount",
        )
    check_part(amount, currency)


def shown(amount: int, currency: str) -> str:
    """An amount for people, e.g. `1,234.50 USD`."""
    known = currency_of(currency.upper())
    number = f"{amount / known.stripe_factor / 10**known.decimals:,.{known.decimals}f}"
    return f"{number} {known.code}"

"""Amounts and currencies: what may be charged at all. Amounts are in the currency's minor unit."""

from .errors import ParameterError
from .params import MAX_INTEGER, Params

# fmt: off
CURRENCIES = frozenset({
    "aed", "aud", "bgn", "brl", "cad", "chf", "clp", "cny", "cop", "czk", "dkk", "egp", "eur",
    "gbp", "hkd", "huf", "idr", "ils", "inr", "isk", "jpy", "kes", "krw", "mad", "mxn", "myr",
    "ngn", "nok", "nzd", "pen", "php", "pkr", "pln", "qar", "ron", "rsd", "sar", "sek", "sgd",
    "thb", "try", "twd", "uah", "usd", "uyu", "vnd", "zar",
})
# fmt: on
WITHOUT_CENTS = frozenset({"clp", "jpy", "krw", "vnd"})
LEAST = {"usd": 50, "eur": 50, "chf": 50, "aud": 50, "cad": 50, "gbp": 30, "jpy": 50, "inr": 50}
LEAST |= {"sek": 300, "nok": 300, "dkk": 250, "pln": 200, "czk": 1500, "hkd": 400, "mxn": 1000}


def read_currency(params: Params) -> str:
    """The `currency` parameter in lower case."""
    currency = params.required("currency").lower()
    if currency not in CURRENCIES:
        raise ParameterError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{', '.join(sorted(CURRENCIES))}",
            param="currency",
        )
    return currency


def read_amount(params: Params, currency: str) -> int | None:
    """The `amount` parameter, at least what is worth charging in the currency."""
    amount = params.integer("amount", most=2**53)
    if amount is None:
        return None
    if amount > MAX_INTEGER:
        raise ParameterError(
            f"Amount must be no more than {MAX_INTEGER}", code="amount_too_large", param="amount"
        )
    least = LEAST.get(currency, 1)
    if amount < least:
        raise ParameterError(
            f"Amount must convert to at least {least} in the minor unit of {currency}.",
            code="amount_too_small",
            param="amount",
        )
    return amount


def shown(amount: int, currency: str) -> str:
    """An amount for people, e.g. `1,234.50 USD`."""
    number = f"{amount:,}" if currency in WITHOUT_CENTS else f"{amount / 100:,.2f}"
    return f"{number} {currency.upper()}"

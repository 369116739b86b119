"""Amounts and reasons in words."""

from svc_notify.model.notices import Money

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

# Currencies that have no minor unit, as Stripe lists them, and those that have a thousand.
_WHOLE = frozenset(
    "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
_THOUSANDTHS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})

# Stripe's decline codes that a shopper can do something about; others are told no more than that.
_DECLINES = {
    "insufficient_funds": "insufficient funds",
    "expired_card": "it has expired",
    "incorrect_cvc": "the security code is wrong",
    "invalid_cvc": "the security code is wrong",
    "incorrect_number": "the number is wrong",
    "invalid_number": "the number is wrong",
    "invalid_expiry_month": "the expiry date is wrong",
    "invalid_expiry_year": "the expiry date is wrong",
    "card_velocity_exceeded": "its limit is reached",
    "withdrawal_count_limit_exceeded": "its limit is reached",
    "currency_not_supported": "it does not take this currency",
    "card_not_supported": "it can not be used for this purchase",
    "authentication_required": "your bank has to confirm the payment",
    "processing_error": "the bank had a problem. Please try again",
    "try_again_later": "the bank had a problem. Please try again",
}


def amount(money: Money) -> str:
    """Such as `$1,019.99`, or `12.50 CHF` where the currency has no sign of its own."""
    digits = 0 if money.currency in _WHOLE else 3 if money.currency in _THOUSANDTHS else 2
    whole, fraction = divmod(money.amount_minor, 10**digits)
    number = f"{whole:,}.{fraction:0{digits}}" if digits else f"{whole:,}"
    symbol = _SYMBOLS.get(money.currency)
    return f"{symbol}{number}" if symbol else f"{number} {money.currency}"


def things(count: int) -> str:
    """Such as `3 items`."""
    return "1 item" if count == 1 else f"{count:,} items"


def declined(decline_code: str) -> str:
    """That a card was declined, and why, where it is of use to know."""
    why = _DECLINES.get(decline_code)
    return f"Your card was declined: {why}" if why else "Your card was declined"

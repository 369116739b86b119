"""Amounts and reasons in words."""

from chassis.currencies import Money, currency

# Stripe's decline codes that a shopper can do something about; of others no more than that is said.
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
    "card_not_supported": "it cannot be used for this purchase",
    "authentication_required": "your bank has to confirm the payment",
    "processing_error": "the bank had a problem. Please try again",
    "try_again_later": "the bank had a problem. Please try again",
}


def amount(money: Money) -> str:
    """Such as `$1,019.99`, or `12.50 CHF` where the currency has no sign of its own."""
    return currency(money.currency).written(money.amount_minor)


def things(count: int) -> str:
    """Such as `3 items`."""
    return "1 item" if count == 1 else f"{count:,} items"


def named(order: str, number: str) -> str:
    """Such as `Your order 4821-5539-0714`; `Your order` where the number is not known."""
    return f"{order} {number}" if number else order


def of_order(number: str) -> str:
    """Such as ` for order 4821-5539-0714`; empty where the number is not known."""
    return f" for order {number}" if number else ""


def declined(decline_code: str, order: str = "") -> str:
    """That a card was declined, for which `order`, and why, where it is of use to know."""
    why = _DECLINES.get(decline_code)
    return f"Your card was declined{order}{f': {why}' if why else ''}"

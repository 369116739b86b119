"""Money and times, as people read and type them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from ui.problems import Json

# ISO 4217 minor units that are not two.
_DIGITS: Mapping[str, int] = {
    "BHD": 3, "CLP": 0, "ISK": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "OMR": 3, "TND": 3,
    "VND": 0, "XAF": 0, "XOF": 0,
}  # fmt: skip
_SYMBOLS: Mapping[str, str] = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}
_AMOUNT = re.compile(r"(\d{1,9})(?:\.(\d{1,3}))?", re.ASCII)


def digits_of(currency: str) -> int:
    """How many decimal places a currency has."""
    return _DIGITS.get(currency, 2)


def money(amount: Json) -> str:
    """An amount in minor units, such as `$1,234.50`."""
    currency = amount["currency"]
    number = f"{_major(amount):,.{digits_of(currency)}f}"
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{number}" if symbol else f"{number} {currency}"


def typed_money(amount: Json) -> str:
    """An amount as it stands in a form: `1234.50`."""
    return f"{_major(amount):.{digits_of(amount['currency'])}f}"


def minor_units(text: str, currency: str) -> int:
    """The minor units that a typed amount means; a comma may stand for the point.

    Raises:
        ValueError: It is no amount of this currency.
    """
    match = _AMOUNT.fullmatch(text.strip().replace(",", "."))
    if match is None or len(match[2] or "") > digits_of(currency):
        raise ValueError(text)
    return int(Decimal(match[0]).scaleb(digits_of(currency)))


def moment(time: str) -> datetime:
    """The time that an RFC 3339 text of the API's means."""
    # Python keeps microseconds; the API may tell nanoseconds.
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", time)).astimezone(UTC)


def long_time(time: str) -> str:
    """`23 November 2026, 05:38 UTC`; scripts put the browser's own time zone in its place."""
    at = moment(time)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def short_date(time: str) -> str:
    """`23 Nov 2026`."""
    at = moment(time)
    return f"{at.day} {at:%b %Y}"


def _major(amount: Json) -> Decimal:
    return Decimal(amount["amountMinor"]).scaleb(-digits_of(amount["currency"]))

"""Money and times, as people read and type them."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from chassis.currencies import currency
from ui.api.problems import Json

# Whole units, maybe in groups of three, and decimals: 1299, 1,299.00, 1.299,00, 1 299,00, 12,50.
_AMOUNT = re.compile(
    r"(?P<whole>\d{1,3}(?:(?P<group>[,.'’ \u00a0\u202f])\d{3})(?:(?P=group)\d{3})*|\d{1,9})"
    r"(?:(?P<point>[.,])(?P<decimals>\d{1,3}))?",
    re.ASCII,
)
_MOST_DIGITS = 9


def digits_of(code: str) -> int:
    """How many decimal places a currency has."""
    return currency(code).decimals


def money(amount: Json) -> str:
    """An amount in minor units, such as `$1,234.50`."""
    return currency(amount["currency"]).written(int(amount["amountMinor"]))


def typed_money(amount: Json) -> str:
    """An amount as it stands in a form: `1234.50`."""
    return f"{_major(amount):.{digits_of(amount['currency'])}f}"


def amount_hint(code: str) -> str:
    """What must be so with a typed amount of a currency."""
    decimals = digits_of(code)
    if not decimals:
        return "must be a whole amount such as 25"
    return f"must be an amount such as 25 or {25.5:.{decimals}f}"


def minor_units(text: str, code: str) -> int:
    """The minor units that a typed amount means.

    Point and comma may both stand before the decimals, and the other one between thousands. One
    comma before three digits groups thousands, unless the currency has three decimals.

    Raises:
        ValueError: It is no amount of this currency.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    whole, group, point, decimals = match.group("whole", "group", "point", "decimals")
    digits = digits_of(code)
    if point is None and group in {",", "."} and whole.count(group) == 1:
        if digits == len("000"):
            whole, decimals = whole.split(group)
        elif group == ".":
            raise ValueError(text)
    elif group is not None and group == point:
        raise ValueError(text)
    whole = re.sub(r"\D", "", whole)
    if len(whole) > _MOST_DIGITS or len(decimals or "") > digits:
        raise ValueError(text)
    return int(Decimal(f"{whole}.{decimals or 0}").scaleb(digits))


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

"""The checks on a typed-in card: Luhn, expiry, security code."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from . import cards
from .card_shapes import CardFacts
from .errors import CardError
from .params import Params

CENTURY = 100
HORIZON_YEARS = 50
MONTHS = 12
CARD_PARAMS = ("number", "exp_month", "exp_year", "cvc", "name", "networks")
ADDRESS_PARAMS = tuple(
    f"address_{part}" for part in ("line1", "line2", "city", "state", "zip", "country")
)

_NUMBER = re.compile(r"^\d{12,19}$", re.ASCII)
_CVC = re.compile(r"^\d{3,4}$", re.ASCII)


@dataclass(frozen=True)
class Problem:
    """One thing that can be wrong with a card's details."""

    code: str
    message: str


NUMBER_INVALID = Problem("invalid_number", "The card number is not a valid credit card number.")
NUMBER_INCORRECT = Problem("incorrect_number", "Your card number is incorrect.")
MONTH_INVALID = Problem("invalid_expiry_month", "Your card's expiration month is invalid.")
YEAR_INVALID = Problem("invalid_expiry_year", "Your card's expiration year is invalid.")
CVC_INVALID = Problem("invalid_cvc", "Your card's security code is invalid.")
LIVE_CARD = (
    "Your card was declined. Your request was in test mode, but used a non test card. For a list "
    "of valid test cards, visit: https://stripe.com/docs/testing."
)


def luhn(number: str) -> bool:
    """Whether the check digit of a card number fits."""
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def full_year(year: int, today: int) -> int:
    """A two-digit year as the one within fifty years of `today`'s."""
    if year >= CENTURY:
        return year
    candidate = today - today % CENTURY + year
    return candidate - CENTURY if candidate > today + HORIZON_YEARS else candidate


def typed_card(params: Params, now: int) -> CardFacts:
    """Check what a shopper typed into a card form.

    Args:
        params: `number`, `exp_month`, `exp_year` and, if given, `cvc`.
        now: Unix seconds; expiry is judged in UTC.

    Raises:
        CardError: the number, the date or the security code cannot be right, or the number is
            not one of the test cards.
    """
    params.only(*CARD_PARAMS, *ADDRESS_PARAMS)
    number = re.sub(r"[\s-]", "", params.required("number"))
    month, year = params.required("exp_month"), params.required("exp_year")
    if not _NUMBER.match(number):
        _refuse(NUMBER_INVALID, params, "number")
    if not luhn(number):
        _refuse(NUMBER_INCORRECT, params, "number")
    exp_month, exp_year = _expiry(params, month, year, datetime.fromtimestamp(now, UTC))
    cvc = params.text("cvc")
    if cvc is not None and not _CVC.match(cvc):
        _refuse(CVC_INVALID, params, "cvc")
    card = cards.numbered(number)
    if card is None:
        raise CardError(LIVE_CARD, code="card_declined", decline_code="test_mode_live_card")
    return CardFacts.of(card, exp_month, exp_year, cvc_check="pass" if cvc else None)


def _expiry(params: Params, month: str, year: str, today: datetime) -> tuple[int, int]:
    if not (month.isascii() and month.isdecimal() and 1 <= int(month[:3]) <= MONTHS):
        _refuse(MONTH_INVALID, params, "exp_month")
    if not (year.isascii() and year.isdecimal() and len(year) in {2, 4}):
        _refuse(YEAR_INVALID, params, "exp_year")
    exp_month, exp_year = int(month), full_year(int(year), today.year)
    if not today.year <= exp_year <= today.year + HORIZON_YEARS:
        _refuse(YEAR_INVALID, params, "exp_year")
    if exp_year == today.year and exp_month < today.month:
        _refuse(MONTH_INVALID, params, "exp_month")
    return exp_month, exp_year


def _refuse(problem: Problem, params: Params, name: str) -> NoReturn:
    raise CardError(problem.message, code=problem.code, param=params.full_name(name))

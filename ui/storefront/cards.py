"""A typed card as a payment method, where the shop runs with a Stripe emulator.

With Stripe itself a card never comes here: its own form sends it from the browser to Stripe.
"""

import re
from dataclasses import dataclass, field
from datetime import date

import httpx

from ui.api.problems import unanswered
from ui.pages.site import NewClient

FIELDS = ("number", "expiry", "cvc")

_EXPIRY = re.compile(r"(\d{1,2})\s*/?\s*(\d{4}|\d{2})", re.ASCII)
_NUMBER = re.compile(r"\d{12,19}", re.ASCII)
_CVC = re.compile(r"\d{3,4}", re.ASCII)


@dataclass(frozen=True)
class Card:
    """A typed card. It is shown nowhere, not even where it is wrong."""

    number: str = field(repr=False)
    expiry: str = field(repr=False)
    cvc: str = field(repr=False)

    def errors(self, today: date) -> dict[str, str]:
        """Field -> what must be so; of all fields at once."""
        errors = {}
        if not _NUMBER.fullmatch(self._digits):
            errors["number"] = "must be the 12 to 19 digits on the card"
        elif _luhn_sum(self._digits) % 10:
            errors["number"] = "must be the number on the card; a digit is wrong"
        month, year = self._month_and_year
        if not 1 <= month <= 12:
            errors["expiry"] = "must be a month and a year, such as 04/30"
        elif (year, month) < (today.year, today.month):
            errors["expiry"] = "must not be in the past"
        if not _CVC.fullmatch(self.cvc):
            errors["cvc"] = "must be 3 or 4 digits"
        return errors

    def params(self) -> dict[str, str]:
        """The card in Stripe's form encoding."""
        month, year = self._month_and_year
        return {
            "type": "card",
            "card[number]": self._digits,
            "card[exp_month]": f"{month:02}",
            "card[exp_year]": str(year),
            "card[cvc]": self.cvc,
        }

    @property
    def _digits(self) -> str:
        return re.sub(r"[\s-]", "", self.number)

    @property
    def _month_and_year(self) -> tuple[int, int]:
        """What the expiry date says; month 0 where it is none."""
        match = _EXPIRY.fullmatch(self.expiry)
        if match is None:
            return 0, 0
        month, year = match.groups()
        return int(month), int(year if len(year) == 4 else f"20{year}")


def _luhn_sum(digits: str) -> int:
    """The sum that ends in 0 where no digit of a card's number is mistyped."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return sum(map(int, digits[-1::-2])) + sum(each // 10 + each % 10 for each in doubled)


class CardRefused(Exception):
    """The emulator does not take the card as typed.

    Attributes:
        field: The field that is wrong; empty for the card as a whole.
        message: What is wrong with it, a sentence.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field)
        self.field = field
        self.message = message


async def payment_method(
    new_emulator_client: NewClient, emulator_url: str, publishable_key: str, card: Card
) -> str:
    """The id of a payment method for `card`.

    Raises:
        CardRefused: The card is not taken as typed.
        ApiProblem: The emulator does not answer.
    """
    try:
        async with new_emulator_client() as emulator:
            response = await emulator.post(
                f"{emulator_url.rstrip('/')}/v1/payment_methods",
                data=card.params(),
                headers={"Authorization": f"Bearer {publishable_key}"},
            )
        answer = response.json()
    except (httpx.TransportError, ValueError) as error:
        raise unanswered() from error
    if response.is_success:
        method_id: str = answer["id"]
        return method_id
    if response.status_code not in {400, 402}:
        raise unanswered()
    refusal = answer.get("error", {})
    raise CardRefused(_field(refusal.get("param") or ""), refusal.get("message") or "")


def _field(param: str) -> str:
    """The form's field for Stripe's `card[exp_month]`, or its `exp_month`."""
    if "exp_" in param:
        return "expiry"
    return next((name for name in FIELDS if name in param), "")

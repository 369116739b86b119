"""Passwords: their one spelling, and which are too easy to guess."""

import runpy
import unicodedata
from functools import cache
from importlib.metadata import distribution

from chassis.errors import InvalidField

# "aaaaaaaa", "12121212" and eight spaces have fewer.
_LEAST_DIFFERENT = 4


def normal_password(text: str) -> str:
    """The one spelling of a password: NFC, since keyboards differ in how they send an é."""
    return unicodedata.normalize("NFC", text)


def new_password(text: str, *, field: str, email: str, shop_name: str) -> str:
    """The one spelling of a password that someone chooses.

    Args:
        text: As typed.
        field: The field of the request that it came in.
        email: The account's.
        shop_name: What the shop is called.

    Raises:
        InvalidField: It is one of those that are tried first.
    """
    password = normal_password(text)
    folded = _fold(password)
    if len(set(folded)) < _LEAST_DIFFERENT:
        raise InvalidField(field, f"must have at least {_LEAST_DIFFERENT} different characters")
    local_part, _, _ = email.partition("@")
    if folded.strip() in {_fold(each) for each in (email, local_part, shop_name)}:
        raise InvalidField(field, "must not be your email or the name of the shop")
    if f"\n{folded.strip()}\n" in _common():
        raise InvalidField(field, "is one of the most common passwords; choose another")
    return password


@cache
def _common() -> str:
    """The 30,000 commonest of those that leaked anywhere, in zxcvbn's list, each between newlines.

    The list is run by itself, since zxcvbn makes tables of 11 MB when it is imported.
    """
    lists = distribution("zxcvbn").locate_file("zxcvbn/frequency_lists.py")
    passwords = runpy.run_path(str(lists))["FREQUENCY_LISTS"]["passwords"]
    return "\n".join(["", *map(_fold, passwords), ""])


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())

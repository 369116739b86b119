"""Ids of what the shop makes."""

import os
import secrets
import time
from collections.abc import Callable
from functools import lru_cache

NewId = Callable[[], str]

# Crockford's base 32, as in the ULID specification: no i, l, o, u.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 26
# How many characters at the end are random: 5 bits of a byte each.
_RANDOM = 16
_DIGITS = bytes(ord(ALPHABET[byte & 31]) for byte in range(256))


def new_id() -> str:
    """A ULID in lower case: 26 characters that sort by the millisecond they were made in.

    80 of its 128 bits are random. Where it must not be guessed, take `new_secret`.
    """
    return _moment(time.time_ns() // 1_000_000) + os.urandom(_RANDOM).translate(_DIGITS).decode()


def is_id(text: str) -> bool:
    """Whether `text` is of the form of an id."""
    return len(text) == ID_LENGTH and set(text) <= set(ALPHABET)


def new_secret() -> str:
    """256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


@lru_cache(maxsize=8)
def _moment(milliseconds: int) -> str:
    """The first characters of ids of a millisecond; many are made in each under load."""
    shifts = range(5 * (ID_LENGTH - _RANDOM - 1), -1, -5)
    return "".join(ALPHABET[milliseconds >> shift & 31] for shift in shifts)

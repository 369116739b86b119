"""Ids of what the shop makes."""

import secrets
import time
from collections.abc import Callable

NewId = Callable[[], str]

# Crockford's base 32, as in the ULID specification: no i, l, o, u.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 26
_RANDOM_BITS = 80


def new_id() -> str:
    """A ULID in lower case: 26 characters that sort by the millisecond they were made in.

    80 of its 128 bits are random. Where it must not be guessed, take `new_secret`.
    """
    milliseconds = time.time_ns() // 1_000_000
    return _base32(milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS))


def is_id(text: str) -> bool:
    """Whether `text` is of the form of an id."""
    return len(text) == ID_LENGTH and set(text) <= set(ALPHABET)


def new_secret() -> str:
    """256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def _base32(number: int) -> str:
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (ID_LENGTH - 1), -1, -5))

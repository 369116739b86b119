"""Idempotency keys: the first answer is given again for a day; another request is refused."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .errors import KeyInUseError, KeyMismatchError, ParameterError
from .store import SavedReply

REMEMBERED_SECONDS = 24 * 60 * 60
LONGEST_KEY = 255


def fingerprint(flat: Sequence[tuple[str, str]]) -> str:
    """What two requests with the same parameters have in common, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(flat)).encode()).hexdigest()


def check_key(key: str) -> None:
    """Refuse a key that is too long (ParameterError)."""
    if len(key) > LONGEST_KEY:
        raise ParameterError(f"Idempotency keys can be at most {LONGEST_KEY} characters long.")


def replayable(
    saved: SavedReply | None, path: str, request_fingerprint: str, now: float
) -> SavedReply | None:
    """The answer to give again; None where the request is new or the old answer has expired.

    Raises:
        KeyMismatchError: the key was first used for another path or with other parameters.
    """
    if saved is None or saved.created + REMEMBERED_SECONDS <= now:
        return None
    if saved.path != path:
        raise KeyMismatchError(
            "Keys for idempotent requests can only be used for the same endpoint they were first "
            f"used for ('{path}' vs '{saved.path}'). Try using a key other than '{saved.key}' if "
            "you meant to execute a different request."
        )
    if saved.fingerprint != request_fingerprint:
        raise KeyMismatchError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{saved.key}' if you meant to execute a "
            "different request."
        )
    return saved


class InFlight:
    """The keys of requests that are being worked on.

    They live in memory only: a kill ends the requests, and with them their claim on the key.
    """

    def __init__(self) -> None:
        self._keys: set[str] = set()

    @contextmanager
    def holding(self, key: str | None) -> Iterator[None]:
        """Claim a key for the length of the block (KeyInUseError where it is taken)."""
        if key is None:
            yield
            return
        if key in self._keys:
            raise KeyInUseError(key)
        self._keys.add(key)
        try:
            yield
        finally:
            self._keys.discard(key)

"""Page tokens: where a list goes on, in a form that clients only pass back."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import Message

from chassis.errors import InvalidField

DEFAULT_PAGE_SIZE = 24

Part = str | int | datetime
"""What a list may be ordered by; of a time, whole milliseconds."""


class Total(int):
    """The type of a part that says how many items a list has in all: an int32, not negative."""


_FIELD = "page_token"
_NO_FILTERS = frozenset({"page_size", _FIELD, "service"})
_TOTALS = range(2**31)
_INT64 = 2**63
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def page_size(asked: int) -> int:
    """How many items a page has when `asked` for that many; 0 is the default of 24."""
    return asked or DEFAULT_PAGE_SIZE


def scope_of(request: Message) -> str:
    """The scope that a request gives a list: all of it that says which items are in the list.

    Which page is asked for, and of which service, are left out.
    """
    filters: Any = type(request)()
    filters.CopyFrom(request)
    for name in _NO_FILTERS & set(request.DESCRIPTOR.fields_by_name):
        filters.ClearField(name)
    return f"{request.DESCRIPTOR.full_name} {filters.SerializeToString(deterministic=True).hex()}"


def encode_page_token(scope: str, position: Sequence[Part]) -> str:
    """The token of the page that starts after `position`.

    Args:
        scope: filters and order of the list; the token is refused with any other.
        position: the sort key of the page's last item, whole.
    """
    text = json.dumps([_digest(scope), *position], separators=(",", ":"), default=_milliseconds)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_page_token(token: str, scope: str, types: Sequence[type]) -> tuple[Any, ...] | None:
    """The position that `encode_page_token` put into `token`; None for the first page.

    Args:
        token: as the client sent it; empty for the first page.
        scope: filters and order of the list now asked for.
        types: the type of each part of the position.

    Raises:
        InvalidField: the token was not made here, or for another list.
    """
    if not token:
        return None
    digest, *position = _parts(token)
    if digest != _digest(scope):
        raise InvalidField(_FIELD, "belongs to a list with other filters or another order")
    try:
        return tuple(_part(part, kind) for part, kind in zip(position, types, strict=True))
    except (ValueError, OverflowError) as error:
        raise InvalidField(_FIELD, "is not one that this list gave out") from error


def _parts(token: str) -> list[Any]:
    try:
        padded = token + "=" * (-len(token) % 4)
        parts = json.loads(base64.b64decode(padded, altchars="-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        parts = None
    if not isinstance(parts, list) or not parts:
        raise InvalidField(_FIELD, "is not a page token")
    return parts


def _digest(scope: str) -> str:
    return hashlib.blake2s(scope.encode(), digest_size=6).hexdigest()


def _milliseconds(time: datetime) -> int:
    return (time - _EPOCH) // _MILLISECOND


def _part(part: Any, kind: type[Any]) -> Any:
    """One part of a position; ValueError or OverflowError where a forger made it."""
    if kind is datetime and type(part) is int:
        return _EPOCH + part * _MILLISECOND
    if kind is Total and type(part) is int and part in _TOTALS:
        return part
    if type(part) is not kind or not _storable(part):
        raise ValueError
    return part


def _storable(part: str | int) -> bool:
    """Whether it can be given to MongoDB at all."""
    if isinstance(part, int):
        return -_INT64 <= part < _INT64
    return not any("\ud800" <= character <= "\udfff" for character in part)

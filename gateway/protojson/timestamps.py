"""google.protobuf.Timestamp as RFC 3339, both ways."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.protojson.scalars import WrongValueError

_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive, so that isoformat() ends without an offset
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SECOND = -62135596800  # 0001-01-01T00:00:00Z
_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z
_SECOND = timedelta(seconds=1)


def rfc3339(time: Timestamp) -> str:
    """`time` in UTC, with 0, 3, 6 or 9 digits of fraction."""
    text = (_EPOCH + timedelta(seconds=time.seconds)).isoformat()
    nanos = time.nanos
    if not nanos:
        return f"{text}Z"
    if nanos % 1_000_000 == 0:
        return f"{text}.{nanos // 1_000_000:03d}Z"
    if nanos % 1_000 == 0:
        return f"{text}.{nanos // 1_000:06d}Z"
    return f"{text}.{nanos:09d}Z"


def read_timestamp(value: Any) -> Timestamp:
    """The time that a string names.

    Raises:
        WrongValueError: It is no RFC 3339 time between the years 1 and 9999.
    """
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise WrongValueError(_FORM)
    clock, fraction, sign, hours, minutes = match.groups()
    try:
        local = datetime.fromisoformat(clock).replace(tzinfo=UTC)
    except ValueError as error:
        raise WrongValueError(_FORM) from error
    seconds = (local - _EPOCH_UTC) // _SECOND
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            raise WrongValueError(_FORM)
        offset = int(hours) * 3600 + int(minutes) * 60
        seconds += offset if sign == "-" else -offset
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        raise WrongValueError("must be between the years 1 and 9999")
    return Timestamp(seconds=seconds, nanos=int((fraction or "").ljust(9, "0")))


_FORM = "must be a time such as 2026-11-23T09:30:00Z"

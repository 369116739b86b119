"""Single values of JSON as values of the contract's fields, strictly.

A reader takes what `orjson` made of a value, or the text of a query parameter, a path segment, a
header or a form field. It returns what the field takes, or raises WrongValueError, which says what
must be so.
"""

import base64
import binascii
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from shop.options.v1 import options_pb2

from chassis.contract.patterns import takes_empty, wanted
from gateway.contract import rules_of
from gateway.protojson.names import short_enum_names

Reader = Callable[[Any], Any]

_WHOLE = re.compile(r"-?[0-9]{1,20}")
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")
_INT32 = (-(2**31), 2**31 - 1)
_INT64 = (-(2**63), 2**63 - 1)
_UINT32 = (0, 2**32 - 1)
_UINT64 = (0, 2**64 - 1)
_INTEGERS = {
    FieldDescriptor.TYPE_INT32: _INT32,
    FieldDescriptor.TYPE_SINT32: _INT32,
    FieldDescriptor.TYPE_SFIXED32: _INT32,
    FieldDescriptor.TYPE_UINT32: _UINT32,
    FieldDescriptor.TYPE_FIXED32: _UINT32,
    FieldDescriptor.TYPE_INT64: _INT64,
    FieldDescriptor.TYPE_SINT64: _INT64,
    FieldDescriptor.TYPE_SFIXED64: _INT64,
    FieldDescriptor.TYPE_UINT64: _UINT64,
    FieldDescriptor.TYPE_FIXED64: _UINT64,
}
_FLOAT_MAX = 3.4028234663852886e38


class WrongValueError(Exception):
    """A value that a field does not take; the message says what must be so."""


def reader_of(field: FieldDescriptor) -> Reader:
    """The reader of a field's values; for messages there is none."""
    if field.type in _INTEGERS:
        return _integer(*_INTEGERS[field.type])
    if field.type == FieldDescriptor.TYPE_ENUM and field.enum_type is not None:
        return _enum(field.enum_type)
    if field.type == FieldDescriptor.TYPE_STRING:
        return _text_within(rules_of(field))
    return _READERS[field.type]


def text_reader_of(field: FieldDescriptor) -> Reader:
    """The reader of a field's values where all values are strings."""
    return _truth_text if field.type == FieldDescriptor.TYPE_BOOL else reader_of(field)


def _integer(low: int, high: int) -> Reader:
    def read(value: Any) -> int:
        number = value if type(value) is int else _whole(value)
        if not low <= number <= high:
            raise WrongValueError(f"must be between {low} and {high}")
        return number

    return read


def _whole(value: Any) -> int:
    """Canonical JSON has int64 as text, and 1.0 is as whole as 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise WrongValueError("must be a whole number")


def _enum(enum: EnumDescriptor) -> Reader:
    short = short_enum_names(enum.name, [value.name for value in enum.values])
    numbers: dict[Any, int] = {}
    for value in enum.values:
        numbers[value.name] = numbers[short[value.name]] = value.number
    # The value 0 means "not given", so it is nothing to ask for.
    offered = ", ".join(short[value.name] for value in enum.values if value.number)

    def read(value: Any) -> int:
        if not isinstance(value, str) or value not in numbers:
            raise WrongValueError(f"must be one of: {offered}")
        return numbers[value]

    return read


def _text_within(rules: options_pb2.FieldRules) -> Reader:
    """A string that is not too long.

    The other rules are the service's to check, but for one: a service takes an empty text for one
    that was not given, and here it was.
    """
    most = rules.max_length if rules.HasField("max_length") else None
    refuses_empty = not rules.required and not takes_empty(rules)

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongValueError("must be a string")
        if most is not None and len(value) > most:
            raise WrongValueError(f"must be at most {most} characters long")
        if refuses_empty and not value:
            raise WrongValueError(f"{wanted(rules)}, or be left out")
        return value

    return read


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError("must be true or false")
    return value


def _truth_text(value: Any) -> bool:
    if value not in {"true", "false"}:
        raise WrongValueError("must be true or false")
    return bool(value == "true")


def _double(value: Any) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongValueError("must be a number")
    return float(value)


def _float(value: Any) -> float:
    number = _double(value)
    if abs(number) > _FLOAT_MAX:
        raise WrongValueError("must be a number of single precision")
    return number


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str):
        raise WrongValueError("must be a string in base64")
    try:
        # Both alphabets, with and without padding.
        text = value.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise WrongValueError("must be a string in base64") from error


_READERS: dict[int, Reader] = {
    FieldDescriptor.TYPE_BOOL: _truth,
    FieldDescriptor.TYPE_DOUBLE: _double,
    FieldDescriptor.TYPE_FLOAT: _float,
    FieldDescriptor.TYPE_BYTES: _bytes,
}

_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))",
    re.ASCII,
)
_TIME_FORM = "must be a time such as 2026-11-23T09:30:00Z"
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
        raise WrongValueError(_TIME_FORM)
    clock, fraction, sign, hours, minutes = match.groups()
    try:
        local = datetime.fromisoformat(clock).replace(tzinfo=UTC)
    except ValueError as error:
        raise WrongValueError(_TIME_FORM) from error
    seconds = (local - _EPOCH_UTC) // _SECOND
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            raise WrongValueError(_TIME_FORM)
        offset = int(hours) * 3600 + int(minutes) * 60
        seconds += offset if sign == "-" else -offset
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        raise WrongValueError("must be between the years 1 and 9999")
    return Timestamp(seconds=seconds, nanos=int((fraction or "").ljust(9, "0")))

"""Messages to JSON: one encoder a message type, compiled once.

An encoder makes the dict that `orjson` takes. Where it differs from canonical proto3 JSON, and
why, is in docs/decisions/0002-json.md.
"""

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.protojson.compiler import ANY, TIMESTAMP, Compiler, is_choice
from gateway.protojson.names import short_enum_names
from gateway.protojson.scalars import rfc3339

Encode = Callable[[Any], Any]
"""A message, as what orjson takes."""

_Finish = Callable[[Any, dict[str, Any]], None]
"""Turns one entry of a dict of attributes into JSON, given the message too."""

_FLOATS = {FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT}


class Encoders(Compiler[Encode]):
    """Compiles encoders, and keeps those of whole types."""

    def __init__(self) -> None:
        super().__init__({TIMESTAMP: rfc3339, ANY: self._encode_any})

    def encode(self, message: Message) -> Any:
        """A message of any type as what orjson takes."""
        descriptor: Any = message.DESCRIPTOR
        return self.of(descriptor)(message)

    def _compile(self, fields: Sequence[FieldDescriptor]) -> Encode:
        if not fields:
            return lambda _: {}
        keys = [field.json_name for field in fields]
        # One call reads all attributes. It returns a bare value for a single name, hence the
        # first name twice: zip stops at the keys.
        attributes = attrgetter(*(field.name for field in fields), fields[0].name)
        finishes = [finish for field in fields if (finish := self._finish(field))]

        if not finishes:
            return lambda message: dict(zip(keys, attributes(message)))  # noqa: B905 - see above

        def encode(message: Any) -> dict[str, Any]:
            entries = dict(zip(keys, attributes(message)))  # noqa: B905 - see above
            for finish in finishes:
                finish(message, entries)
            return entries

        return encode

    def _finish(self, field: FieldDescriptor) -> _Finish | None:
        """What is left to do after a field's attribute was read; None for nothing."""
        key, name, value = field.json_name, field.name, self._value(field)
        if field.is_repeated:
            return _always(key, list if value is None else _each(value))
        if not field.has_presence:
            return None if value is None else _always(key, value)
        if is_choice(field):
            return _chosen(key, name, value or _itself)
        return _present(key, name, value or _itself)

    def _value(self, field: FieldDescriptor) -> Encode | None:
        """The encoder of a field's single values; None where they are JSON already."""
        if field.message_type is not None:
            return self.of(field.message_type)
        if field.enum_type is not None:
            return _enum(field.enum_type)
        if field.type == FieldDescriptor.TYPE_BYTES:
            return lambda value: base64.b64encode(value).decode()
        return _float if field.type in _FLOATS else None

    def _encode_any(self, packed: Any) -> dict[str, Any]:
        encoded: dict[str, Any] = {"@type": packed.type_url}
        try:
            pool = descriptor_pool.Default()
            descriptor = pool.FindMessageTypeByName(packed.TypeName())
        except KeyError:
            return encoded
        content = self.encode(GetMessageClass(descriptor).FromString(packed.value))
        return encoded | (content if isinstance(content, dict) else {"value": content})


def enum_names(enum: EnumDescriptor) -> Mapping[int, str]:
    """Number -> short name."""
    short = short_enum_names(enum.name, [value.name for value in enum.values])
    return {value.number: short[value.name] for value in enum.values}


def _enum(enum: EnumDescriptor) -> Encode:
    names = enum_names(enum)
    return lambda number: names.get(number, number)


def _always(key: str, value: Encode) -> _Finish:
    def finish(_: Any, entries: dict[str, Any]) -> None:
        entries[key] = value(entries[key])

    return finish


def _each(value: Encode) -> Encode:
    return lambda items: [value(item) for item in items]


def _present(key: str, name: str, value: Encode) -> _Finish:
    """Absent is null, so that the shape of a message never changes."""

    def finish(message: Any, entries: dict[str, Any]) -> None:
        entries[key] = value(entries[key]) if message.HasField(name) else None

    return finish


def _chosen(key: str, name: str, value: Encode) -> _Finish:
    """Of a oneof, only the member that is set is there."""

    def finish(message: Any, entries: dict[str, Any]) -> None:
        if message.HasField(name):
            entries[key] = value(entries[key])
        else:
            del entries[key]

    return finish


def _itself(value: Any) -> Any:
    return value


def _float(value: float) -> float | str:
    """JSON has no word for these; canonical proto3 JSON has strings."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"

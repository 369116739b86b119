"""Messages that no client of the shop sends: the same ones each time."""

import random
import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from shop.options.v1 import options_pb2

from gateway.contract import rules_of
from tests.journeys.spoiled import INTEGERS

# More than gRPC takes of a client, and more than protobuf takes of nesting.
OVERSIZE_BYTES = 5 * 1024 * 1024
DEPTH = 5_000

_TEXTS = (
    *("", "0", "a" * 12, "a" * 64, "x" * 5_000, "\0", "a\0b", "\u202e", "\ufeff", "🦊" * 20),
    *("é" * 300, "$where", "{}", "../../etc/passwd", "%00", "' or 1=1", "-1", "1/2", "public"),
    *("01m8anywzyrb2vkgkpqhws5rvx", "0" * 32, "640.webp", "USD", "EUR", "price", "-price"),
    *("a@b.example", "https://shop.example/", "+44 20 7946 0000", "eyJhIjoxfQ", "user", "admin"),
)
_LENGTHS = (1, 2, 3, 8, 64, 1_000, 20_000)
_DEEPEST = 3
_NO_FIELD = 1_000


def messages(kind: type[Message], count: int, seed: str) -> Iterator[bytes]:
    """What is sent in place of a message of a type: some that can be read, and far worse.

    Args:
        kind: The type.
        count: How many, beside one that is empty, one nested too deeply and one too large.
        seed: The same one makes the same messages.
    """
    source = random.Random(seed)
    fields = kind.DESCRIPTOR.fields
    texts = [each.number for each in fields if each.cpp_type == FieldDescriptor.CPPTYPE_STRING]
    inner = [each.number for each in fields if each.message_type is not None]
    yield _nested((inner or [_NO_FIELD])[0])
    yield _with_length((texts or [_NO_FIELD])[0], b"x" * OVERSIZE_BYTES)
    for number in range(count):
        if number % 6 == 0:
            yield source.randbytes(source.choice(_LENGTHS))
            continue
        message = kind()
        _fill(message, source, carelessness=0.05 * (number % 3))
        data = message.SerializeToString()
        yield _spoil(data, source) if number % 2 else data
    # At last, since it takes back what the others have set, such as the level of a log.
    yield b""


def _nested(field: int) -> bytes:
    data = b""
    for _ in range(DEPTH):
        data = _with_length(field, data)
    return data


def _with_length(field: int, content: bytes) -> bytes:
    """A field as protobuf writes texts and messages."""
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    return bytes([*data, number])


def _fill(message: Any, source: random.Random, carelessness: float, depth: int = 0) -> None:
    """Give the fields of a message values that they take, but for the share that is careless."""
    for field in message.DESCRIPTOR.fields:
        rules = rules_of(field)
        is_careless = source.random() < carelessness
        share = 0.3 if rules.required else 0.4
        if (is_careless or not rules.required) and source.random() < share:
            continue
        if not field.is_repeated:
            _set(message, field, source, carelessness, depth, is_careless=is_careless)
            continue
        for _ in range(200 if is_careless else source.randint(rules.min_items, 3)):
            if field.message_type is None:
                value = _value(field, rules, source, is_careless=is_careless)
                getattr(message, field.name).append(value)
            elif depth < _DEEPEST:
                _fill(getattr(message, field.name).add(), source, carelessness, depth + 1)


def _set(
    message: Any,
    field: FieldDescriptor,
    source: random.Random,
    carelessness: float,
    depth: int,
    *,
    is_careless: bool,
) -> None:
    if field.message_type is None:
        value = _value(field, rules_of(field), source, is_careless=is_careless)
        setattr(message, field.name, value)
    elif depth < _DEEPEST:
        inner = getattr(message, field.name)
        inner.SetInParent()
        _fill(inner, source, carelessness, depth + 1)


def _value(
    field: FieldDescriptor,
    rules: options_pb2.FieldRules,
    source: random.Random,
    *,
    is_careless: bool,
) -> Any:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        text = source.choice(_TEXTS if is_careless else _fitting(rules))
        return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
    if field.enum_type is not None:
        numbers = [value.number for value in field.enum_type.values]
        return source.choice([*numbers, 99] if is_careless else numbers)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return source.random() < 0.5
    if field.cpp_type in INTEGERS:
        return source.choice(_numbers(field, rules, is_careless=is_careless))
    return source.choice((0.0, -1.5, 1e300, float("inf"), float("nan")))


def _fitting(rules: options_pb2.FieldRules) -> list[str]:
    most = rules.max_length if rules.HasField("max_length") else 10_000
    texts = [
        text
        for text in _TEXTS
        if rules.min_length <= len(text) <= most and "\0" not in text
        if not rules.pattern or not text or re.search(rules.pattern, text)
        if text or not rules.required
    ]
    return texts or [""]


def _numbers(
    field: FieldDescriptor, rules: options_pb2.FieldRules, *, is_careless: bool
) -> list[int]:
    bits = (
        32
        if field.cpp_type in {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_UINT32}
        else 64
    )
    is_signed = field.cpp_type in {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64}
    least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if is_signed else (0, 2**bits - 1)
    if not is_careless:
        least = rules.minimum if rules.HasField("minimum") else least
        most = rules.maximum if rules.HasField("maximum") else most
    wanted = (least, least + 1, 0, 1, 2, 99, most - 1, most)
    return [number for number in wanted if least <= number <= most]


def _spoil(data: bytes, source: random.Random) -> bytes:
    """Bytes of which some are changed, left out, there twice, or new."""
    spoiled = bytearray(data)
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(spoiled) + 1)
        match source.randrange(4):
            case 0 if at < len(spoiled):
                spoiled[at] ^= 1 << source.randrange(8)
            case 1:
                del spoiled[at:]
            case 2:
                spoiled[at:at] = spoiled[at : at + source.randint(1, 32)]
            case _:
                spoiled[at:at] = source.randbytes(source.randint(1, 8))
    return bytes(spoiled)

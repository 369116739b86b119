"""Checks messages by the contract's field annotations, compiled once per message type."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from shop.options.v1 import options_pb2

from chassis.contract.patterns import compiled, wanted


class Violation(NamedTuple):
    """A field that is not as it must be.

    Attributes:
        field: Its path in the message, such as `items[0].quantity`.
        message: How it must be, such as `must be at most 99`.
    """

    field: str
    message: str


_Check = Callable[[Any], str | None]
_ValueCheck = Callable[[str, Any], Iterator[Violation]]
_MessageCheck = Callable[[Message], Iterator[Violation]]


def violations(message: Message) -> list[Violation]:
    """All rules that `message` breaks, nested messages included."""
    return [broken for check in _checks(message.DESCRIPTOR) for broken in check(message)]


@cache
def _checks(descriptor: Descriptor) -> list[_MessageCheck]:
    if descriptor.file.package.startswith("google."):
        return []
    return [check for field in descriptor.fields if (check := _field_check(field, _rules(field)))]


def _rules(field: FieldDescriptor) -> options_pb2.FieldRules:
    return field.GetOptions().Extensions[options_pb2.field]


def _field_check(field: FieldDescriptor, rules: options_pb2.FieldRules) -> _MessageCheck | None:
    value_checks = list(_value_checks(field, rules))
    is_message = field.type == FieldDescriptor.TYPE_MESSAGE

    def check_value(path: str, value: Any) -> Iterator[Violation]:
        for check in value_checks:
            if text := check(value):
                yield Violation(path, text)
                return
        if is_message:
            for inner, text in violations(value):
                yield Violation(f"{path}.{inner}", text)

    if field.is_repeated:
        return _items_check(field.name, rules, check_value)
    if value_checks or is_message or rules.required:
        return _single_check(field, rules, check_value)
    return None


def _items_check(
    name: str, rules: options_pb2.FieldRules, check_value: _ValueCheck
) -> _MessageCheck:
    def check(message: Message) -> Iterator[Violation]:
        items = getattr(message, name)
        if rules.HasField("min_items") and len(items) < rules.min_items:
            yield Violation(name, f"must have at least {rules.min_items} item(s)")
        if rules.HasField("max_items") and len(items) > rules.max_items:
            yield Violation(name, f"must have at most {rules.max_items} items")
            return
        for position, item in enumerate(items):
            yield from check_value(f"{name}[{position}]", item)

    return check


def _single_check(
    field: FieldDescriptor, rules: options_pb2.FieldRules, check_value: _ValueCheck
) -> _MessageCheck:
    name = field.name
    required = rules.required
    missing = _missing(field, rules)
    is_message = field.type == FieldDescriptor.TYPE_MESSAGE
    has_presence = field.has_presence

    def check(message: Message) -> Iterator[Violation]:
        if has_presence and not message.HasField(name):
            if required:
                yield Violation(name, missing)
            return
        value = getattr(message, name)
        if required and not is_message and not value:
            yield Violation(name, missing)
        else:
            yield from check_value(name, value)

    return check


def _missing(field: FieldDescriptor, rules: options_pb2.FieldRules) -> str:
    is_number = field.cpp_type not in {FieldDescriptor.CPPTYPE_STRING, FieldDescriptor.CPPTYPE_ENUM}
    if is_number and rules.HasField("minimum"):
        return f"is required and must be at least {rules.minimum}"
    return "is required"


def _value_checks(field: FieldDescriptor, rules: options_pb2.FieldRules) -> Iterator[_Check]:
    # An empty string without presence is an absent one; `required` is the rule for that.
    may_be_absent = not field.has_presence
    unit = "bytes" if field.type == FieldDescriptor.TYPE_BYTES else "characters"
    if rules.HasField("max_length"):
        most = rules.max_length
        yield lambda value: f"must be at most {most} {unit} long" if len(value) > most else None
    if rules.HasField("min_length"):
        least = rules.min_length
        yield (
            lambda value: (
                f"must be at least {least} {unit} long"
                if len(value) < least and (value or not may_be_absent)
                else None
            )
        )
    if rules.HasField("minimum"):
        low = rules.minimum
        yield lambda value: f"must be at least {low}" if value < low else None
    if rules.HasField("maximum"):
        high = rules.maximum
        yield lambda value: f"must be at most {high}" if value > high else None
    if rules.pattern:
        pattern, text = compiled(rules.pattern), wanted(rules)
        yield lambda value: None if not value or pattern.search(value) else text
    if field.type == FieldDescriptor.TYPE_ENUM and field.enum_type is not None:
        known = field.enum_type.values_by_number
        yield lambda value: None if value in known else "is not a known value"
    if field.type == FieldDescriptor.TYPE_STRING:
        allowed = _ALLOWED[rules.text]
        yield lambda value: _unseen(value, allowed)


# What strings of each kind may hold although it cannot be seen; None for all but NUL.
_JOINERS = "\u200c\u200d"
_ALLOWED: Mapping["options_pb2.TextKind.ValueType", str | None] = {
    options_pb2.TEXT_KIND_UNSPECIFIED: _JOINERS,
    options_pb2.TEXT_KIND_LINES: f"{_JOINERS}\n\r\t\u2028\u2029",
    options_pb2.TEXT_KIND_ANY: None,
}
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def _unseen(value: str, allowed: str | None) -> str | None:
    """What is wrong with a string that holds what cannot be seen."""
    if value.isprintable():
        return None
    for character in value:
        if character == "\0":
            return "must not contain a NUL character"
        if allowed is None or character in allowed:
            continue
        if unicodedata.category(character) in _UNSEEN:
            return f"must not contain the character U+{ord(character):04X}, which cannot be seen"
    return None

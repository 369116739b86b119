"""Requests that break one rule of the contract each, made from its descriptors."""

import copy
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.contract import rules_of
from gateway.protojson.names import short_enum_names

Json = dict[str, Any]
Path = tuple[str | int, ...]

TIMESTAMP = "google.protobuf.Timestamp"
INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
}
# What a database driver would take for an operator.
OPERATOR = {"$gt": ""}
# Values of fields whose rules are more than a length.
SAMPLES = {
    "currency": "USD",
    "email": "somebody@example.org",
    "password": "correct horse",
    "new_password": "battery staple",
}


@dataclass(frozen=True)
class Spoiled:
    """A body with one thing wrong.

    Attributes:
        what: The field and what is wrong with it, for people.
        body: The body.
        field: What `errors` has to name.
    """

    what: str
    body: Json
    field: str


def sample(message: Descriptor, leave_out: Collection[str] = ()) -> Json:
    """A body that the contract accepts, with no more in it than has to be."""
    body: Json = {}
    chosen: set[str] = set()
    for field in message.fields:
        if field.name in leave_out:
            continue
        rules = rules_of(field)
        choice = field.containing_oneof.name if field.containing_oneof else "_"
        # Those that begin with an underscore stand for a single optional field.
        if not choice.startswith("_") and choice not in chosen:
            chosen.add(choice)
        elif not (rules.required or rules.min_items):
            continue
        one = _value(field)
        body[field.json_name] = [one] if field.is_repeated else one
    return body


def spoiled(message: Descriptor, leave_out: Collection[str] = ()) -> Iterator[Spoiled]:
    """Every way to break one rule of one field, in a body that is right otherwise."""
    whole = sample(message, leave_out)
    yield Spoiled("unknown field", whole | {"unheardOf": 1}, "unheardOf")
    yield Spoiled("operator as field", whole | {"$where": "1"}, "$where")
    for field in message.fields:
        if field.name not in leave_out:
            yield from _spoil(whole, (), field)


def _spoil(whole: Json, above: Path, field: FieldDescriptor) -> Iterator[Spoiled]:
    path = (*above, field.json_name)
    if rules_of(field).required:
        yield Spoiled(f"{_label(path)} missing", _with(whole, path, None), _label(path))
    for what, value, deeper in _wrong_values(field):
        body = _with(whole, path, value)
        yield Spoiled(f"{_label(path)} {what}", body, _label((*path, *deeper)))
    if field.message_type is not None and field.message_type.full_name != TIMESTAMP:
        one = sample(field.message_type)
        whole = _with(whole, path, [one] if field.is_repeated else one)
        inside: Path = (*path, 0) if field.is_repeated else path
        yield Spoiled(
            f"{_label(inside)} unknown field",
            _with(whole, (*inside, "unheardOf"), 1),
            _label((*inside, "unheardOf")),
        )
        for inner in field.message_type.fields:
            yield from _spoil(whole, inside, inner)


def _wrong_values(field: FieldDescriptor) -> Iterator[tuple[str, Any, Path]]:
    """What is wrong, the value, and where within the field it is."""
    if not field.is_repeated:
        for what, value in _wrong_singles(field):
            yield what, value, ()
        return
    yield "no list", "x", ()
    yield "an operator", OPERATOR, ()
    rules = rules_of(field)
    if rules.min_items:
        yield "empty", [], ()
    if rules.max_items:
        yield "too many", [_value(field)] * (rules.max_items + 1), ()
    if field.message_type is None:
        for what, value in _wrong_singles(field):
            yield f"with one {what}", [value], (0,)
    else:
        yield "of no objects", [1], (0,)


def _wrong_singles(field: FieldDescriptor) -> Iterator[tuple[str, Any]]:
    yield "an operator", OPERATOR if field.message_type is None else "x"
    yield "a list", ["x"]
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        yield from _wrong_texts(field)
    elif field.cpp_type in INTEGERS:
        yield from _wrong_numbers(field)
    elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        yield from (("a number", 1), ("a text", "yes"))
    elif field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        yield from (("unknown", "nonsense"), ("an unknown number", 99), ("true", True))
    elif field.message_type is not None:
        yield "a number", 1


def _wrong_texts(field: FieldDescriptor) -> Iterator[tuple[str, Any]]:
    rules = rules_of(field)
    yield from (("a number", 1), ("a float", 1.5), ("true", True), ("with a NUL", "a\0b"))
    if rules.HasField("max_length"):
        yield "too long", "a" * (rules.max_length + 1)
    if rules.HasField("min_length") and rules.min_length > 1:
        yield "too short", "a" * (rules.min_length - 1)
    if rules.required:
        yield "empty", ""
    if rules.pattern:
        yield "of the wrong form", "§"


def _wrong_numbers(field: FieldDescriptor) -> Iterator[tuple[str, Any]]:
    rules = rules_of(field)
    yield from (("a text", "many"), ("a fraction", 1.5), ("true", True))
    yield from (("huge", 10**30), ("hugely negative", -(10**30)))
    if rules.HasField("minimum"):
        yield "too small", rules.minimum - 1
    if rules.HasField("maximum"):
        yield "too great", rules.maximum + 1
    if rules.required:
        yield "zero", 0


def _value(field: FieldDescriptor) -> Any:
    """One value that the field accepts."""
    rules = rules_of(field)
    if field.message_type is not None:
        return sample(field.message_type)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return SAMPLES.get(field.name, "a" * max(1, rules.min_length))
    if field.cpp_type in INTEGERS:
        return max(1, rules.minimum)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return True
    assert field.enum_type is not None, field.full_name
    names = [value.name for value in field.enum_type.values]
    return short_enum_names(field.enum_type.name, names)[names[1]]


def _with(whole: Json, path: Path, value: Any) -> Json:
    """A copy of `whole` with another value at `path`; None takes it away."""
    changed = copy.deepcopy(whole)
    place: Any = changed
    for step, following in itertools.pairwise(path):
        if isinstance(place, dict) and step not in place:
            place[step] = [] if isinstance(following, int) else {}
        place = place[step]
    if value is None:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = value
    return changed


def _label(path: Sequence[str | int]) -> str:
    """A path as `errors` spells it: `items[0].quantity`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")

"""JSON to messages: one strict decoder a message type, compiled once.

A decoder takes what `orjson` made of the text, fills a message, and collects every violation
with its path as JSON spells it, such as `items[0].quantity`. It takes all that canonical proto3
JSON takes of the types in use, and refuses unknown fields. Strings and lists that are longer than
the contract allows are refused before anything in them is looked at.
"""

from collections.abc import Callable, Sequence
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message_factory import GetMessageClass

from chassis.contract.validation import Violation
from gateway.contract import rules_of
from gateway.protojson.compiler import ANY, TIMESTAMP, Compiler, is_choice
from gateway.protojson.scalars import Reader, WrongValueError, read_timestamp, reader_of

Decode = Callable[[Any, dict[str, Any], str, list[Violation]], None]
"""Fills a message from an object at a path, such as `items[0].`, and collects violations."""

Set = Callable[[Any, Any, str, list[Violation]], None]
"""Sets one field of a message from a value at a path."""

UNKNOWN = "is not a known field"


class Decoders(Compiler[Decode]):
    """Compiles decoders, and keeps those of whole types."""

    def __init__(self) -> None:
        super().__init__({ANY: self._decode_any})

    def _compile(self, fields: Sequence[FieldDescriptor]) -> Decode:
        setters: dict[str, tuple[str, Set]] = {}
        choices: dict[str, OneofDescriptor] = {}
        for field in fields:
            entry = (field.json_name, self._set(field))
            setters[field.json_name] = setters[field.name] = entry
            if field.containing_oneof is not None and is_choice(field):
                choices[field.containing_oneof.name] = field.containing_oneof
        checks = [_check_choice(choice) for choice in choices.values()]

        def decode(
            message: Any, values: dict[str, Any], path: str, violations: list[Violation]
        ) -> None:
            for key, value in values.items():
                known = setters.get(key)
                if known is None:
                    violations.append(Violation(f"{path}{key}", UNKNOWN))
                elif value is not None:
                    known[1](message, value, f"{path}{known[0]}", violations)
            for check in checks:
                check(values, path, violations)

        return decode

    def _set(self, field: FieldDescriptor) -> Set:
        name = field.name
        if field.message_type is None:
            read = reader_of(field)
            if field.is_repeated:
                return _of_list(field, _set_scalars(name, read))
            return _set_scalar(name, read)
        set_message = self._set_message(field.message_type)
        if field.is_repeated:
            return _of_list(field, _set_messages(name, set_message))

        def set_one(message: Any, value: Any, path: str, violations: list[Violation]) -> None:
            inner = getattr(message, name)
            inner.SetInParent()
            set_message(inner, value, path, violations)

        return set_one

    def _set_message(self, descriptor: Descriptor) -> Set:
        """Fills a message from any value."""
        if descriptor.full_name == TIMESTAMP:
            return _set_time
        decode = self.of(descriptor)

        def set_message(message: Any, value: Any, path: str, violations: list[Violation]) -> None:
            if isinstance(value, dict):
                decode(message, value, f"{path}.", violations)
            else:
                violations.append(Violation(path, "must be an object"))

        return set_message

    def _decode_any(
        self, message: Any, values: dict[str, Any], path: str, violations: list[Violation]
    ) -> None:
        url = values.get("@type")
        try:
            pool = descriptor_pool.Default()
            descriptor = pool.FindMessageTypeByName(str(url).rpartition("/")[2])
        except KeyError:
            violations.append(Violation(f"{path}@type", "must name a known message type"))
            return
        content = GetMessageClass(descriptor)()
        fields: Any = {key: value for key, value in values.items() if key != "@type"}
        if descriptor.full_name == TIMESTAMP:
            fields = fields.get("value")
        self._set_message(descriptor)(content, fields, path.removesuffix("."), violations)
        message.Pack(content)


def _set_scalar(name: str, read: Reader) -> Set:
    def set_one(message: Any, value: Any, path: str, violations: list[Violation]) -> None:
        try:
            setattr(message, name, read(value))
        except WrongValueError as wrong:
            violations.append(Violation(path, str(wrong)))

    return set_one


def _of_list(field: FieldDescriptor, set_items: Set) -> Set:
    """Sets a repeated field from a list that has not too many items."""
    rules = rules_of(field)
    most = rules.max_items if rules.HasField("max_items") else None

    def set_all(message: Any, value: Any, path: str, violations: list[Violation]) -> None:
        if not isinstance(value, list):
            violations.append(Violation(path, "must be a list"))
        elif most is not None and len(value) > most:
            violations.append(Violation(path, f"must have at most {most} items"))
        else:
            set_items(message, value, path, violations)

    return set_all


def _set_scalars(name: str, read: Reader) -> Set:
    def set_all(message: Any, values: Any, path: str, violations: list[Violation]) -> None:
        items = []
        for position, item in enumerate(values):
            try:
                items.append(read(item))
            except WrongValueError as wrong:
                violations.append(Violation(f"{path}[{position}]", str(wrong)))
        # In place of what the field's other spelling may have set.
        getattr(message, name)[:] = items

    return set_all


def _set_messages(name: str, set_message: Set) -> Set:
    def set_all(message: Any, values: Any, path: str, violations: list[Violation]) -> None:
        items = getattr(message, name)
        del items[:]
        for position, item in enumerate(values):
            set_message(items.add(), item, f"{path}[{position}]", violations)

    return set_all


def _set_time(message: Any, value: Any, path: str, violations: list[Violation]) -> None:
    try:
        message.CopyFrom(read_timestamp(value))
    except WrongValueError as wrong:
        violations.append(Violation(path, str(wrong)))


def _check_choice(
    choice: OneofDescriptor,
) -> Callable[[dict[str, Any], str, list[Violation]], None]:
    members = [(field.name, field.json_name) for field in choice.fields]

    def check(values: dict[str, Any], path: str, violations: list[Violation]) -> None:
        given = [
            key
            for name, key in members
            if values.get(name) is not None or values.get(key) is not None
        ]
        violations.extend(
            Violation(f"{path}{key}", f"cannot be given together with {given[0]}")
            for key in given[1:]
        )

    return check

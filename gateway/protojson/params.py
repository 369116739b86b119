"""Fields given as strings: query parameters, form fields, path segments, headers, cookies."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from chassis.contract.validation import Violation
from gateway.protojson.compiler import TIMESTAMP
from gateway.protojson.decode import UNKNOWN
from gateway.protojson.scalars import Reader, WrongValueError, read_timestamp, text_reader_of


@dataclass(frozen=True)
class Param:
    """A field that strings can set.

    Attributes:
        label: Its path as JSON spells it: `price.amountMinor`.
        parents: Names of the messages it lies in, outermost first.
        name: Its own name.
        read: The reader of its values.
        is_repeated: It takes any number of strings.
        is_message: Its values are messages (times).
    """

    label: str
    parents: tuple[str, ...]
    name: str
    read: Reader
    is_repeated: bool
    is_message: bool

    def set(self, message: Any, texts: Sequence[str], violations: list[Violation]) -> None:
        """Set the field, or say why that cannot be."""
        if len(texts) > 1 and not self.is_repeated:
            violations.append(Violation(self.label, "must be given once"))
            return
        try:
            values = [self.read(text) for text in texts]
        except WrongValueError as wrong:
            violations.append(Violation(self.label, str(wrong)))
            return
        for parent in self.parents:
            message = getattr(message, parent)
        if self.is_repeated:
            getattr(message, self.name).extend(values)
        elif self.is_message:
            getattr(message, self.name).CopyFrom(values[0])
        else:
            setattr(message, self.name, values[0])


def text_field(field: FieldDescriptor, parents: Sequence[FieldDescriptor] = ()) -> Param:
    """A field of a scalar type, or a time."""
    is_time = _is_time(field)
    return Param(
        label=".".join(part.json_name for part in (*parents, field)),
        parents=tuple(parent.name for parent in parents),
        name=field.name,
        read=read_timestamp if is_time else text_reader_of(field),
        is_repeated=field.is_repeated,
        is_message=is_time,
    )


def params_of(descriptor: Descriptor, leave_out: Collection[str] = ()) -> dict[str, Param]:
    """Spelling -> field, for every field of a message and of the messages in it.

    All spellings lead to a field: `pageSize` and `page_size`; `price.amountMinor`,
    `price.amount_minor` and `price[amountMinor]`. Lists of messages have no form as strings.

    Args:
        descriptor: The message's type.
        leave_out: Names of its own fields that may not be given.
    """
    return {
        spelling: text_field(path[-1], path[:-1])
        for path in _paths(descriptor, leave_out, ())
        for spelling in (
            ".".join(part.json_name for part in path),
            ".".join(part.name for part in path),
            path[0].json_name + "".join(f"[{part.json_name}]" for part in path[1:]),
        )
    }


def set_params(
    fields: Mapping[str, Param],
    message: Any,
    pairs: Iterable[tuple[str, str]],
    violations: list[Violation],
) -> None:
    """Set fields of `message` from names and strings; a name may occur more than once."""
    given: dict[Param, list[str]] = {}
    for name, text in pairs:
        field = fields.get(name)
        if field is None:
            violations.append(Violation(name, UNKNOWN))
        else:
            given.setdefault(field, []).append(text)
    for field, texts in given.items():
        field.set(message, texts, violations)


def _paths(
    descriptor: Descriptor, leave_out: Collection[str], above: tuple[FieldDescriptor, ...]
) -> Iterable[tuple[FieldDescriptor, ...]]:
    for field in descriptor.fields:
        if field.name in leave_out:
            continue
        if field.message_type is None or _is_time(field):
            yield (*above, field)
        elif not field.is_repeated and all(
            parent.message_type is not field.message_type for parent in above
        ):
            yield from _paths(field.message_type, (), (*above, field))


def _is_time(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == TIMESTAMP

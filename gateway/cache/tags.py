"""The tags of the contract's annotations, such as `product/{product_id}`, read from messages."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

Tags = frozenset[str]

_TEMPLATE = re.compile(r"(?P<before>[a-z/]+)(?:\{(?P<path>[a-z_.]+)\})?")
_Read = Callable[[Sequence[Message | None]], Iterator[str]]


class TagReader:
    """Tags as they are filled from messages; compiled once.

    Args:
        templates: As annotated.
        descriptors: Of the messages; a field is that of the first one which has it.

    Raises:
        TypeError: A template is malformed, or names no field.
    """

    def __init__(self, templates: Collection[str], *descriptors: Descriptor) -> None:
        self._readers = [_reader(template, descriptors) for template in templates]

    def __call__(self, *messages: Message | None) -> Tags:
        """The tags; those without that need a message which is None."""
        return frozenset(tag for read in self._readers for tag in read(messages))


def _reader(template: str, descriptors: Sequence[Descriptor]) -> _Read:
    match = _TEMPLATE.fullmatch(template)
    if match is None:
        raise TypeError(f"{template} is no tag")
    before, path = match.group("before", "path")
    if path is None:
        return lambda _: iter((before,))
    names = path.split(".")
    place = next(
        (place for place, each in enumerate(descriptors) if names[0] in each.fields_by_name), None
    )
    if place is None:
        raise TypeError(f"{template} names no field")
    fields = list(_fields(descriptors[place], names))

    def read(messages: Sequence[Message | None]) -> Iterator[str]:
        message = messages[place]
        if message is not None:
            yield from (f"{before}{value}" for value in _values([message], fields))

    return read


def _fields(descriptor: Descriptor | None, names: Sequence[str]) -> Iterator[FieldDescriptor]:
    for name in names:
        if descriptor is None or name not in descriptor.fields_by_name:
            raise TypeError(f"no field {'.'.join(names)}")
        field = descriptor.fields_by_name[name]
        yield field
        descriptor = field.message_type


def _values(found: Iterable[Any], fields: Iterable[FieldDescriptor]) -> Iterable[Any]:
    for field in fields:
        each = [getattr(message, field.name) for message in found]
        found = [item for items in each for item in items] if field.is_repeated else each
    return found

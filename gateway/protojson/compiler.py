"""What encoders and decoders have in common: they are compiled once for each message type."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

C = TypeVar("C", bound=Callable[..., Any])

ANY = "google.protobuf.Any"
TIMESTAMP = Timestamp.DESCRIPTOR.full_name


class Compiler(ABC, Generic[C]):
    """Compiles coders, and keeps those of whole types.

    Args:
        special: The coders of types that are not compiled of their fields, by full name.
    """

    def __init__(self, special: Mapping[str, C]) -> None:
        self._compiled = dict(special)

    def of(self, descriptor: Descriptor, leave_out: Collection[str] = ()) -> C:
        """The coder of a message type.

        Args:
            descriptor: The type.
            leave_out: Names of its own fields that are not in the JSON.

        Raises:
            TypeError: The JSON of the type is special, and not handled here.
        """
        _refuse_unsupported(descriptor)
        if leave_out:
            return self._compile([f for f in descriptor.fields if f.name not in leave_out])
        name = descriptor.full_name
        if name not in self._compiled:
            # A type that contains itself finds this while it is being compiled.
            self._compiled[name] = self._later(name)
            self._compiled[name] = self._compile(descriptor.fields)
        return self._compiled[name]

    def _later(self, name: str) -> C:
        def later(*arguments: Any) -> Any:
            return self._compiled[name](*arguments)

        return cast("C", later)

    @abstractmethod
    def _compile(self, fields: Sequence[FieldDescriptor]) -> C:
        """The coder of an object of these fields."""


def is_choice(field: FieldDescriptor) -> bool:
    """Whether it belongs to a oneof; `optional` makes one too, of its own name."""
    oneof = field.containing_oneof
    return oneof is not None and oneof.name != f"_{field.name}"


def _refuse_unsupported(descriptor: Descriptor) -> None:
    special = descriptor.file.package == "google.protobuf"
    if (special and descriptor.full_name not in {ANY, TIMESTAMP}) or (
        descriptor.GetOptions().map_entry
    ):
        raise TypeError(f"the gateway has no JSON for {descriptor.full_name}")

"""How long a JSON body can be that the contract allows: what is longer is not read."""

from collections.abc import Collection

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.contract import rules_of
from gateway.http.body import MAX_BODY_BYTES
from gateway.protojson.compiler import ANY, TIMESTAMP

# Room for white space and for fields that are refused by name.
_LEAST_BYTES = 16 * 1024
# An emoji as JSON may escape it: `\ud83d\ude00`.
_BYTES_A_CHARACTER = 12
# Numbers, truths, names of enum values, times, and texts whose pattern says how long they are.
_BYTES_A_VALUE = 64
# Quotes, colon, comma, and an indentation.
_BYTES_A_FIELD = 32


def body_limit(descriptor: Descriptor, leave_out: Collection[str] = ()) -> int:
    """The number of bytes that a body may have which is a message of a type.

    Args:
        descriptor: The type.
        leave_out: Names of its own fields that the body may not give.
    """
    size = _size(descriptor, leave_out, ())
    return min(MAX_BODY_BYTES, max(_LEAST_BYTES, size))


def _size(descriptor: Descriptor, leave_out: Collection[str], above: tuple[Descriptor, ...]) -> int:
    if descriptor.full_name == ANY or descriptor in above:
        return MAX_BODY_BYTES
    return sum(
        _field_size(field, (*above, descriptor))
        for field in descriptor.fields
        if field.name not in leave_out
    )


def _field_size(field: FieldDescriptor, above: tuple[Descriptor, ...]) -> int:
    rules = rules_of(field)
    one = _BYTES_A_VALUE
    if field.message_type is not None and field.message_type.full_name != TIMESTAMP:
        one = _size(field.message_type, (), above)
    elif field.type in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}:
        if rules.HasField("max_length"):
            one = rules.max_length * _BYTES_A_CHARACTER
        elif not rules.pattern:
            one = MAX_BODY_BYTES
    one += _BYTES_A_FIELD
    if field.is_repeated:
        one = one * rules.max_items if rules.HasField("max_items") else MAX_BODY_BYTES
    return len(field.json_name) + one

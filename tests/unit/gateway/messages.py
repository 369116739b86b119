"""Arbitrary messages of the contract, for property tests."""

from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from chassis.contract.patterns import takes_empty
from gateway.contract import load_rpcs, rules_of
from gateway.protojson.compiler import ANY, TIMESTAMP

F = FieldDescriptor
NO_JSON = {"google.api.HttpBody"}


def contract_types() -> list[Descriptor]:
    """Every request and response type that has a JSON form."""
    types = {}
    for rpc in load_rpcs():
        for descriptor in (rpc.method.input_type, rpc.method.output_type):
            types[descriptor.full_name] = descriptor
    return [types[name] for name in sorted(types) if name not in NO_JSON]


_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    F.TYPE_STRING: st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    F.TYPE_BYTES: st.binary(max_size=12),
    F.TYPE_BOOL: st.booleans(),
    F.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    F.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
}


def messages(descriptor: Descriptor) -> st.SearchStrategy[Message]:
    """Messages of a type, any of whose fields may be set."""
    if descriptor.full_name == ANY:
        return st.sampled_from(_packable()).flatmap(messages).map(_packed)
    cls = GetMessageClass(descriptor)
    if descriptor.full_name == TIMESTAMP:
        return st.builds(
            cls,
            seconds=st.integers(-62135596800, 253402300799),
            nanos=st.integers(0, 999_999_999)
            | st.integers(0, 999).map(lambda millis: millis * 1_000_000),
        )
    fields = {field.name: _values(field) for field in descriptor.fields}
    return st.fixed_dictionaries({}, optional=fields).map(lambda given: cls(**given))


def _values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        one: st.SearchStrategy[Any] = messages(field.message_type)
    elif field.enum_type is not None:
        one = st.sampled_from([value.number for value in field.enum_type.values])
    else:
        one = _SCALARS[field.type]
        if field.has_presence and not takes_empty(rules_of(field)):
            one = one.filter(bool)
    return st.lists(one, max_size=3) if field.is_repeated else one


def _packable() -> list[Descriptor]:
    return [kind for kind in contract_types() if kind.full_name.endswith("ListProductsResponse")]


def _packed(message: Message) -> Message:
    holder = AnyMessage()
    holder.Pack(message)
    return holder

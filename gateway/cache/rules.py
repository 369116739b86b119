"""What the contract says of copies at the edge: which may be kept, and what ends them."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from shop.options.v1 import options_pb2

from gateway.cache.tags import TagReader, Tags
from gateway.contract import Rpc, load_files


class Keeping(NamedTuple):
    """How copies of an RPC's responses are kept: what they tell of, and for how long."""

    tags: TagReader
    seconds: float


def keeping_of(rpc: Rpc) -> Keeping | None:
    """How copies of the responses of `rpc` are kept; None where none may be.

    Raises:
        TypeError: The annotation is wrong, such as that of an RPC that asks who calls.
    """
    rules = rpc.rules.cache
    if not rules.edge_seconds:
        return None
    if rpc.knows_callers or rpc.has_side_effects:
        raise TypeError(f"{rpc.path} may not be kept: its answer is not the same for everyone")
    return Keeping(TagReader(rules.tags, rpc.method.input_type), rules.edge_seconds)


def purges_of(rpc: Rpc) -> TagReader | None:
    """What is out of date once `rpc` has answered, from its request and response.

    Raises:
        TypeError: The annotation is wrong.
    """
    templates = rpc.rules.purges
    if not templates:
        return None
    return TagReader(templates, rpc.method.input_type, rpc.method.output_type)


def kept_paths(rpcs: Iterable[Rpc]) -> list[str]:
    """The path templates whose responses may be kept."""
    return [
        binding.template
        for rpc in rpcs
        if keeping_of(rpc) is not None
        for binding in rpc.bindings
        if binding.verb == "GET"
    ]


def purges_of_events() -> Mapping[str, Callable[[bytes], Tags]]:
    """Topic -> what is out of date by an event of it.

    Raises:
        TypeError: An annotation is wrong.
    """
    found = {}
    for file in load_files():
        for descriptor in file.message_types_by_name.values():
            rules = descriptor.GetOptions().Extensions[options_pb2.event]
            if rules.purges:
                read = TagReader(rules.purges, descriptor)
                found[rules.topic] = _of_event(GetMessageClass(descriptor), read)
    return found


def _of_event(message: type[Message], read: TagReader) -> Callable[[bytes], Tags]:
    return lambda value: read(message.FromString(value))

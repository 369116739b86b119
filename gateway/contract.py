"""The contract as the gateway sees it: RPCs, who may call them, and their HTTP bindings."""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import shop
from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import FieldDescriptor, FileDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from shop.options.v1 import options_pb2

from chassis.contract import rpc_rules as guarded

VERBS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Binding:
    """One HTTP address of an RPC.

    Attributes:
        verb: GET, POST, PUT, PATCH or DELETE.
        template: The path, with variables in braces: `/api/products/{product_id}`.
        body: `*`, the name of the field that is the body, or empty.
    """

    verb: str
    template: str
    body: str


@dataclass(frozen=True)
class Rpc(guarded.Rpc):
    """An RPC, with all that matters at the edge.

    Attributes:
        method: Its descriptor.
        package: Its proto package, such as `shop.cart.v1`.
        rules: Its annotation.
        bindings: Where HTTP clients find it; none for RPCs between services.
    """

    method: MethodDescriptor
    package: str
    rules: options_pb2.RpcRules
    bindings: Sequence[Binding]

    @property
    def request(self) -> type[Message]:
        """Its request's class."""
        return GetMessageClass(self.method.input_type)

    @property
    def response(self) -> type[Message]:
        """Its response's class."""
        return GetMessageClass(self.method.output_type)

    @property
    def has_side_effects(self) -> bool:
        """Whether it does more than answer."""
        return self.method.GetOptions().idempotency_level != MethodOptions.NO_SIDE_EFFECTS


def load_rpcs() -> list[Rpc]:
    """Every RPC of the packages below `shop`, in the order of the contract."""
    return [
        _rpc(method)
        for file in load_files()
        for service in file.services_by_name.values()
        for method in service.methods
    ]


def load_files() -> Iterator[FileDescriptor]:
    """Every `.proto` file below `shop`; importing one registers its messages."""
    for module in pkgutil.walk_packages(shop.__path__, f"{shop.__name__}."):
        if module.name.endswith("_pb2"):
            yield importlib.import_module(module.name).DESCRIPTOR


def rules_of(field: FieldDescriptor) -> options_pb2.FieldRules:
    """The annotation of `field`."""
    return field.GetOptions().Extensions[options_pb2.field]


def _rpc(method: MethodDescriptor) -> Rpc:
    options = method.GetOptions()
    return Rpc(
        **vars(guarded.rpc_of(method)),
        method=method,
        package=method.containing_service.file.package,
        rules=options.Extensions[options_pb2.rpc],
        bindings=tuple(_bindings(options.Extensions[annotations_pb2.http])),
    )


def _bindings(rule: HttpRule) -> Iterator[Binding]:
    verb = rule.WhichOneof("pattern")
    if verb in VERBS:
        yield Binding(verb.upper(), getattr(rule, verb), rule.body)
    for additional in rule.additional_bindings:
        yield from _bindings(additional)

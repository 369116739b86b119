"""The contract's reasons: reason -> gRPC code, HTTP status, title."""

from functools import cache
from typing import NamedTuple

import grpc
from google.rpc import code_pb2
from shop.options.v1 import reasons_pb2

_PREFIX = "ERROR_REASON_"


class Reason(NamedTuple):
    """How a reason is answered."""

    name: str
    code: grpc.StatusCode
    status: int
    title: str


@cache
def reasons() -> dict[str, Reason]:
    """All reasons of the contract by name, without their prefix."""
    table = {}
    for value in reasons_pb2.ErrorReason.DESCRIPTOR.values[1:]:
        rules = value.GetOptions().Extensions[reasons_pb2.reason]
        name = value.name.removeprefix(_PREFIX)
        code = grpc.StatusCode[code_pb2.Code.Name(rules.code)]
        table[name] = Reason(name, code, rules.status, rules.title)
    return table


def reason_name(reason: "reasons_pb2.ErrorReason.ValueType") -> str:
    """The name of a reason without its prefix, such as `OUT_OF_STOCK`."""
    return reasons_pb2.ErrorReason.Name(reason).removeprefix(_PREFIX)

"""What a service says when it does not do what was asked."""

from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

M = TypeVar("M", bound=Message)

_STATUS_KEY = "grpc-status-details-bin"


@dataclass(frozen=True)
class Refusal:
    """A call that failed.

    Attributes:
        code: gRPC's status code.
        reason: One of the contract's, such as `OUT_OF_STOCK`; empty where the call did not reach a
            service of the shop.
        message: A sentence for people.
        fields: What is wrong with each field, by its path in the request, such as `price.currency`.
        retry_after: Seconds to wait before the call is made again, where the service says so.
    """

    code: grpc.StatusCode
    reason: str
    message: str
    fields: dict[str, str]
    retry_after: float | None
    _status: Status

    def detail(self, kind: type[M]) -> M | None:
        """The typed detail of this kind, such as `catalog_pb2.OutOfStock`; None without one."""
        return _detail(self._status, kind)


def refusal_of(error: grpc.RpcError) -> Refusal:
    """What the error of a call says."""
    status = _status_of(error)
    info = _detail(status, ErrorInfo)
    broken = _detail(status, BadRequest)
    retry = _detail(status, RetryInfo)
    return Refusal(
        code=error.code(),
        reason=info.reason if info else "",
        message=status.message or error.details() or "",
        fields={each.field: each.description for each in broken.field_violations} if broken else {},
        retry_after=retry.retry_delay.ToNanoseconds() / 1e9 if retry else None,
        _status=status,
    )


def _status_of(error: grpc.RpcError) -> Status:
    metadata: Any = error.trailing_metadata() or ()
    for name, value in metadata:
        if name == _STATUS_KEY and isinstance(value, bytes):
            try:
                return Status.FromString(value)
            except DecodeError:
                break
    return Status()


def _detail(status: Status, kind: type[M]) -> M | None:
    for packed in status.details:
        detail = kind()
        if packed.Unpack(detail):
            return detail
    return None

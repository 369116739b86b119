"""Errors on the wire: google.rpc.Status with ErrorInfo, BadRequest and typed details."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from pymongo.errors import AutoReconnect, ConnectionFailure
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from chassis.errors import InvalidField, Refusal, Unavailable
from chassis.reasons import reasons

M = TypeVar("M", bound=Message)
DetailTable = Mapping[type[Refusal], Callable[[Any], Message]]
"""Refusal -> its typed detail."""

DOMAIN = "shop"
AWAY = (AutoReconnect, ConnectionFailure, RedisConnectionError, RedisTimeoutError)
"""What the drivers raise when their server does not answer."""


def status_of(
    reason: str,
    message: str,
    fields: Sequence[tuple[str, str]] = (),
    details: Sequence[Message] = (),
) -> Status:
    """A status for `reason`, with field violations (path, text) and typed details."""
    rules = reasons()[reason]
    status = Status(code=rules.code.value[0], message=message or rules.title)
    packed: list[Message] = [ErrorInfo(reason=reason, domain=DOMAIN)]
    if fields:
        packed.append(
            BadRequest(
                field_violations=[
                    BadRequest.FieldViolation(field=field, description=text)
                    for field, text in fields
                ]
            )
        )
    for detail in (*packed, *details):
        holder = AnyMessage()
        holder.Pack(detail)
        status.details.append(holder)
    return status


def status_of_refusal(refusal: Refusal, details: DetailTable) -> Status:
    """The status that answers `refusal`."""
    fields = [(refusal.field, refusal.message)] if isinstance(refusal, InvalidField) else ()
    to_detail = details.get(type(refusal))
    return status_of(
        refusal.reason,
        "" if fields else refusal.message,
        fields,
        [to_detail(refusal)] if to_detail else (),
    )


def status_of_error(error: BaseException, details: DetailTable) -> Status | None:
    """The status that answers `error`; None where it is a fault of ours."""
    if isinstance(error, Refusal):
        return status_of_refusal(error, details)
    if isinstance(error, AWAY):
        return status_of_refusal(Unavailable("A database does not answer."), {})
    if isinstance(error, grpc.aio.AioRpcError):
        if reason_of(error) is not None:
            return _status(error)
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            return status_of_refusal(Unavailable("A service does not answer."), {})
        if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            return status_of("DEADLINE_EXCEEDED", "")
    return None


def reason_of(error: grpc.aio.AioRpcError) -> str | None:
    """The reason of a peer's refusal, such as `OUT_OF_STOCK`; None where it gave none."""
    info = detail_of(error, ErrorInfo)
    return info.reason if info is not None and info.reason in reasons() else None


def detail_of(error: grpc.aio.AioRpcError, kind: type[M]) -> M | None:
    """The first detail of type `kind` of a peer's refusal."""
    status = _status(error)
    for packed in status.details if status else ():
        detail = kind()
        if packed.Unpack(detail):
            return detail
    return None


def _status(error: grpc.aio.AioRpcError) -> Status | None:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            return Status.FromString(value)
    return None


def trailing(status: Status) -> tuple[tuple[str, str | bytes], ...]:
    """The trailing metadata that carries `status`."""
    metadata: tuple[tuple[str, str | bytes], ...] = rpc_status.to_status(status).trailing_metadata
    return metadata

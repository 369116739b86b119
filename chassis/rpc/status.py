"""Errors on the wire: google.rpc.Status with ErrorInfo, BadRequest and typed details."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from chassis.contract.reasons import reasons
from chassis.errors import InvalidField, RateLimited, Refusal, Unavailable
from chassis.rpc.outages import is_server_unreachable

M = TypeVar("M", bound=Message)
DetailTable = Mapping[type[Refusal], Callable[[Any], Message]]
"""Refusal -> its typed detail."""

# A refusal travels in trailing metadata, of which gRPC drops all above 8 KB by default. Both sides
# take more, and what is sent is cut so that it stays well below that.
METADATA_OPTIONS = (
    ("grpc.max_metadata_size", 64 * 1024),
    ("grpc.absolute_max_metadata_size", 64 * 1024),
)
MAX_LINES = 20
_MAX_MESSAGE = 1000
_MAX_TEXT = 200

DOMAIN = "shop"


def status_of(
    reason: str,
    message: str,
    fields: Sequence[tuple[str, str]] = (),
    details: Sequence[Message] = (),
) -> Status:
    """A status for `reason`, with field violations (path, text) and typed details.

    Of violations, and of the lines of a detail, the first 20 are sent; long strings are cut.
    """
    rules = reasons()[reason]
    status = Status(code=rules.code.value[0], message=_cut(message or rules.title, _MAX_MESSAGE))
    packed: list[Message] = [ErrorInfo(reason=reason, domain=DOMAIN)]
    if fields:
        packed.append(
            BadRequest(
                field_violations=[
                    BadRequest.FieldViolation(
                        field=_cut(field, _MAX_TEXT), description=_cut(text, _MAX_TEXT)
                    )
                    for field, text in fields[:MAX_LINES]
                ]
            )
        )
    for detail in (*packed, *map(_shortened, details)):
        holder = AnyMessage()
        holder.Pack(detail)
        status.details.append(holder)
    return status


def _shortened(detail: Message) -> Message:
    """A detail with at most 20 entries in each of its lists, and no long text in any of them."""
    short = type(detail)()
    short.CopyFrom(detail)
    for field, value in short.ListFields():
        if not field.is_repeated or field.message_type is None:
            continue
        del value[MAX_LINES:]
        for line in value:
            for name, text in line.ListFields():
                if name.type == name.TYPE_STRING and not name.is_repeated:
                    setattr(line, name.name, _cut(text, _MAX_TEXT))
    return short


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def status_of_refusal(refusal: Refusal, details: DetailTable) -> Status:
    """The status that answers `refusal`."""
    fields = [(refusal.field, refusal.message)] if isinstance(refusal, InvalidField) else ()
    to_detail = details.get(type(refusal), _DETAILS.get(type(refusal)))
    return status_of(
        refusal.reason,
        "" if fields else refusal.message,
        fields,
        [to_detail(refusal)] if to_detail else (),
    )


def retry_info(seconds: int) -> RetryInfo:
    """The detail that says after how long a call may be made again."""
    return RetryInfo(retry_delay=Duration(seconds=seconds))


# Of refusals that any service may answer.
_DETAILS: DetailTable = {RateLimited: lambda refusal: retry_info(refusal.seconds)}


def status_of_error(error: BaseException, details: DetailTable) -> Status | None:
    """The status that answers `error`; None where it is an internal error."""
    if isinstance(error, Refusal):
        return status_of_refusal(error, details)
    if is_server_unreachable(error):
        return status_of_refusal(Unavailable("A database does not answer."), {})
    if isinstance(error, grpc.aio.AioRpcError):
        if reason_of(error) is not None:
            return _status(error)
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            return status_of_refusal(Unavailable("A service does not answer."), {})
        if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            return status_of("DEADLINE_EXCEEDED", "")
    return None


def reason_in(status: Status) -> str:
    """The reason of a status that was made here."""
    info = _detail_in(status, ErrorInfo)
    return info.reason if info is not None else ""


def reason_of(error: grpc.aio.AioRpcError) -> str | None:
    """The reason of a peer's refusal, such as `OUT_OF_STOCK`; None where it gave none."""
    info = detail_of(error, ErrorInfo)
    return info.reason if info is not None and info.reason in reasons() else None


def detail_of(error: grpc.aio.AioRpcError, kind: type[M]) -> M | None:
    """The first detail of type `kind` of a peer's refusal."""
    return _detail_in(_status(error), kind)


def _detail_in(status: Status | None, kind: type[M]) -> M | None:
    for packed in status.details if status else ():
        detail = kind()
        if packed.Unpack(detail):
            return detail
    return None


def _status(error: grpc.aio.AioRpcError) -> Status | None:
    try:
        # Typed for calls of the blocking API; an error of this one answers the same questions.
        status: Status | None = rpc_status.from_call(cast("grpc.Call", error))
    except (ValueError, DecodeError):
        return None  # The peer contradicts itself: it is not one of the shop's.
    return status


def trailing(status: Status) -> tuple[tuple[str, str | bytes], ...]:
    """The trailing metadata that carries `status`."""
    metadata: tuple[tuple[str, str | bytes], ...] = rpc_status.to_status(status).trailing_metadata
    return metadata

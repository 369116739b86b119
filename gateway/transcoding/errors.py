"""Failed calls of services as problems."""

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from chassis.contract.reasons import reasons
from chassis.contract.validation import Violation
from gateway.http.problems import INTERNAL, Problem
from gateway.protojson.encode import Encoders
from gateway.protojson.names import camel_case

_OURS = "shop."
_STATUS_KEY = "grpc-status-details-bin"


def problem_of(error: grpc.aio.AioRpcError, encoders: Encoders) -> Problem:
    """The problem that a failed call is answered with.

    What a service says is passed on only where it gives a reason of the contract: any other
    text may tell of things inside. Its typed details become members of the document.
    """
    reason = ""
    errors: list[Violation] = []
    members: dict[str, Any] = {}
    headers: dict[str, str] = {}
    for detail in _details(error):
        if isinstance(detail, ErrorInfo):
            reason = detail.reason
        elif isinstance(detail, BadRequest):
            errors += [
                Violation(camel_case(broken.field), broken.description)
                for broken in detail.field_violations
            ]
        elif isinstance(detail, RetryInfo):
            headers["Retry-After"] = str(detail.retry_delay.seconds)
        elif detail.DESCRIPTOR.full_name.startswith(_OURS):
            members |= encoders.encode(detail)
    if reason not in reasons():
        return Problem(_REASONS.get(error.code(), INTERNAL))
    text = _text(error, reason, errors)
    return Problem(reason, text, errors=errors, members=members, headers=headers)


def _text(error: grpc.aio.AioRpcError, reason: str, errors: list[Violation]) -> str:
    """The service's own sentence, unless it is only the title again."""
    text = error.details() or ""
    return "" if errors or text == reasons()[reason].title else text


def _details(error: grpc.aio.AioRpcError) -> list[Message]:
    for key, value in error.trailing_metadata() or ():
        if key == _STATUS_KEY and isinstance(value, bytes):
            try:
                status = Status.FromString(value)
            except DecodeError:
                return []
            return [detail for packed in status.details if (detail := _unpacked(packed))]
    return []


def _unpacked(packed: AnyMessage) -> Message | None:
    try:
        descriptor = descriptor_pool.Default().FindMessageTypeByName(packed.TypeName())
        return GetMessageClass(descriptor).FromString(packed.value)
    except (KeyError, DecodeError):
        return None


_REASONS: Mapping[grpc.StatusCode, str] = {
    grpc.StatusCode.UNAVAILABLE: "UNAVAILABLE",
    grpc.StatusCode.DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
    grpc.StatusCode.UNAUTHENTICATED: "UNAUTHENTICATED",
    grpc.StatusCode.PERMISSION_DENIED: "PERMISSION_DENIED",
    grpc.StatusCode.NOT_FOUND: "NOT_FOUND",
}

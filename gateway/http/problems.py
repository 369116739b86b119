"""Problem documents (RFC 9457): the one shape in which the gateway refuses anything."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson

from chassis.contract.reasons import reasons
from chassis.contract.validation import Violation

CONTENT_TYPE = b"application/problem+json"
INTERNAL = "INTERNAL"
RETRY_AFTER_SECONDS = 2

Headers = list[tuple[bytes, bytes]]


class Problem(Exception):
    """A request that is refused.

    Args:
        reason: An ErrorReason of the contract, without its prefix.
        detail: One sentence for people about this occurrence.
        errors: The fields that are not as they must be.
        members: Further members of the document.
        headers: Further headers of the response.

    Attributes:
        is_logged: What is not served is told to the log. Not what is counted, and comes in floods.
    """

    is_logged = True

    def __init__(
        self,
        reason: str,
        detail: str = "",
        *,
        errors: Sequence[Violation] = (),
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.errors = errors
        self.members = members or {}
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return reasons()[self.reason].status

    def document(self, instance: str, request_id: str) -> dict[str, Any]:
        """The members of the document; its own names win over those of `members`."""
        rules = reasons()[self.reason]
        return dict(self.members) | {
            "type": type_of(self.reason),
            "title": rules.title,
            "status": rules.status,
            "detail": self.detail or _detail_of(self.errors) or f"{rules.title}.",
            "instance": quote(instance, safe="/:@!$&'()*+,;=~"),
            "reason": self.reason,
            "requestId": request_id,
            "errors": [violation._asdict() for violation in self.errors],
        }

    def response(self, instance: str, request_id: str) -> tuple[int, Headers, bytes]:
        """Status, headers and body that answer with the document."""
        body = orjson.dumps(self.document(instance, request_id))
        headers: Headers = [
            (b"content-type", CONTENT_TYPE),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        if self.status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        if self.status == 503:
            self.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
        headers += [
            (name.lower().encode(), value.encode("latin-1", "replace"))
            for name, value in self.headers.items()
        ]
        return self.status, headers, body


def invalid(violations: Sequence[Violation], *, are_there_more: bool = False) -> Problem:
    """The problem of fields that are not as they must be; `violations` may be only the first."""
    detail = _detail_of(violations, "more than " if are_there_more else "")
    return Problem("VALIDATION_FAILED", detail, errors=violations)


def type_of(reason: str) -> str:
    """Where a reason is explained."""
    return f"/docs/problems#{anchor_of(reason)}"


def anchor_of(reason: str) -> str:
    """The part of the page of problems that explains a reason."""
    return reason.lower().replace("_", "-")


def problem_of_status(
    status: int, detail: str = "", headers: Mapping[str, str] | None = None
) -> Problem:
    """The problem that stands for a status of the framework's."""
    reason, otherwise = _FRAMEWORK.get(status, (INTERNAL, ""))
    # The framework's own detail is the name of the status.
    is_said = detail and detail != HTTPStatus(status).phrase
    return Problem(reason, detail if is_said else otherwise, headers=headers)


def _detail_of(errors: Sequence[Violation], more_than: str = "") -> str:
    """The first error as a sentence, and how many there are."""
    if not errors:
        return ""
    first = f"{errors[0].field} {errors[0].message}."
    return (
        first
        if len(errors) == 1
        else f"{first[:-1]}; {more_than}{len(errors)} fields are not valid."
    )


_FRAMEWORK: Mapping[int, tuple[str, str]] = {
    400: ("VALIDATION_FAILED", "The request cannot be read."),
    404: ("NOT_FOUND", "There is nothing at this address."),
    405: ("METHOD_NOT_ALLOWED", "This address has no such method."),
    413: ("PAYLOAD_TOO_LARGE", ""),
    415: ("UNSUPPORTED_MEDIA_TYPE", ""),
}

"""Refusals of the API, and the ways a page can end early."""

from collections.abc import Mapping
from typing import Any

import orjson

from ui.api.exchange import RawAnswer

Json = dict[str, Any]

PROBLEM_TYPE = "application/problem+json"


class ApiProblem(Exception):
    """The API refused a request, or did not answer it.

    Attributes:
        status: The HTTP status; 503 where there was no answer.
        reason: Why, in the contract's words, such as `OUT_OF_STOCK`.
        detail: One sentence for people.
        errors: Field -> what must be so, such as `must be at least 1`.
        members: All members of the problem document.
        retry_after: Seconds to wait before another try, as the API says; empty if it does not.
    """

    def __init__(
        self, status: int, reason: str, members: Mapping[str, Any], retry_after: str = ""
    ) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason
        self.members = members
        self.detail: str = members.get("detail") or ""
        self.request_id: str = members.get("requestId") or ""
        self.errors = {
            error["field"]: error["message"] for error in reversed(members.get("errors") or [])
        }
        self.retry_after = retry_after


class SignInNeeded(Exception):
    """The page is for people who are signed in."""


def problem_of(answer: RawAnswer) -> ApiProblem:
    """The problem that an answer of status 400 and above tells of."""
    members: Json = {}
    if answer.value(b"content-type").startswith(PROBLEM_TYPE):
        try:
            members = orjson.loads(answer.body)
        except ValueError:
            members = {}
    reason = members.get("reason") or "INTERNAL"
    return ApiProblem(answer.status, reason, members, answer.value(b"retry-after"))


def unanswered() -> ApiProblem:
    """The problem of a call that got no answer."""
    return ApiProblem(503, "UNAVAILABLE", {"detail": "The shop does not answer."})

"""A gateway whose answers are laid out beforehand, and that remembers what it was asked."""

import json
from collections.abc import Callable
from typing import Any

import httpx

Json = dict[str, Any]
Answer = Callable[[httpx.Request], httpx.Response]


class FakeApi:
    """Answers of an API, by method and path; 404 for all else.

    Attributes:
        requests: What was asked, in order.
    """

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._answers: dict[tuple[str, str], Answer] = {}

    def answers(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        status: int = 200,
        cookies: tuple[str, ...] = (),
    ) -> None:
        """Answer with `body` from now on."""
        headers = [("set-cookie", cookie) for cookie in cookies]

        def answer(_: httpx.Request) -> httpx.Response:
            if body is None:
                return httpx.Response(status, headers=headers)
            return httpx.Response(status, headers=headers, json=body)

        self._answers[method, path] = answer

    def refuses(
        self,
        method: str,
        path: str,
        status: int,
        reason: str,
        errors: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        """Refuse with a problem document from now on."""
        self._answers[method, path] = lambda _: problem(status, reason, errors, **members)

    def answers_by(self, method: str, path: str, answer: Answer) -> None:
        """Answer with what a function makes of the request from now on."""
        self._answers[method, path] = answer

    def fails(self, method: str, path: str) -> None:
        """Do not answer at all from now on."""

        def fail(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("nobody is there", request=request)

        self._answers[method, path] = fail

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.requests.append(request)
        answer = self._answers.get((request.method, request.url.path))
        return answer(request) if answer else problem(404, "NOT_FOUND")

    def asked(self, method: str, path: str) -> list[httpx.Request]:
        """The requests for one address."""
        return [
            request
            for request in self.requests
            if (request.method, request.url.path) == (method, path)
        ]

    def sent(self, method: str, path: str) -> Json:
        """The JSON of the only request for one address."""
        [request] = self.asked(method, path)
        body: Json = json.loads(request.content)
        return body


def problem(
    status: int, reason: str, errors: dict[str, str] | None = None, **members: Any
) -> httpx.Response:
    """A problem document."""
    document = {
        "type": "/docs/problems",
        "title": reason.capitalize(),
        "status": status,
        "detail": f"The detail of {reason}.",
        "instance": "/",
        "reason": reason,
        "requestId": "req-1",
        "errors": [{"field": name, "message": text} for name, text in (errors or {}).items()],
        **members,
    }
    headers = {"content-type": "application/problem+json"}
    return httpx.Response(status, headers=headers, content=json.dumps(document))

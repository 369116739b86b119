"""The outermost layer: request id, security headers, and a problem document for every failure."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http.body_timeout import with_body_timeout
from chassis.telemetry import correlation, traces
from gateway.http.problems import INTERNAL, Headers, Problem, problem_of_status
from gateway.http.request import RequestHead

log = structlog.get_logger(__name__)
_stdlib_log = logging.getLogger(__name__)

# Only the API's own answers: pages and the reference say what they need themselves.
API_POLICY = b"default-src 'none'; frame-ancestors 'none'"
_SECURITY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", API_POLICY),
]
_TLS: Headers = [(b"strict-transport-security", b"max-age=31536000")]
_SERVE = "gateway.http.serve"
_RESPONSE_STARTS = {"http.response.start", "websocket.http.response.start"}
_STARTS = {*_RESPONSE_STARTS, "websocket.accept"}


def security_headers(*, is_secure: bool) -> Headers:
    """The headers of every response, unless it says otherwise; `is_secure` under TLS."""
    return _SECURITY + (_TLS if is_secure else [])


def serve_after_handshake(scope: Scope, serve: Callable[[Receive, Send], Awaitable[None]]) -> None:
    """Serve a WebSocket that was accepted by `serve`, once all layers have returned."""
    scope[_SERVE] = serve


class ErrorMiddleware:
    """An ASGI app around the gateway's own.

    Args:
        app: What answers.
        is_secure: Browsers reach the shop by TLS.
        body_seconds: How long a body may take.
    """

    def __init__(self, app: ASGIApp, is_secure: bool, body_seconds: float) -> None:
        self._app = app
        self._body_seconds = body_seconds
        self._security = security_headers(is_secure=is_secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        # Starlette's router raises its 404s and 405s, for us to answer, where there is an app.
        scope["app"] = self
        head = RequestHead(scope)
        before = correlation.request_id.set(head.request_id)
        try:
            await self._answer(head, scope, receive, send)
        finally:
            correlation.request_id.reset(before)
        if (serve := scope.get(_SERVE)) is not None:
            # Thousands of sockets are silent: they hold neither a handshake nor its layers.
            correlation.request_id.set(head.request_id)
            scope.clear()
            del head
            await serve(receive, send)

    async def _answer(self, head: RequestHead, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_started
            if message["type"] in _STARTS:
                has_started = True
            if message["type"] in _RESPONSE_STARTS:
                self._add_headers(message, head.request_id)
                if _stdlib_log.isEnabledFor(logging.DEBUG):
                    status = message["status"]
                    log.debug("request answered", method=head.method, path=head.path, status=status)
            await send(message)

        try:
            await self._app(
                scope, with_body_timeout(receive, self._body_seconds), send_with_headers
            )
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the boundary: all become a problem
            problem = _problem_of(error, head)
            # Once a response has begun it is too late for words: the server cuts the connection.
            if not has_started:
                await send_problem(problem, head, scope, send_with_headers)

    def _add_headers(self, message: Any, request_id: str) -> None:
        headers: Headers = list(message["headers"])
        given = {name for name, _ in headers}
        headers += [header for header in self._security if header[0] not in given]
        if b"x-request-id" not in given:
            headers.append((b"x-request-id", request_id.encode()))
        message["headers"] = headers


def _problem_of(error: Exception, head: RequestHead) -> Problem:
    if isinstance(error, HTTPException):
        return problem_of_status(error.status_code, error.detail, error.headers)
    if not isinstance(error, Problem):
        log.error("request failed", method=head.method, path=head.path, exc_info=error)
        traces.fail(error)
        return Problem(INTERNAL)
    if error.status >= 500 and error.is_logged:
        log.warning("request not served", path=head.path, reason=error.reason)
    return error


async def send_problem(problem: Problem, head: RequestHead, scope: Scope, send: Send) -> None:
    """Answer a request with a problem document; a WebSocket's handshake too."""
    kind = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        kind = "websocket.http.response"
    status, headers, body = problem.response(head.path, head.request_id)
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    is_head = head.method == "HEAD"
    await send({"type": f"{kind}.body", "body": b"" if is_head else body})

"""A span for each HTTP request, where traces are on.

By the template of its route, and with nothing of what was sent: a path may name a person, and a
query may be a secret. Handshakes of WebSockets have none: they would last as long as these do.
"""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.telemetry import traces
from chassis.telemetry.traces import HEADER, Attributes

_HEADER = HEADER.encode()
_FAULTS = 500


def with_request_spans(app: ASGIApp, but: Collection[str] = ()) -> ASGIApp:
    """`app`, with a span for each request; itself where traces are off.

    Args:
        app: What answers.
        but: Paths that are asked for all the time, and by no one, such as those of probes.
    """
    return _RequestSpans(app, but) if traces.is_on() else app


class _RequestSpans:
    def __init__(self, app: ASGIApp, but: Collection[str]) -> None:
        self._app = app
        self._but = but

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._but:
            await self._app(scope, receive, send)
            return
        status = 0

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        # What a page asks of the API in its own process is a part of what it does.
        is_inside = bool(traces.traceparent())
        kind: traces.Kind = "internal" if is_inside else "server"
        parent = "" if is_inside else traces.from_outside(_given(scope))
        method = scope["method"]
        with traces.span(method, kind, {"http.request.method": method}, parent=parent):
            try:
                await self._app(scope, receive, send_noting)
            finally:
                attributes: Attributes = {"http.response.status_code": status}
                route = getattr(scope.get("route"), "path", "")
                if route:
                    attributes = {**attributes, "http.route": route}
                traces.annotate(attributes, f"{method} {route}" if route else "")
                if status >= _FAULTS:
                    traces.fail(str(status))


def _given(scope: Scope) -> str:
    """The `traceparent` that a request came with; empty for none."""
    found = (value for name, value in scope["headers"] if name == _HEADER)
    value: bytes = next(found, b"")
    return value.decode("latin-1")

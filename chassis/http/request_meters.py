"""HTTP requests counted and timed, by the template of their route: a path may name anything."""

from time import perf_counter

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.telemetry import metrics

REQUESTS = Counter(
    "http_requests",
    "HTTP requests answered; 499 where the client left before. A page's own count too.",
    ["route", "method", "status"],
)
SECONDS = Histogram(
    "http_request_duration_seconds",
    "From a request's head to the end of its answer; what is kept takes no time.",
    ["route", "method"],
    buckets=metrics.SECONDS,
)
NO_ROUTE = "none"
LEFT = 499
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}


def count_request(scope: Scope, status: int, seconds: float) -> None:
    """Count a request that was answered."""
    route = getattr(scope.get("route"), "path", NO_ROUTE)
    method = scope["method"]
    children = _children.get((route, method, status))
    if children is None:
        if method not in _METHODS:
            method = "other"
        children = REQUESTS.labels(route, method, status), SECONDS.labels(route, method)
        if method in _METHODS:
            _children[route, method, status] = children
    requests, durations = children
    requests.inc()
    durations.observe(seconds, metrics.exemplar())


def with_request_metrics(app: ASGIApp) -> ASGIApp:
    """`app`, whose requests are counted; itself where metrics are off."""
    return _Metered(app) if metrics.are_on() else app


class _Metered:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), LEFT

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            count_request(scope, status, perf_counter() - began)

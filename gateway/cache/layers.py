"""Two ASGI layers: one answers from what is kept before all else, the other one has it made.

A connection of HTTP asks the outer one first for what is kept, and sends it without a task for it.

A response that may be kept is made once for all who want it meanwhile, by a request that has
nothing of theirs but path and query: so it cannot tell of anyone, nor can anyone put something
into it. What the pages in this process ask of the API passes here too; a page is kept where all
that it was made of may be, and ends with the first of it.
"""

import re
from collections.abc import Collection, Mapping
from time import monotonic
from typing import NamedTuple

import structlog
from prometheus_client import Counter
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http.protocol import ReadyAnswer
from chassis.http.request_meters import count_request
from chassis.tasks import SingleFlight
from chassis.telemetry import correlation, metrics, traces
from gateway.cache.entry import Asked, Entry, RawResponse
from gateway.cache.guests import Guests
from gateway.cache.store import Entries, Fill, Key, current_fill
from gateway.http.problems import Headers
from gateway.http.request import RequestHead, request_id_of

log = structlog.get_logger(__name__)

REQUESTS = Counter(
    "cache_requests",
    "GET and HEAD requests: a hit, a miss that was made for all, or bypass, for one caller alone.",
    ["result"],
)
HIT, MISS, BYPASS = map(REQUESTS.labels, ("hit", "miss", "bypass"))
_SAFE = {"GET", "HEAD"}
_BEARER = re.compile(rb"(?i:bearer) +[A-Za-z0-9._~+/=-]{1,8192} *")
_FAULTS = 500


class KeptResponses:
    """The outermost layer: answers from what is kept.

    Args:
        app: What answers all else.
        entries: What is kept.
        guests: Whom their pages are answered to.
    """

    def __init__(self, app: ASGIApp, entries: Entries, guests: Guests) -> None:
        self._app = app
        self._entries = entries
        self._guests = guests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and (found := self._find(scope)) is not None:
            entry, asked = found
            status = await _answer(entry, asked, send)
            _count_hit(scope, entry, status)
        else:
            await self._app(scope, receive, send)

    def ready(self, scope: Scope) -> ReadyAnswer | None:
        """What is kept for a request that came by a connection; None where it is to be made."""
        found = self._find(scope)
        if found is None:
            return None
        entry, asked = found
        answer = entry.ready(asked, monotonic())
        _count_hit(scope, entry, answer.status)
        return answer

    def _find(self, scope: Scope) -> tuple[Entry, Asked] | None:
        if scope["method"] not in _SAFE:
            return None
        query = _query_of(scope, self._guests)
        entry = self._entries.find(_key_of(scope, query), monotonic())
        if entry is None or (entry.for_guests and not self._guests.include(scope["headers"])):
            return None
        headers = dict(scope["headers"])
        if not _may_share(headers):
            return None
        request_id = request_id_of(headers.get(b"x-request-id", b"").decode("latin-1"))
        return entry, Asked(headers, scope["method"] == "HEAD", request_id)


class _Flight(NamedTuple):
    """A response that is being made for all who want it meanwhile, and the request for it."""

    fill: Fill
    made: SingleFlight[Entry]
    scope: Scope


class ResponseFiller:
    """The inner layer: has those responses made that may be kept.

    Args:
        app: What answers all else.
        maker: What makes the responses that may be kept.
        entries: What is kept.
        host: What the requests for them name as their host.
        security: Headers that every response has.
        public: The path templates whose responses are the same for everyone.
        guests: Those whose responses are the same for all guests.
    """

    def __init__(
        self,
        app: ASGIApp,
        maker: ASGIApp,
        entries: Entries,
        *,
        host: str,
        security: Headers,
        public: Collection[str],
        guests: Guests,
    ) -> None:
        self._app = app
        self._maker = maker
        self._entries = entries
        self._host = host.encode()
        self._security = security
        self._public = [compile_path(path)[0] for path in public]
        self._guests = guests
        self._flights: dict[Key, _Flight] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            Problem: It is refused.
        """
        if scope["type"] == "http" and scope["method"] in _SAFE:
            headers = dict(scope["headers"])
            for_guests = self._is_for_guests(scope)
            if for_guests is not None and _may_share(headers):
                entry = await self._made(scope, for_guests=for_guests)
                if entry is not None:
                    MISS.inc()
                    request_id = RequestHead.of(scope).request_id
                    await _answer(
                        entry, Asked(headers, scope["method"] == "HEAD", request_id), send
                    )
                    return
            BYPASS.inc()
        if (fill := current_fill.get()) is not None:
            # It holds what is for one caller.
            fill.give_up()
        await self._app(scope, receive, send)

    def _is_for_guests(self, scope: Scope) -> bool | None:
        """Whether the response is for guests alone; None where it is for the caller alone."""
        path = scope["path"]
        if any(each.match(path) for each in self._public):
            return False
        return True if self._guests.have(path) and self._guests.include(scope["headers"]) else None

    async def _made(self, scope: Scope, *, for_guests: bool) -> Entry | None:
        """The response; None where the caller needs one of its own.

        Raises:
            Problem: The request is refused, no matter who makes it.
        """
        query = _query_of(scope, self._guests)
        key, flight = _key_of(scope, query), None
        if (there := self._flights.get(key)) is not None and there.fill.may_be_kept:
            flight = there
        is_first = flight is None
        if flight is None:
            flight = self._flights[key] = self._flight(
                key, {**scope, "query_string": query}, for_guests=for_guests
            )
        if (whole := current_fill.get()) is not None:
            flight.fill.be_part_of(whole)
        try:
            entry = await flight.made()
        except Exception:
            if flight.fill.is_refused_to_all:
                raise
            return None
        finally:
            scope["route"] = flight.scope.get("route")
        is_shared = is_first or entry.status < _FAULTS
        return entry if is_shared else None

    def _flight(self, key: Key, scope: Scope, *, for_guests: bool) -> _Flight:
        fill = Fill(monotonic(), for_guests=for_guests)
        request_id, trace = RequestHead.of(scope).request_id, traces.traceparent()
        own = {
            **scope,
            "method": "GET",
            "client": None,
            "headers": [(b"host", self._host), (b"x-request-id", request_id.encode())],
        }

        async def make() -> Entry:
            current_fill.set(fill)
            correlation.request_id.set(request_id)
            self._entries.begin(fill)
            try:
                with traces.span("edge.fill", parent=trace):
                    entry = fill.entry(await self._response(own))
                    entry.route = own.get("route")
            except BaseException:
                # What is made without this part must not be kept.
                fill.give_up()
                raise
            else:
                self._entries.add(key, entry)
                return entry
            finally:
                self._entries.end(fill)
                if (there := self._flights.get(key)) is not None and there.fill is fill:
                    del self._flights[key]

        return _Flight(fill, SingleFlight(make), own)

    async def _response(self, scope: Scope) -> RawResponse:
        """What the app answers, less what differs each time.

        Raises:
            Problem: The request is refused.
        """
        RequestHead(scope)
        status, headers, body, is_whole = _FAULTS, list[tuple[bytes, bytes]](), b"", False

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers, body, is_whole
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message.get("headers", ()))
            else:
                body += message.get("body", b"")
                is_whole = not message.get("more_body", False)

        try:
            await self._maker(scope, receive, send)
        except Exception:
            if not is_whole:
                raise
            # The client has its answer; this is for the log.
            log.exception("request failed", method="GET", path=scope["path"])
        given = {name.lower() for name, _ in headers}
        headers += [header for header in self._security if header[0] not in given]
        return RawResponse(status, headers, body)


def _query_of(scope: Scope, guests: Guests) -> bytes:
    """As much of a request's query as what answers it reads."""
    query: bytes = scope["query_string"]
    return guests.read_of(scope["path"], query) if query else query


def _key_of(scope: Scope, query: bytes) -> Key:
    """A request's path and query, whose parameters may stand in any order."""
    if b"&" in query:
        parameters: list[bytes] = query.split(b"&")
        parameters.sort(key=_name_of)
        query = b"&".join(parameters)
    return scope["path"], query


def _name_of(parameter: bytes) -> bytes:
    return parameter.partition(b"=")[0]


def _may_share(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request may be answered what others are; which of them does not matter here."""
    # But what is no token at all is refused everywhere.
    authorization = headers.get(b"authorization")
    return authorization is None or _BEARER.fullmatch(authorization) is not None


async def _answer(entry: Entry, asked: Asked, send: Send) -> int:
    """Send it; its status."""
    if (fill := current_fill.get()) is not None:
        fill.include(entry)
    return await entry.answer(asked, monotonic(), send)


def _count_hit(scope: Scope, entry: Entry, status: int) -> None:
    if metrics.are_on():
        HIT.inc()
        count_request({"method": scope["method"], "route": entry.route}, status, 0.0)

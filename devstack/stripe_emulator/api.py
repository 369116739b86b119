"""From HTTP to an operation and back: keys, parameters, idempotency, faults."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import idempotency
from .auth import Keys
from .endpoints import ENDPOINTS, Endpoint
from .errors import ApiError, KeyInUseError, MissingObjectError, RateLimitError, ServerError
from .executor import Executor, Reply
from .expansion import expand
from .faults import AFTER, BEFORE, Fault, Faults, Kind
from .forms import nest, pairs
from .ledger import Call, Ledger
from .params import Params
from .shapes import API_VERSION, JsonObject
from .store import SavedReply

Headers = dict[str, str]
RETRY, DO_NOT_RETRY = {"Stripe-Should-Retry": "true"}, {"Stripe-Should-Retry": "false"}


@dataclass(frozen=True)
class Work:
    """One request, read and admitted."""

    endpoint: Endpoint
    path: str
    call_id: str
    flat: Sequence[tuple[str, str]]
    key: str | None
    target: str
    site: str
    version: str | None
    from_browser: bool

    def call(self, ledger: Ledger) -> Call:
        """The call to execute."""
        return Call(
            ledger,
            Params(nest(self.flat)),
            self.target,
            self.site,
            self.version,
            self.from_browser,
        )


@dataclass(frozen=True)
class Api:
    """The API under /v1.

    Attributes:
        site: the base URL that pages of the emulator are reached under; from the request's Host
            header where it is None.
    """

    executor: Executor
    keys: Keys
    faults: Faults
    site: str | None = None
    in_flight: idempotency.InFlight = field(default_factory=idempotency.InFlight)

    def routes(self) -> list[Route]:
        """One route per endpoint, and Stripe's 404 for everything else."""
        known = [
            Route(endpoint.path, self._handler(endpoint), methods=[endpoint.method])
            for endpoint in ENDPOINTS
        ]
        anything = ["DELETE", "GET", "PATCH", "POST", "PUT"]
        return [*known, Route("/v1/{rest:path}", self._unknown, methods=anything)]

    def _handler(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            call_id = self.executor.new_id("req")
            version = request.headers.get("stripe-version", API_VERSION)
            headers = {"Request-Id": call_id, "Stripe-Version": version}
            try:
                work = await self._admit(endpoint, request, call_id)
                if work.key is not None:
                    headers["Idempotency-Key"] = work.key
                reply, more = await self._answer(work, request)
            except ApiError as error:
                reply, more = Reply.refusing(error), _advice(error)
            return _response(reply, headers | more)

        return handle

    async def _unknown(self, request: Request) -> Response:
        error = ApiError(
            f"Unrecognized request URL ({request.method}: {request.url.path}). Please see "
            "https://stripe.com/docs or we can help at https://support.stripe.com/.",
        )
        error.status = MissingObjectError.status
        return _response(Reply.refusing(error), {"Request-Id": self.executor.new_id("req")})

    async def _admit(self, endpoint: Endpoint, request: Request, call_id: str) -> Work:
        from_browser = self.keys.admit(
            request.headers.get("authorization"), browser_allowed=endpoint.browser
        )
        posted = request.method == "POST"
        text = (await request.body()).decode(errors="replace") if posted else request.url.query
        key = request.headers.get("idempotency-key") if posted else None
        if key:
            idempotency.check_key(key)
        return Work(
            endpoint=endpoint,
            path=request.url.path,
            call_id=call_id,
            flat=pairs(text),
            key=key or None,
            target=request.path_params.get("id", ""),
            site=self.site or str(request.base_url).rstrip("/"),
            version=request.headers.get("stripe-version"),
            from_browser=from_browser,
        )

    async def _answer(self, work: Work, request: Request) -> tuple[Reply, Headers]:
        fault = self.faults.take(BEFORE, work.endpoint.method, work.path)
        with self.in_flight.holding(work.key):
            if fault is not None:
                await _strike(fault, work)
            saved = self._saved(work)
            if saved is not None:
                replayed = {"Idempotent-Replayed": "true", "Original-Request": saved.request_id}
                return Reply(saved.status, saved.body), replayed | _once_only(saved.status)
            reply, after = self._execute(work)
        if after is not None and after.kind is Kind.TIMEOUT_AFTER_CHARGE:
            await _keep_waiting(request, after.seconds)
            raise ServerError(504)
        return reply, _once_only(reply.status)

    def _saved(self, work: Work) -> SavedReply | None:
        if work.key is None:
            return None
        return idempotency.replayable(
            self.executor.store.reply(work.key),
            work.path,
            idempotency.fingerprint(work.flat),
            self.executor.clock(),
        )

    def _execute(self, work: Work) -> tuple[Reply, Fault | None]:
        """The operation, and the reply under its key, in one transaction."""
        struck: list[Fault] = []

        def operate(ledger: Ledger) -> JsonObject:
            call = work.call(ledger)
            wanted = call.params.items("expand")
            return expand(ledger.store, work.endpoint.operation(call), wanted)

        def conclude(reply: Reply) -> Reply:
            fault = self.faults.take(AFTER, work.endpoint.method, work.path)
            if fault is not None:
                struck.append(fault)
                if fault.kind is Kind.ERROR_500:
                    reply = Reply.refusing(ServerError())
            self._remember(work, reply)
            return reply

        request = {"id": work.call_id, "idempotency_key": work.key}
        reply = self.executor.run(operate, request, conclude)
        return reply, struck[0] if struck else None

    def _remember(self, work: Work, reply: Reply) -> None:
        if work.key is None:
            return
        self.executor.store.save_reply(
            SavedReply(
                key=work.key,
                path=work.path,
                fingerprint=idempotency.fingerprint(work.flat),
                request_id=work.call_id,
                status=reply.status,
                body=reply.body,
                created=int(self.executor.clock()),
            )
        )


async def _strike(fault: Fault, work: Work) -> None:
    """A fault from before the work: wait, or refuse."""
    if fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.seconds)
    elif fault.kind is Kind.RATE_LIMIT_429:
        raise RateLimitError
    elif fault.kind is Kind.CONFLICT_409:
        raise KeyInUseError(work.key or "")
    else:
        error = ServerError()
        error.began = False
        raise error


async def _keep_waiting(request: Request, seconds: float) -> None:
    """Let the caller wait until it gives up, at most `seconds`."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    with suppress(TimeoutError):
        await asyncio.wait_for(gone(), seconds)


def _once_only(status: int) -> Headers:
    """A server error that is remembered would only be replayed: tell the library not to retry."""
    return DO_NOT_RETRY if status >= ServerError.status else {}


def _advice(error: ApiError) -> Headers:
    return RETRY if error.status >= ServerError.status and not error.began else {}


def _response(reply: Reply, headers: Headers) -> Response:
    return Response(reply.body, reply.status, headers, media_type="application/json")

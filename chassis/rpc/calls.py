"""Unary calls: within a deadline, with an identity, repeated where the contract allows that.

It is done around gRPC's calls rather than by an interceptor, which gRPC runs in a task for each.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Iterable
from time import perf_counter
from types import TracebackType
from typing import Any, Protocol

import grpc
from grpc.aio import AioRpcError, Metadata

from chassis.contract.rpc_rules import rpc
from chassis.resilience.backoff import Backoff
from chassis.resilience.circuit_breakers import PATIENCE_SECONDS, CircuitBreaker, CircuitOpen
from chassis.rpc.client_address import METADATA, client_address
from chassis.rpc.deadline import shortened
from chassis.rpc.meters import Meter, client_meter
from chassis.rpc.outages import NO_ANSWER
from chassis.rpc.spans import calling
from chassis.rpc.status import reason_of
from chassis.telemetry.correlation import request_id

Token = Callable[[], Awaitable[str]]
"""The token to call with; empty for none."""

_OF_REQUEST = (("x-request-id", request_id), (METADATA, client_address))
_ATTEMPTS = 4
BACKOFF = Backoff(first=0.2)
_LEAST_SECONDS = 0.001


class Call(Protocol):
    """A call that has begun."""

    def cancel(self) -> bool:
        """End it; what has arrived of the answer is dropped."""

    def __await__(self) -> Generator[Any, None, Any]:
        """Its response; raises AioRpcError."""


class Channel(grpc.aio.Channel):
    """A channel whose calls with one response are admitted by a circuit breaker.

    Its unary calls are made by `UnaryMethod`; all else is gRPC's.

    Args:
        inner: The channel itself.
        token: The token to call with, where a call is not given one; None for none.
        backoff: Between the attempts at what may be repeated.
        breaker: Of the peer; None for none.
    """

    def __init__(
        self,
        inner: grpc.aio.Channel,
        token: Token | None,
        backoff: Backoff = BACKOFF,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._inner = inner
        self._token = token
        self._backoff = backoff
        self._breaker = breaker

    def unary_unary(self, method: str, *coders: Any, **options: Any) -> Any:
        """The RPC with one request and one response at path `method`."""
        begin = self._inner.unary_unary(method, *coders, **options)
        call = UnaryMethod(method, begin, self._token, self._backoff, self._breaker)
        return calling(method, call)

    def unary_stream(self, *method: Any, **options: Any) -> Any:
        """An RPC with a stream of responses."""
        return self._inner.unary_stream(*method, **options)

    def stream_unary(self, method: str, *coders: Any, **options: Any) -> Any:
        """The RPC with a stream of requests and one response at path `method`."""
        begin, meter = self._inner.stream_unary(method, *coders, **options), client_meter(method)

        def call(requests: Any, **given: Any) -> Call:
            # Its time may have run out because of who sends the requests.
            admitted = _admitted(lambda: begin(requests, **given), self._breaker, counts_time=False)
            return _metered(admitted, meter)

        return calling(method, call)

    def stream_stream(self, *method: Any, **options: Any) -> Any:
        """An RPC with streams both ways."""
        return self._inner.stream_stream(*method, **options)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """State of the connection."""
        return self._inner.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Wait until the connection is in another state."""
        await self._inner.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Wait until the connection is there."""
        await self._inner.channel_ready()

    async def close(self, grace: float | None = None) -> None:
        """Close it; calls under way have `grace` seconds."""
        await self._inner.close(grace)

    async def __aenter__(self) -> "Channel":
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        await self.close()


class UnaryMethod:
    """An RPC with one request and one response, as stubs call it.

    Args:
        path: As gRPC spells it.
        begin: Begins a call.
        token: The token to call with, where a call is not given one; None for none.
        backoff: Between attempts.
        breaker: Of the peer; None for none.
    """

    def __init__(
        self,
        path: str,
        begin: Callable[..., Call],
        token: Token | None,
        backoff: Backoff = BACKOFF,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        rules = rpc(path)
        self._path = path
        self._begin = begin
        self._token = token
        self._backoff = backoff
        self._breaker = breaker
        self._meter = client_meter(path)
        self._attempts = _ATTEMPTS if rules is not None and rules.retryable else 1

    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Iterable[tuple[str, str | bytes]] | None = None,
    ) -> Awaitable[Any]:
        """Call it within `timeout` seconds, or within what the call being served has left.

        Returns:
            What gives the response when it is awaited, or raises AioRpcError. On a channel without
            a token it is a `Call` that has begun.

        Raises:
            TypeError: There is no timeout.
        """
        if timeout is None:
            raise TypeError(f"{self._path} was called without a timeout")
        seconds = shortened(timeout)
        # Who has less time than that, by a deadline of the caller's or since the token took long,
        # learns nothing of the peer by waiting in vain.
        enough = min(0.9 * timeout, PATIENCE_SECONDS)
        if self._token is None:
            return self._call(request, seconds, enough, _correlated(metadata))
        return self._with_token(self._token, request, seconds, enough, _correlated(metadata))

    def _call(self, request: Any, seconds: float, enough: float, metadata: Metadata) -> Call:
        def begin(left: float) -> Call:
            return self._begin(request, timeout=left, metadata=metadata)

        def begin_all() -> Call:
            if self._attempts == 1:
                return begin(seconds)
            return _Repeated(begin, seconds, self._attempts, self._backoff)

        admitted = _admitted(begin_all, self._breaker, counts_time=seconds >= enough)
        return _metered(admitted, self._meter)

    async def _with_token(
        self, token: Token, request: Any, seconds: float, enough: float, metadata: Metadata
    ) -> Any:
        until = time.monotonic() + seconds
        metadata = await _token_in(metadata, token)
        left = max(_LEAST_SECONDS, until - time.monotonic())
        return await self._call(request, left, enough, metadata)


def _admitted(
    begin: Callable[[], Call], breaker: CircuitBreaker | None, *, counts_time: bool
) -> Call:
    """A call that has begun, or one that fails at once where the circuit of its peer is open."""
    if breaker is None:
        return begin()
    try:
        turn = breaker.admit()
    except CircuitOpen as error:
        return _Rejected(error)
    return _Observed(begin(), breaker, turn, counts_time=counts_time)


class _Rejected:
    """A call that was not begun; it ends as one whose peer is unreachable."""

    def __init__(self, error: CircuitOpen) -> None:
        self._error = error

    def cancel(self) -> bool:
        return False

    def __await__(self) -> Generator[Any, None, Any]:
        yield from ()
        raise AioRpcError(
            grpc.StatusCode.UNAVAILABLE, Metadata(), Metadata(), str(self._error)
        ) from self._error


class _Observed:
    """A call whose outcome its peer's circuit breaker learns, unless it is given up."""

    def __init__(
        self, call: Call, breaker: CircuitBreaker, turn: int, *, counts_time: bool
    ) -> None:
        self._call = call
        self._breaker = breaker
        self._turn = turn
        self._counts_time = counts_time

    def cancel(self) -> bool:
        return self._call.cancel()

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            response = yield from self._call.__await__()
        except AioRpcError as error:
            self._tell(error)
            raise
        self._breaker.answered(self._turn)
        return response

    def _tell(self, error: AioRpcError) -> None:
        if error.code() not in NO_ANSWER or reason_of(error) is not None:
            self._breaker.answered(self._turn)
        elif error.code() is grpc.StatusCode.UNAVAILABLE or self._counts_time:
            self._breaker.unanswered(self._turn, error)


class _Repeated:
    """A call that is made again for as long as its peer is unreachable and there is time."""

    def __init__(
        self, begin: Callable[[float], Call], seconds: float, attempts: int, backoff: Backoff
    ) -> None:
        self._begin = begin
        self._until = time.monotonic() + seconds
        self._attempts = attempts
        self._backoff = backoff
        self._call = begin(seconds)

    def cancel(self) -> bool:
        return self._call.cancel()

    def __await__(self) -> Generator[Any, None, Any]:
        return self._response().__await__()

    async def _response(self) -> Any:
        failures = 0
        refused: AioRpcError | None = None
        while True:
            try:
                return await self._call
            except AioRpcError as error:
                failures += 1
                if refused is not None and error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                    # A repetition that ran out of time says less than what it repeats.
                    raise refused from None
                pause = self._backoff.pause(failures)
                if (
                    error.code() is not grpc.StatusCode.UNAVAILABLE
                    or failures == self._attempts
                    or time.monotonic() + pause >= self._until
                ):
                    raise
                refused = error
            await asyncio.sleep(pause)
            self._call = self._begin(max(_LEAST_SECONDS, self._until - time.monotonic()))


def _metered(call: Call, meter: Meter | None) -> Call:
    return call if meter is None else _Metered(call, meter)


class _Metered:
    """A call that is counted when it ends, as cancelled where no one waits for that."""

    def __init__(self, call: Call, meter: Meter) -> None:
        self._began = perf_counter()
        self._call = call
        self._meter: Meter | None = meter

    def cancel(self) -> bool:
        self._count("CANCELLED")
        return self._call.cancel()

    def __await__(self) -> Generator[Any, None, Any]:
        code = "CANCELLED"
        try:
            response = yield from self._call.__await__()
            code = "OK"
        except AioRpcError as error:
            code = error.code().name
            raise
        finally:
            self._count(code)
        return response

    def _count(self, code: str) -> None:
        meter, self._meter = self._meter, None
        if meter is not None:
            meter.ended(code, self._began)


class StreamIdentity(grpc.aio.UnaryStreamClientInterceptor):
    """Adds the identity to calls with a stream of responses; one lasts as long as it is read.

    Args:
        token: The token to call with, where a call is not given one; None for none.
    """

    def __init__(self, token: Token | None) -> None:
        self._token = token

    async def intercept_unary_stream(
        self, continuation: Any, client_call_details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        """Make the call."""
        metadata = _correlated(client_call_details.metadata)
        if self._token is not None:
            metadata = await _token_in(metadata, self._token)
        details = grpc.aio.ClientCallDetails(
            method=client_call_details.method,
            timeout=client_call_details.timeout,
            metadata=metadata,
            credentials=client_call_details.credentials,
            wait_for_ready=client_call_details.wait_for_ready,
        )
        return await continuation(details, request)


async def _token_in(metadata: Metadata, token: Token) -> Metadata:
    """`metadata` with a token, where they have none."""
    if metadata.get("authorization") is None and (value := await token()):
        return Metadata(*metadata, ("authorization", f"Bearer {value}"))
    return metadata


def _correlated(metadata: Iterable[tuple[str, str | bytes]] | None) -> Metadata:
    """`metadata` with the id and the client of the request being served, where they have none."""
    if not isinstance(metadata, Metadata):
        metadata = Metadata(*(metadata or ()))
    for name, of_request in _OF_REQUEST:
        if metadata.get(name) is None and (value := of_request.get()):
            metadata = Metadata(*metadata, (name, value))
    return metadata

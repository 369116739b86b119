"""RPCs counted and timed, by those who serve them and by those who call them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from time import perf_counter
from typing import Any

import grpc
from prometheus_client import Counter, Histogram

from chassis.telemetry import metrics

_RPC = ["grpc_service", "grpc_method"]
SERVER_HANDLED = Counter(
    "grpc_server_handled", "RPCs served, by the code they ended in.", [*_RPC, "grpc_code"]
)
SERVER_SECONDS = Histogram(
    "grpc_server_handling_seconds", "How long they took.", _RPC, buckets=metrics.SECONDS
)
CLIENT_HANDLED = Counter(
    "grpc_client_handled",
    "Calls made, by the code they ended in; attempts at one call are one.",
    [*_RPC, "grpc_code"],
)
CLIENT_SECONDS = Histogram(
    "grpc_client_handling_seconds", "How long they took.", _RPC, buckets=metrics.SECONDS
)


class Meter:
    """Counts one RPC.

    Args:
        path: As gRPC spells it: `/shop.cart.v1.CartService/AddItem`.
        handled: How many, by code.
        seconds: How long.
    """

    def __init__(self, path: str, handled: Counter, seconds: Histogram) -> None:
        self._rpc = path.removeprefix("/").split("/")
        self._handled = handled
        self._seconds = seconds.labels(*self._rpc)
        self._by_code: dict[str, Counter] = {}

    def ended(self, code: str, began: float) -> None:
        """One ended in `code`, such as `NOT_FOUND`; it began when `perf_counter` said that."""
        counter = self._by_code.get(code)
        if counter is None:
            counter = self._by_code[code] = self._handled.labels(*self._rpc, code)
        counter.inc()
        self._seconds.observe(perf_counter() - began, metrics.exemplar())


def server_meter(path: str) -> Meter | None:
    """What counts the RPC for its server; None where metrics are off."""
    return Meter(path, SERVER_HANDLED, SERVER_SECONDS) if metrics.are_on() else None


def client_meter(path: str) -> Meter | None:
    """What counts the RPC for those who call it; None where metrics are off."""
    return Meter(path, CLIENT_HANDLED, CLIENT_SECONDS) if metrics.are_on() else None


def metered(
    serve: Callable[[Any, Any], Awaitable[Any]], meter: Meter | None
) -> Callable[[Any, Any], Awaitable[Any]]:
    """`serve`, which answers calls or aborts them, counted by `meter`."""
    if meter is None:
        return serve

    async def serve_metered(request: Any, context: Any) -> Any:
        began, code = perf_counter(), "CANCELLED"
        try:
            response = await serve(request, context)
            code = "OK"
        except Exception:
            code = _code_in(context)
            raise
        finally:
            meter.ended(code, began)
        return response

    return serve_metered


def metered_stream(
    serve: Callable[[Any, Any], AsyncIterator[Any]], meter: Meter | None
) -> Callable[[Any, Any], AsyncIterator[Any]]:
    """The same for calls with a stream of responses; one ends where the client has enough of it."""
    if meter is None:
        return serve

    async def serve_metered(request: Any, context: Any) -> AsyncIterator[Any]:
        began, code = perf_counter(), "CANCELLED"
        try:
            async for response in serve(request, context):
                yield response
            code = "OK"
        except Exception:
            code = _code_in(context)
            raise
        finally:
            meter.ended(code, began)

    return serve_metered


def _code_in(context: Any) -> str:
    """Name of the code that a call was aborted with."""
    code = context.code()
    return code.name if isinstance(code, grpc.StatusCode) else "UNKNOWN"

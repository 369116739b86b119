"""Spans of RPCs: of the call and of what serves it, and the context between them."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from chassis.rpc.spans import calling, serving
from chassis.telemetry import traces
from tests.support.spans import (
    SAMPLED,
    UNSAMPLED,
    attributes_of,
    parent_of,
    recorded,
    traceparent_of,
)

pytestmark = pytest.mark.anyio

PATH = "/shop.cart.v1.CartService/GetCart"
NAME = PATH[1:]
ABOUT = {"rpc.system": "grpc", "rpc.service": "shop.cart.v1.CartService", "rpc.method": "GetCart"}


class Peer:
    """Answers, or fails with what it is told to; it remembers the metadata of each call."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error
        self.metadata: list[dict[str, Any]] = []
        self.is_cancelled = False

    def __call__(self, _: Any, *, timeout: float, metadata: Any = ()) -> "Peer":
        self.metadata.append(dict(metadata or ()))
        return self

    def cancel(self) -> bool:
        self.is_cancelled = True
        return True

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        if self.error is not None:
            raise self.error
        return "answer"


class Context:
    """Of a call that came with a context of a trace."""

    def __init__(self, traceparent: str = SAMPLED) -> None:
        self._metadata = [("x-request-id", "r1"), ("traceparent", traceparent)]
        self._code: grpc.StatusCode | None = None

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return self._metadata

    def code(self) -> grpc.StatusCode | None:
        return self._code

    async def abort(self, code: grpc.StatusCode) -> None:
        self._code = code
        raise grpc.aio.AbortError


def test_off_calls_and_handlers_are_what_they_are() -> None:
    peer = Peer()
    assert calling(PATH, peer) is peer
    assert serving(PATH, Context.abort) is Context.abort


async def test_a_call_is_a_span_whose_context_goes_with_it() -> None:
    peer = Peer()
    with recorded() as spans, traces.span("request", "server"):
        call = calling(PATH, peer)
        outside = traces.traceparent()
        assert await call("request", timeout=1.0, metadata=[("x-request-id", "r1")]) == "answer"
    span = spans.ended()[0]
    assert (span.name, span.kind.name, parent_of(span)) == (NAME, "CLIENT", outside)
    assert peer.metadata == [{"x-request-id": "r1", "traceparent": traceparent_of(span)}]
    assert attributes_of(span) == {**ABOUT, "rpc.grpc.status_code": 0}


async def test_a_trace_that_is_not_exported_goes_on_all_the_same() -> None:
    peer = Peer()
    with recorded() as spans, traces.span("request", "server", parent=UNSAMPLED):
        await calling(PATH, peer)("request", timeout=1.0)
    assert peer.metadata == [{"traceparent": UNSAMPLED}]
    assert spans.ended() == []


async def test_a_call_for_no_trace_carries_none() -> None:
    peer = Peer()
    with recorded() as spans:
        await calling(PATH, peer)("request", timeout=1.0)
    assert peer.metadata == [{}]
    assert spans.ended() == []


async def test_a_call_that_fails_says_with_what_status() -> None:
    peer = Peer(AioRpcError(grpc.StatusCode.UNAVAILABLE, Metadata(), Metadata()))
    with recorded() as spans, traces.span("request", "server"), pytest.raises(AioRpcError):
        await calling(PATH, peer)("request", timeout=1.0)
    span = spans.ended()[0]
    assert span.status.description == "UNAVAILABLE"
    assert attributes_of(span)["rpc.grpc.status_code"] == 14


async def test_a_call_that_is_given_up_ends_its_span_once() -> None:
    peer = Peer()
    with recorded() as spans, traces.span("request", "server"):
        call = calling(PATH, peer)("request", timeout=1.0)
        assert call.cancel()
        assert await call == "answer"
    assert peer.is_cancelled
    assert [span.name for span in spans.ended()] == [NAME, "request"]
    assert spans.ended()[0].status.description == "CANCELLED"


async def test_a_handler_is_a_span_in_its_callers_trace() -> None:
    async def handle(request: Any, _: Any) -> str:
        return f"{request} {traces.traceparent()}"

    with recorded() as spans:
        answer = await serving(PATH, handle)("seen", Context())
    span = spans.only()
    assert (span.name, span.kind.name, parent_of(span)) == (NAME, "SERVER", SAMPLED)
    assert answer == f"seen {traceparent_of(span)}"
    assert attributes_of(span) == {**ABOUT, "rpc.grpc.status_code": 0}


@pytest.mark.parametrize(
    ("code", "is_fault"),
    [(grpc.StatusCode.NOT_FOUND, False), (grpc.StatusCode.INTERNAL, True)],
)
async def test_a_refusal_is_an_answer_and_a_fault_a_failure(
    code: grpc.StatusCode, is_fault: bool
) -> None:
    async def refuse(_: Any, context: Context) -> None:
        await context.abort(code)

    with recorded() as spans, pytest.raises(grpc.aio.AbortError):
        await serving(PATH, refuse)("request", Context())
    span = spans.only()
    assert attributes_of(span)["rpc.grpc.status_code"] == code.value[0]
    assert span.status.is_ok is not is_fault
    assert span.events == ()

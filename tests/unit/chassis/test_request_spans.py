"""The span of an HTTP request: its name, what it says, and whose child it is."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from chassis.http.request_spans import with_request_spans
from chassis.telemetry import traces
from tests.support.spans import SAMPLED, attributes_of, parent_of, recorded
from ui.api.exchange import RawAnswer, exchange

pytestmark = pytest.mark.anyio


async def show(request: Request) -> PlainTextResponse:
    return PlainTextResponse(traces.traceparent(), int(request.path_params["status"]))


APP = Starlette(routes=[Route("/things/{status}", show)])


async def ask(path: str, traceparent: str | None = None, query: str = "") -> RawAnswer:
    headers = [(b"authorization", b"Bearer s3cret")]
    if traceparent is not None:
        headers.append((b"traceparent", traceparent.encode("latin-1")))
    return await exchange(with_request_spans(APP), "GET", path, query, headers)


def test_off_the_app_is_what_it_is() -> None:
    assert with_request_spans(APP) is APP


async def test_a_request_is_named_by_its_route_and_says_nothing_of_what_was_sent() -> None:
    with recorded() as spans:
        await ask("/things/404", SAMPLED, "token=s3cret")
    span = spans.only()
    assert (span.name, span.kind.name) == ("GET /things/{status}", "SERVER")
    assert parent_of(span) == SAMPLED
    assert attributes_of(span) == {
        "http.request.method": "GET",
        "http.route": "/things/{status}",
        "http.response.status_code": 404,
    }
    assert span.status.is_ok
    assert "s3cret" not in span.to_json()


async def test_a_fault_is_a_failure() -> None:
    with recorded() as spans:
        await ask("/things/503")
    assert not spans.only().status.is_ok


async def test_what_has_no_route_is_named_by_its_method() -> None:
    with recorded() as spans:
        await ask("/elsewhere/of/anyone")
    assert spans.only().name == "GET"


async def test_a_strangers_wish_to_be_exported_is_not_heard() -> None:
    with recorded(ratio=0.0) as spans:
        answer = await ask("/things/200", SAMPLED)
    assert answer.body.decode() == SAMPLED[:-1] + "0"
    assert spans.ended() == []


@pytest.mark.parametrize("given", ["", "00-zz-zz-01", SAMPLED + "é"])
async def test_a_request_without_a_context_begins_a_trace(given: str) -> None:
    with recorded() as spans:
        await ask("/things/200", given)
    assert parent_of(spans.only()) == ""


async def test_a_request_in_the_same_process_is_a_part_of_the_one_that_makes_it() -> None:
    with recorded() as spans, traces.span("page", "server"):
        outside = traces.traceparent()
        await ask("/things/200", SAMPLED)
    span = spans.ended()[0]
    assert (span.kind.name, parent_of(span)) == ("INTERNAL", outside)


async def test_a_probe_has_no_span() -> None:
    with recorded() as spans:
        probed = with_request_spans(APP, {"/things/200"})
        assert (await exchange(probed, "GET", "/things/200")).status == 200
    assert spans.ended() == []


async def test_a_socket_has_no_span() -> None:
    seen = []

    async def talk(scope: Scope, _: Receive, __: Send) -> None:
        seen.append((scope["type"], traces.traceparent()))

    with recorded() as spans:
        await with_request_spans(talk)({"type": "websocket"}, ..., ...)  # type: ignore[arg-type]
    assert seen == [("websocket", "")]
    assert spans.ended() == []

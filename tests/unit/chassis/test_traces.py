"""Spans: whose child each is, which are made at all, and that none are where traces are off."""

import subprocess
import sys

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from chassis.telemetry import traces
from tests.support.spans import (
    SAMPLED,
    UNSAMPLED,
    attributes_of,
    parent_of,
    recorded,
    traceparent_of,
)

# Of a trace that a ratio of one half lets pass, as its lower half is small.
LUCKY = "00-4bf92f3577b34da600000000000e4736-00f067aa0ba902b7-00"


def test_off_nothing_of_opentelemetry_is_loaded() -> None:
    program = (
        "import sys, chassis.service, gateway.app, svc_payments.__main__, ui.app\n"
        "from chassis.telemetry import traces\n"
        "with traces.span('a'): assert traces.traceparent() == ''\n"
        "assert traces.current_ids() is None and traces.begin('b', 'client') is None\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_off_the_context_manager_is_always_the_same() -> None:
    assert traces.span("a") is traces.span("b", "server", {"c": 1}, parent=SAMPLED)


def test_a_span_inside_another_is_its_child() -> None:
    with recorded() as spans:
        with traces.span("outer", "server"):
            outside = traces.traceparent()
            with traces.span("inner", attributes={"rpc.system": "grpc"}):
                ids = traces.current_ids()
        assert traces.current_ids() is None
    inner, outer = spans.ended()
    assert (inner.name, outer.name) == ("inner", "outer")
    assert parent_of(inner) == outside == traceparent_of(outer)
    assert outer.kind is SpanKind.SERVER
    assert attributes_of(inner) == {"rpc.system": "grpc"}
    assert ids is not None
    assert f"00-{ids.trace_id}-{ids.span_id}" == traceparent_of(inner)[:-3]
    assert ids.is_sampled


def test_a_trace_goes_on_from_where_it_came() -> None:
    with recorded() as spans, traces.span("here", "consumer", parent=SAMPLED):
        pass
    assert parent_of(spans.only()) == SAMPLED


def test_of_a_trace_that_is_not_exported_there_is_no_span_but_it_goes_on() -> None:
    with recorded() as spans, traces.span("here", "server", parent=UNSAMPLED):
        assert traces.traceparent() == UNSAMPLED
        with traces.span("inside"):
            ids = traces.current_ids()
        assert traces.begin("call", "client") is None
    assert spans.ended() == []
    assert ids == traces.Ids(UNSAMPLED[3:35], UNSAMPLED[36:52], is_sampled=False)


def test_a_ratio_of_nothing_begins_no_trace_and_whoever_is_called_begins_none_either() -> None:
    with recorded(ratio=0.0) as spans, traces.span("root", "server"):
        assert traces.traceparent()
        ids = traces.current_ids()
        with traces.span("inside"):
            pass
    assert spans.ended() == []
    assert ids is not None
    assert not ids.is_sampled


def test_what_is_asked_for_no_request_begins_no_trace() -> None:
    with recorded() as spans:
        assert traces.begin("poll", "client") is None
    assert spans.ended() == []


@pytest.mark.parametrize(
    ("given", "believed"),
    [
        (SAMPLED, UNSAMPLED),
        (LUCKY, LUCKY[:-1] + "1"),
        ("", ""),
        ("00-xyz", ""),
        (SAMPLED.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32), ""),
    ],
)
def test_a_stranger_does_not_say_what_is_exported(given: str, believed: str) -> None:
    with recorded(ratio=0.5):
        assert traces.from_outside(given) == believed


def test_what_makes_no_sense_begins_a_trace_of_its_own() -> None:
    with recorded() as spans, traces.span("here", "server", parent="00-nonsense"):
        pass
    assert parent_of(spans.only()) == ""


def test_an_exception_is_recorded_without_its_words() -> None:
    words = "password is " + "hunter2"[:6]
    with recorded() as spans, pytest.raises(ValueError, match="hunter"), traces.span("here"):
        raise ValueError(words)
    span = spans.only()
    assert span.status.status_code is StatusCode.ERROR
    [event] = span.events
    assert event.attributes is not None
    assert event.attributes["exception.type"] == "builtins.ValueError"
    assert "test_traces.py" in str(event.attributes["exception.stacktrace"])
    assert words not in span.to_json()


def test_a_span_may_end_elsewhere() -> None:
    with recorded() as spans:
        with traces.span("root", "server"):
            span = traces.begin("call", "client", {"rpc.method": "Get"})
        assert span is not None
        span.annotate({"rpc.grpc.status_code": 14})
        span.end("UNAVAILABLE")
    call = spans.ended()[-1]
    assert span.traceparent == traceparent_of(call)
    assert attributes_of(call) == {"rpc.method": "Get", "rpc.grpc.status_code": 14}
    assert call.status.description == "UNAVAILABLE"


def test_a_batch_points_at_those_whom_it_serves_and_are_exported() -> None:
    with recorded() as spans, traces.span("batch", links=[SAMPLED, UNSAMPLED, "", "nonsense"]):
        pass
    [link] = spans.only().links
    assert f"{link.context.trace_id:032x}" == SAMPLED[3:35]


def test_the_current_span_is_named_and_told_more_of_when_that_is_known() -> None:
    with recorded() as spans, traces.span("GET", "server"):
        traces.annotate({"http.route": "/api/cart"}, name="GET /api/cart")
        traces.fail("500")
    span = spans.only()
    assert span.name == "GET /api/cart"
    assert attributes_of(span) == {"http.route": "/api/cart"}
    assert span.status.status_code is StatusCode.ERROR

"""Spans of the process that a test runs in, as they end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.trace import SpanContext

from chassis.telemetry import traces
from chassis.telemetry.open_telemetry import OpenTelemetry, Roots

# A trace that is exported, and one that is not.
SAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
UNSAMPLED = SAMPLED[:-1] + "0"


class Spans:
    """Those that have ended."""

    def __init__(self, exporter: InMemorySpanExporter, provider: TracerProvider) -> None:
        self.provider = provider
        self._exporter = exporter

    def ended(self) -> list[ReadableSpan]:
        """All of them, in the order in which they ended."""
        return list(self._exporter.get_finished_spans())

    def only(self) -> ReadableSpan:
        """The one that there is."""
        [span] = self.ended()
        return span


@contextmanager
def recorded(ratio: float = 1.0) -> Iterator[Spans]:
    """Have spans made in this process until the block ends."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=ParentBased(Roots(ratio)), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traces.use(OpenTelemetry(provider, ratio))
    try:
        yield Spans(exporter, provider)
    finally:
        traces.use(None)


def parent_of(span: ReadableSpan) -> str:
    """The span's parent as a `traceparent`; empty for none."""
    return "" if span.parent is None else _text(span.parent)


def traceparent_of(span: ReadableSpan) -> str:
    """What children of `span` have for a parent."""
    assert span.context is not None
    return _text(span.context)


def attributes_of(span: ReadableSpan) -> Mapping[str, Any]:
    """What a span says of itself."""
    return dict(span.attributes or {})


def _text(at: SpanContext) -> str:
    return f"00-{at.trace_id:032x}-{at.span_id:016x}-{at.trace_flags:02x}"

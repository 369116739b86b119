"""Spans by OpenTelemetry's SDK; imported only where traces are on, as it takes some 15 MB.

Spans are exported in batches by a thread of its own, which never has anyone wait: what it cannot
get rid of in time is dropped. A trace that is not exported costs each process next to nothing: its
`traceparent` goes on, so that all decide alike, and no span is made.
"""

import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from opentelemetry.context import attach, detach
from opentelemetry.context.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.telemetry.span_types import HEADER, Attributes, Ids, Kind, Settings

# For one export, and for the last ones when a process stops.
EXPORT_SECONDS = 2.0
STOP_SECONDS = 2.0
# Names of attributes and of spans as OpenTelemetry has settled them, rather than as they were.
STABLE_NAMES = "http,database"

_PROPAGATOR = TraceContextTextMapPropagator()
_NOWHERE = Context()
_KINDS: dict[Kind, SpanKind] = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}


class Roots(Sampler):
    """Samples a share of the traces that begin here; a question to a server begins none.

    What sweeps and polls ask of MongoDB, Redis and peers is for no request.

    Args:
        ratio: The share, from 0 to 1.
    """

    def __init__(self, ratio: float) -> None:
        self._share = TraceIdRatioBased(ratio)

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        *rest: Any,
        **more: Any,
    ) -> SamplingResult:
        """Whether to begin a trace with this span."""
        sampler: Sampler = ALWAYS_OFF if kind is SpanKind.CLIENT else self._share
        return sampler.should_sample(parent_context, trace_id, name, kind, *rest, **more)

    def get_description(self) -> str:
        """What a tracing UI shows of it."""
        return f"Roots{{{self._share.get_description()}}}"


class OpenSpan:
    """See `chassis.telemetry.traces.Span`."""

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        """What its children have for a parent."""
        return _text(self._span.get_span_context())

    def annotate(self, attributes: Attributes) -> None:
        """Say more of it."""
        self._span.set_attributes(attributes)

    def end(self, error: BaseException | str | None = None) -> None:
        """It is over; `error` says why it failed."""
        if error is not None:
            _fail(self._span, error)
        self._span.end()


class _Current:
    """A context manager in which a span, or what stands for one, is current."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: OtelSpan) -> None:
        self._span = span

    def __enter__(self) -> None:
        self._token = attach(set_span_in_context(self._span))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        frames: TracebackType | None,
    ) -> None:
        detach(self._token)
        if self._span.is_recording():
            if error is not None:
                _fail(self._span, error)
            self._span.end()


class OpenTelemetry:
    """See `chassis.telemetry.traces.Tracing`.

    Args:
        provider: Of the SDK.
        ratio: How many of the traces that strangers began are exported.
    """

    def __init__(self, provider: TracerProvider, ratio: float) -> None:
        self.provider = provider
        self._tracer = provider.get_tracer("shop")
        self._bound = TraceIdRatioBased(ratio).bound

    def ids(self) -> Ids | None:
        """The ids of the current span; None outside any trace."""
        at = get_current_span().get_span_context()
        if not at.is_valid:
            return None
        return Ids(f"{at.trace_id:032x}", f"{at.span_id:016x}", at.trace_flags.sampled)

    def traceparent(self) -> str:
        """The current span as others are told of it; empty outside any trace."""
        return _text(get_current_span().get_span_context())

    def from_outside(self, traceparent: str) -> str:
        """A stranger's `traceparent`, exported or not as the ratio says."""
        given = _parsed(traceparent)
        if given is None:
            return ""
        is_lucky = given.trace_id & TraceIdRatioBased.TRACE_ID_LIMIT < self._bound
        flag = TraceFlags.SAMPLED if is_lucky else TraceFlags.DEFAULT
        return _text(
            SpanContext(given.trace_id, given.span_id, is_remote=True, trace_flags=TraceFlags(flag))
        )

    def span(
        self, name: str, kind: Kind, parent: str, attributes: Attributes, links: Iterable[str]
    ) -> AbstractContextManager[None]:
        """Make what is inside a span."""
        made = self._made(name, kind, parent, attributes, links)
        return _Current(made or NonRecordingSpan(_context_of(parent)))

    def begin(self, name: str, kind: Kind, parent: str, attributes: Attributes) -> OpenSpan | None:
        """Begin a span; None where its trace is not exported."""
        span = self._made(name, kind, parent, attributes, ())
        return OpenSpan(span) if span is not None and span.is_recording() else None

    def annotate(self, attributes: Attributes, name: str) -> None:
        """Say more of the current span."""
        span = get_current_span()
        if span.is_recording():
            span.set_attributes(attributes)
            if name:
                span.update_name(name)

    def fail(self, error: BaseException | str) -> None:
        """The current span has failed."""
        _fail(get_current_span(), error)

    def stop(self) -> None:
        """Export what is left, for as long as there is time."""
        # A receiver that hangs must not keep the process.
        last = threading.Thread(target=self.provider.shutdown, daemon=True)
        last.start()
        last.join(STOP_SECONDS)

    def _made(
        self, name: str, kind: Kind, parent: str, attributes: Attributes, links: Iterable[str]
    ) -> OtelSpan | None:
        """A span; None where its parent is not exported, so that neither is this."""
        at = _context_of(parent)
        if at.is_valid and not at.trace_flags.sampled:
            return None
        return self._tracer.start_span(
            name,
            set_span_in_context(NonRecordingSpan(at), _NOWHERE),
            _KINDS[kind],
            attributes,
            [Link(to) for link in links if (to := _parsed(link)) and to.trace_flags.sampled],
        )


def start(settings: Settings, process: str) -> OpenTelemetry:
    """Make and export spans, those of instrumented libraries too, in the name of `process`."""
    # That no one hears them matters only to who looks at traces.
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)
    tracing = traced_to(exporter_of(settings), settings.otel_traces_sampler_arg, process)
    instrument(tracing.provider)
    return tracing


def traced_to(exporter: SpanExporter, ratio: float, process: str) -> OpenTelemetry:
    """Spans that go to `exporter`, for `ratio` of the traces that begin here."""
    provider = TracerProvider(
        sampler=ParentBased(Roots(ratio)),
        resource=Resource.create({"service.name": process, "service.namespace": "shop"}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return OpenTelemetry(provider, ratio)


def instrument(provider: TracerProvider) -> None:
    """Have those libraries make spans that this process has loaded."""
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", STABLE_NAMES)
    if "pymongo" in sys.modules:
        from chassis.telemetry.mongodb_spans import listen

        listen(provider)
    if "redis" in sys.modules:
        from opentelemetry.instrumentation.redis import RedisInstrumentor

        RedisInstrumentor().instrument(tracer_provider=provider)
    if "httpx" in sys.modules:
        from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor

        HTTPXClientInstrumentor().instrument(
            tracer_provider=provider, async_request_hook=_leave_out_query
        )


def exporter_of(settings: Settings) -> SpanExporter:
    """What sends spans to where the settings say."""
    if settings.otel_exporter_zipkin_endpoint:
        from opentelemetry.exporter.zipkin.json import ZipkinExporter

        return ZipkinExporter(
            endpoint=settings.otel_exporter_zipkin_endpoint, timeout=int(EXPORT_SECONDS)
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    base = (settings.otel_exporter_otlp_endpoint or "").rstrip("/")
    return OTLPSpanExporter(f"{base}/v1/traces", timeout=EXPORT_SECONDS)


async def _leave_out_query(span: OtelSpan, request: Any) -> None:
    """A query may be what someone searches for, or worse."""
    span.set_attribute("url.full", str(request.url).partition("?")[0])


def _text(at: SpanContext) -> str:
    if not at.is_valid:
        return ""
    return f"00-{at.trace_id:032x}-{at.span_id:016x}-{at.trace_flags:02x}"


def _parsed(traceparent: str) -> SpanContext | None:
    """What a `traceparent` says; None where it is none."""
    if not traceparent:
        return None
    context = _PROPAGATOR.extract({HEADER: traceparent}, _NOWHERE)
    at = get_current_span(context).get_span_context()
    return at if at.is_valid else None


def _context_of(parent: str) -> SpanContext:
    """The place of `parent`, or of the current span where that is none."""
    return _parsed(parent) or get_current_span().get_span_context()


def _fail(span: OtelSpan, error: BaseException | str) -> None:
    """Say that a span has failed: where, and with what kind of exception.

    Not with its message, which may quote what someone has sent.
    """
    if isinstance(error, str):
        span.set_status(Status(StatusCode.ERROR, error))
        return
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR, kind))
    frames = "".join(traceback.format_tb(error.__traceback__))
    span.add_event("exception", {"exception.type": kind, "exception.stacktrace": frames})

"""Traces: what a request causes, through every process that it reaches, as OpenTelemetry has them.

Off, as they are by default, nothing of OpenTelemetry is imported and no span is made: each function
here then does nothing. What is current is OpenTelemetry's own context, so that the spans of its
instrumentations (MongoDB, Redis, httpx) and the shop's own ones have each other as parents. From
process to process it goes as a `traceparent` (W3C): in headers, metadata, outboxes and messages.

    with traces.span("process order.created", "consumer", parent=event.trace):
        ...
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext

from chassis.telemetry.correlation import logged
from chassis.telemetry.span_types import HEADER, Attributes, Ids, Kind, Settings, Span, Tracing

__all__ = ["HEADER", "Attributes", "Ids", "Kind", "Span"]

_tracing: Tracing | None = None
_NOTHING: AbstractContextManager[None] = nullcontext()


def configure(settings: Settings, process: str) -> None:
    """Make spans in the name of `process` where the settings say where they go."""
    if settings.otel_exporter_otlp_endpoint or settings.otel_exporter_zipkin_endpoint:
        # Some 15 MB, which only those who want traces have to have.
        from chassis.telemetry.open_telemetry import start

        use(start(settings, process))


def use(tracing: Tracing | None) -> None:
    """Have spans made by `tracing`, or none; also for tests."""
    global _tracing  # noqa: PLW0603 - as OpenTelemetry's own provider, one for the process
    _tracing = tracing


def stop() -> None:
    """Export what is left, for two seconds at most, and make no more spans."""
    if _tracing is not None:
        _tracing.stop()
        use(None)


def is_on() -> bool:
    """Whether spans are made; it does not change once a process serves."""
    return _tracing is not None


def current_ids() -> Ids | None:
    """The ids for a log record or an exemplar; None outside any trace, and where traces are off."""
    return None if _tracing is None else _tracing.ids()


@logged
def _fields() -> Mapping[str, str]:
    ids = current_ids()
    return {} if ids is None else {"trace.id": ids.trace_id, "span.id": ids.span_id}


def traceparent() -> str:
    """What is done now, for whom it causes something; empty outside any trace."""
    return "" if _tracing is None else _tracing.traceparent()


def from_outside(traceparent: str) -> str:
    """A stranger's `traceparent`, as far as it is believed: not that its trace is to be exported.

    Otherwise anyone could have all that they ask for exported. The shop's own ratio decides; of one
    trace it decides everywhere the same.
    """
    return "" if _tracing is None else _tracing.from_outside(traceparent)


def span(
    name: str,
    kind: Kind = "internal",
    attributes: Attributes = {},  # noqa: B006 - it is not changed
    *,
    parent: str = "",
    links: Iterable[str] = (),
) -> AbstractContextManager[None]:
    """Make what is inside a span, which is current there; an exception is recorded, and goes on.

    Args:
        name: Of few values: with a route's template, not with a path.
        kind: Its place between processes.
        attributes: What it is about.
        parent: A `traceparent`; empty for what is current.
        links: Others that caused it too, as `traceparent`s.
    """
    if _tracing is None:
        return _NOTHING
    return _tracing.span(name, kind, parent, attributes, links)


def together(name: str, parents: Iterable[str]) -> AbstractContextManager[None]:
    """Make what is inside, which is done once for several, a span: the first one's child.

    Args:
        name: As that of a span.
        parents: The `traceparent` of each; empty for one outside any trace.
    """
    if _tracing is None or not (first := list(dict.fromkeys(filter(None, parents)))):
        return _NOTHING
    return _tracing.span(name, "internal", first[0], {}, first[1:])


def begin(
    name: str,
    kind: Kind,
    attributes: Attributes = {},  # noqa: B006 - it is not changed
    *,
    parent: str = "",
) -> Span | None:
    """Begin a span that ends elsewhere, and is not current; see `span`.

    Returns:
        None where its trace is not exported, and where traces are off.
    """
    return None if _tracing is None else _tracing.begin(name, kind, parent, attributes)


def annotate(attributes: Attributes, name: str = "") -> None:
    """Say more of the current span, and give it another name where one is given."""
    if _tracing is not None:
        _tracing.annotate(attributes, name)


def fail(error: BaseException | str) -> None:
    """The current span has failed: an exception that goes no further, or a status."""
    if _tracing is not None:
        _tracing.fail(error)

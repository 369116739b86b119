"""A receiver of OTLP over HTTP, and the traces that it was sent."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as OtlpSpan


@dataclass(frozen=True)
class Span:
    """A span as it was exported.

    Attributes:
        trace_id: 32 hexadecimal digits, as all ids here are.
        span_id: 16 of them.
        parent_id: Empty at the root.
        process: Such as `svc_cart`.
        kind: Such as `server`.
        links: Trace and span that it points at.
        error: Empty where it did not fail.
    """

    trace_id: str
    span_id: str
    parent_id: str
    process: str
    name: str
    kind: str
    began: int
    ended: int
    attributes: dict[str, Any]
    links: tuple[tuple[str, str], ...]
    error: str = ""


@dataclass
class Receiver:
    """What was received so far."""

    url: str = ""
    _spans: list[Span] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def take(self, request: ExportTraceServiceRequest) -> None:
        """Keep the spans of one export."""
        found = [
            _span(span, _values(resource.resource.attributes)["service.name"])
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._lock:
            self._spans += found

    def spans(self) -> list[Span]:
        """All spans."""
        with self._lock:
            return list(self._spans)

    def trace(self, trace_id: str) -> list[Span]:
        """The spans of a trace, in the order in which they began."""
        own = [span for span in self.spans() if span.trace_id == trace_id]
        return sorted(own, key=lambda span: span.began)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver, until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.take(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def orphans(spans: list[Span]) -> list[Span]:
    """The spans of a trace whose parent is not among them."""
    there = {span.span_id for span in spans}
    return [span for span in spans if span.parent_id and span.parent_id not in there]


def tree(spans: list[Span]) -> str:
    """A trace as lines, each deeper than its parent; what was done more than once stands once."""
    children = defaultdict(list)
    for span in spans:
        children[span.parent_id].append(span)
    there = {span.span_id for span in spans}
    roots = [span for span in spans if span.parent_id not in there]
    lines: list[str] = []

    def draw(span: Span, depth: int) -> None:
        lines.append(f"{'  ' * depth}{span.process}: {span.name}")
        for child in children[span.span_id]:
            draw(child, depth + 1)

    for root in roots:
        draw(root, 0)
    return "\n".join(lines)


def _span(span: OtlpSpan, process: str) -> Span:
    return Span(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        process=process,
        name=span.name,
        kind=OtlpSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        attributes=_values(span.attributes),
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        error=span.status.message,
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}

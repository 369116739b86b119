"""What spans are made of, and by what; nothing of OpenTelemetry is imported here."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Attributes = Mapping[str, str | int | float | bool]
"""By the names of OpenTelemetry's semantic conventions. No value may be a secret or a person's."""

HEADER = "traceparent"


class Ids(NamedTuple):
    """Which trace and span are current: 32 and 16 hexadecimal digits.

    Attributes:
        is_sampled: Whether the trace is exported, so that others may point at it.
    """

    trace_id: str
    span_id: str
    is_sampled: bool


class Span(Protocol):
    """A span that is not current, and that ends when it is told to."""

    @property
    def traceparent(self) -> str:
        """What its children have for a parent."""

    def annotate(self, attributes: Attributes) -> None:
        """Say more of it."""

    def end(self, error: BaseException | str | None = None) -> None:
        """It is over; `error` says why it failed."""


class Tracing(Protocol):
    """What makes spans; `chassis.telemetry.open_telemetry` has the one that is used."""

    def ids(self) -> Ids | None:
        """See `current_ids`."""

    def traceparent(self) -> str:
        """See `traceparent`."""

    def from_outside(self, traceparent: str) -> str:
        """See `from_outside`."""

    def span(
        self, name: str, kind: Kind, parent: str, attributes: Attributes, links: Iterable[str]
    ) -> AbstractContextManager[None]:
        """See `span`."""

    def begin(self, name: str, kind: Kind, parent: str, attributes: Attributes) -> Span | None:
        """See `begin`."""

    def annotate(self, attributes: Attributes, name: str) -> None:
        """See `annotate`."""

    def fail(self, error: BaseException | str) -> None:
        """See `fail`."""

    def stop(self) -> None:
        """See `stop`."""


class Settings(Protocol):
    """The settings that say where spans go; see `TraceSettings`."""

    @property
    def otel_exporter_otlp_endpoint(self) -> str | None:
        """An OTLP receiver's address; None for none."""

    @property
    def otel_exporter_zipkin_endpoint(self) -> str | None:
        """A Zipkin server's; None for none."""

    @property
    def otel_traces_sampler_arg(self) -> float:
        """How many of the traces that begin here are exported, from 0 to 1."""

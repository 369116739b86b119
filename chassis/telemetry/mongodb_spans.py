"""A span for each command to MongoDB, by OpenTelemetry's own listener."""

from opentelemetry.instrumentation._semconv import _StabilityMode
from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, Status, StatusCode, get_current_span
from pymongo import monitoring


class CommandSpans(CommandTracer):
    """Leaves out what is done for no trace, or for one that is not exported."""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """A command is sent."""
        if get_current_span().is_recording():
            super().started(event)


def listen(provider: TracerProvider) -> None:
    """Listen to the clients that are made from now on."""
    monitoring.register(command_spans(provider))


def command_spans(provider: TracerProvider) -> monitoring.CommandListener:
    """What listens to a client, and makes spans of its commands without their values."""
    return CommandSpans(
        provider.get_tracer("shop.mongodb"),
        request_hook=_name,
        failed_hook=_fail,
        semconv_opt_in_mode=_StabilityMode.DATABASE,
    )


def _name(span: Span, event: monitoring.CommandStartedEvent) -> None:
    collection = event.command.get(event.command_name)
    if isinstance(collection, str):
        span.update_name(f"{event.command_name} {collection}")


def _fail(span: Span, event: monitoring.CommandFailedEvent) -> None:
    # The server's own words quote the values that are there twice.
    span.set_status(Status(StatusCode.ERROR, str(event.failure.get("codeName", ""))))

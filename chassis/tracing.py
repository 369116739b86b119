"""The W3C trace context of what is being done, carried from call to event and on."""

from contextvars import ContextVar

# A `traceparent` header's value; empty outside any trace.
traceparent: ContextVar[str] = ContextVar("traceparent", default="")

"""What every line of a log says of the request, the event and the caller that it is about.

Calls only put down what they have at hand, in context variables that mostly serve something else
too. Names and ids are looked up where a line is written, so that a call which writes none pays for
none.
"""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

# The id of the HTTP request that all of it is done for; empty outside any.
request_id: ContextVar[str] = ContextVar("request_id", default="")
# The id of the event that is being handled; empty outside any.
event_id: ContextVar[str] = ContextVar("event_id", default="")
# The request of the call being served, or the event's message: protobuf's, which not every process
# that logs knows.
message: ContextVar[Any] = ContextVar("message", default=None)

Source = Callable[[], Mapping[str, str]]
"""Fields, by their ECS names, of what is being done in this context; empty values are left out."""

_sources: list[Source] = []
# Messages that stand in others for the order that those are about, and their field with its id.
_ORDERS = {"order": "id", "payment": "order_id"}


def logged(source: Source) -> Source:
    """Have `source` asked for fields of every line."""
    _sources.append(source)
    return source


def fields() -> Iterator[tuple[str, str]]:
    """Fields of a line written now, by their ECS names."""
    for source in _sources:
        yield from ((name, value) for name, value in source().items() if value)


@logged
def _at_hand() -> Mapping[str, str]:
    return {
        "http.request.id": request_id.get(),
        "event.id": event_id.get(),
        "labels.order_id": _order_of(message.get()),
    }


def _order_of(about: Any) -> str:
    """The id of the order that a message names; empty where it names none."""
    if about is None:
        return ""
    known = about.DESCRIPTOR.fields_by_name
    if "order_id" in known:
        return str(about.order_id)
    for name, field in _ORDERS.items():
        if name in known and known[name].message_type is not None:
            return str(getattr(getattr(about, name), field, ""))
    return ""

"""What a consumer is given of an event besides its message, and what a service subscribes to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.protobuf.message import Message

from chassis.contract.topics import topic_of


@dataclass(frozen=True)
class Event:
    """The attributes of an event, CloudEvents' names without their prefix.

    Attributes:
        id: The same at every redelivery.
        topic: Such as `order.created`.
        key: The id of the aggregate that it tells of.
        time: When it happened.
        source: The service that it came from, such as `svc_orders`.
        trace: Its `traceparent`; empty outside any trace.
    """

    id: str
    topic: str
    key: str
    time: datetime
    source: str
    trace: str = ""


Handle = Callable[[Any, Event], Awaitable[None]]


@dataclass(frozen=True)
class Subscription:
    """An event that a service takes.

    Attributes:
        message: The event's message; its annotation names the topic.
        handle: Does what the event asks for; a second call with the same event changes nothing.
        in_any_order: Whether the events of one key may be handled side by side, as those may that
            go by versions: so many at once can be written together.
    """

    message: type[Message]
    handle: Handle
    in_any_order: bool = False

    @property
    def topic(self) -> str:
        """The topic of `message`."""
        return topic_of(self.message)

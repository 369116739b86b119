"""A message in the log of an audience."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from svc_notify.model.announcements import PUBLIC
from svc_notify.model.notices import Notice

# Notices of products are of use only to connections that were lost for a moment.
PUBLIC_RETENTION = timedelta(days=1)
RETENTION = timedelta(days=90)


@dataclass(frozen=True)
class Draft:
    """A message that has no place in its log yet.

    Attributes:
        audience: `public`, `admins`, or `user:` and a user's id.
        event_id: Of the event it comes from; an audience hears of an event once.
        type: The event's topic, such as `order.completed`.
        time: When it happened, UTC.
        notice: What it says.
        trace: The `traceparent` of what writes it; empty outside any trace.
    """

    audience: str
    event_id: str
    type: str
    time: datetime
    notice: Notice
    trace: str = ""

    @property
    def is_for_inbox(self) -> bool:
        """Whether it stays in a user's inbox."""
        return self.audience.startswith("user:")

    def expires_at(self, now: datetime) -> datetime:
        """When a message written `now` is forgotten."""
        return now + (PUBLIC_RETENTION if self.audience == PUBLIC else RETENTION)


@dataclass(frozen=True)
class Message:
    """A message in its log.

    Attributes:
        id: Opaque.
        audience: Whose log it is in.
        sequence: Its place there: 1, 2, 3 and so on, without gaps.
        type: The event's topic, such as `order.completed`.
        time: When it happened, UTC.
        added_at: When it was written, UTC.
        notice: What it says.
        is_unread: The user has not seen it; only ever true in an inbox.
        trace: The `traceparent` of what wrote it; empty outside any trace.
    """

    id: str
    audience: str
    sequence: int
    type: str
    time: datetime
    added_at: datetime
    notice: Notice
    is_unread: bool
    trace: str = ""

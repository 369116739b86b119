"""What an order remembers of its life, oldest first."""

from dataclasses import dataclass
from datetime import datetime

MAX_ENTRIES = 100


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened; `event_id` is the event it was learned from, if any."""

    at: datetime
    type: str
    detail: str
    event_id: str = ""


@dataclass(frozen=True)
class PaymentUpdate:
    """What an event says of a payment: its own id, the payment's, and a sentence for people."""

    event_id: str
    payment_id: str
    detail: str


Timeline = tuple[TimelineEntry, ...]


def grown(timeline: Timeline, entries: Timeline) -> Timeline:
    """`timeline` with `entries`, at most 100 in all.

    The first one tells how the order came to be; of endless declines the last ones matter.
    """
    timeline = timeline + entries
    if len(timeline) > MAX_ENTRIES:
        timeline = timeline[:1] + timeline[1 - MAX_ENTRIES :]
    return timeline


def has_entry_of(timeline: Timeline, update: PaymentUpdate) -> bool:
    """Whether the update is in it already."""
    return any(entry.event_id == update.event_id for entry in timeline)

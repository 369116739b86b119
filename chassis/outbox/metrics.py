"""What waits in a service's outboxes, and what Kafka has rejected, asked for before a scrape."""

from collections.abc import Sequence

from chassis.clock import Clock, utcnow
from chassis.outbox.rejected_events import RejectedEvents
from chassis.outbox.relay import Relay
from chassis.telemetry.metrics import Measured, Scrapes

ENTRIES = Measured("outbox_entries", "Events that wait to be published.", ["collection"])
OLDEST_AGE = Measured(
    "outbox_oldest_age_seconds", "How long the oldest of them has waited.", ["collection"]
)
REJECTED = Measured("rejected_events", "Events that Kafka will never take, set aside.")


def measure(scrapes: Scrapes, relays: Sequence[Relay], clock: Clock = utcnow) -> None:
    """Have the outboxes of `relays` asked for what waits."""

    async def ask() -> None:
        found = {relay.collection: await relay.backlog() for relay in relays}
        now = clock()
        ENTRIES.values = {(name,): each.entries for name, each in found.items()}
        OLDEST_AGE.values = {
            (name,): (now - each.oldest).total_seconds() if each.oldest else 0.0
            for name, each in found.items()
        }

    scrapes.ask([ENTRIES, OLDEST_AGE], ask)


def measure_rejected(scrapes: Scrapes, rejected: RejectedEvents) -> None:
    """Have the events that were rejected asked for."""

    async def ask() -> None:
        REJECTED.values = {(): await rejected.estimate()}

    scrapes.ask([REJECTED], ask)

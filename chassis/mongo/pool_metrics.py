"""The pool of connections to MongoDB: how many there are, and how long one is waited for."""

from collections.abc import Sequence

from prometheus_client import Gauge, Histogram
from pymongo import monitoring

from chassis.telemetry import metrics

CONNECTIONS = Gauge(
    "mongodb_pool_connections", "Connections to MongoDB, by what they do.", ["state"]
)
WAIT_SECONDS = Histogram(
    "mongodb_pool_wait_seconds", "How long an operation waited for one.", buckets=metrics.SECONDS
)
IN_USE, IDLE = CONNECTIONS.labels("in_use"), CONNECTIONS.labels("idle")


def pool_listeners() -> Sequence[monitoring.ConnectionPoolListener]:
    """What a client tells of its pool; no one where metrics are off."""
    return [PoolListener()] if metrics.are_on() else []


class PoolListener(monitoring.ConnectionPoolListener):
    """Counts the connections of one client. Its methods are the driver's, for its event loop."""

    def connection_created(self, _: monitoring.ConnectionCreatedEvent) -> None:
        """There is one more, which no one uses yet."""
        IDLE.inc()

    def connection_closed(self, _: monitoring.ConnectionClosedEvent) -> None:
        """There is one less; it was given back before."""
        IDLE.dec()

    def connection_checked_out(self, event: monitoring.ConnectionCheckedOutEvent) -> None:
        """One is used."""
        IDLE.dec()
        IN_USE.inc()
        WAIT_SECONDS.observe(event.duration or 0.0)

    def connection_checked_in(self, _: monitoring.ConnectionCheckedInEvent) -> None:
        """It was given back."""
        IN_USE.dec()
        IDLE.inc()

    def connection_check_out_failed(self, event: monitoring.ConnectionCheckOutFailedEvent) -> None:
        """None came free in time, or none could be made."""
        WAIT_SECONDS.observe(event.duration or 0.0)

    def connection_check_out_started(self, _: monitoring.ConnectionCheckOutStartedEvent) -> None:
        """How long it takes is told at the end."""

    def connection_ready(self, _: monitoring.ConnectionReadyEvent) -> None:
        """It was counted when it was created."""

    def pool_created(self, _: monitoring.PoolCreatedEvent) -> None:
        """It has no connections yet."""

    def pool_ready(self, _: monitoring.PoolReadyEvent) -> None:
        """The server answers."""

    def pool_cleared(self, _: monitoring.PoolClearedEvent) -> None:
        """Each connection tells of its end itself."""

    def pool_closed(self, _: monitoring.PoolClosedEvent) -> None:
        """Each connection tells of its end itself."""

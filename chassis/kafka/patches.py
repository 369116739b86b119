"""kafka-python's consumer, cured of a forgotten rejoin, mislaid records and polls that spin."""

import math
from typing import Any

from kafka import KafkaConsumer
from kafka.structs import MemberState


class PatchedConsumer(KafkaConsumer):  # type: ignore[misc]  # kafka is untyped
    """A KafkaConsumer that ends what it has begun to join, and finds what it has put aside.

    Where the metadata of a topic changes, the leader of a group rejoins. kafka-python 3.0.12 (in
    `ConsumerCoordinator.need_rejoin`) has no other note of that than the difference to the metadata
    of the last assignment, and the new assignment, in the middle of the rejoin, makes it vanish. A
    poll that ends between there and the group's answer leaves the rejoin behind: the next sees no
    reason for one, so no one takes the answer, heartbeats stay off, the polls spin and fetch
    nothing, and the group expels the member, for good. Kafka's own client looks for a pending join
    as well, and makes a note first (KAFKA-9815); here the note is made when a poll ends.

    Where a partition is paused while some of its fetched records were not returned yet, they are
    put aside, and no more are fetched of it before they are taken up again. kafka-python 3.0.12 (in
    `Fetcher.fetched_records`) does that only while it holds no records of another partition, and
    takes those that were all returned for records that it holds: the partition stands still for
    good once any other has gone on meanwhile. Here what was all returned is let go before a poll.

    Where a heartbeat is due, kafka-python's polls do not wait, though its own loop sends the
    heartbeats: while the answer to one is awaited, as from a broker that hangs, each poll spins.
    The consumers of a service then take all of its processor's time. Here polls do not look at
    heartbeats.
    """

    def __init__(self, *topics: str, **configs: Any) -> None:
        super().__init__(*topics, **configs)
        self._coordinator.time_to_next_poll = lambda: math.inf

    def poll(self, *args: Any, **options: Any) -> Any:
        """As KafkaConsumer's: the records of each partition."""
        if not self._fetcher._next_partition_records:  # noqa: SLF001
            self._fetcher._next_partition_records = None  # noqa: SLF001
        polled = super().poll(*args, **options)
        if self.group_metadata().state == MemberState.REBALANCING:
            self._coordinator.request_rejoin()
        return polled

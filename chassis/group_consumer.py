"""kafka-python's consumer, cured of a rejoin that it forgets."""

from typing import Any

from kafka import KafkaConsumer
from kafka.structs import MemberState


class GroupConsumer(KafkaConsumer):  # type: ignore[misc]  # kafka is untyped
    """A KafkaConsumer that ends what it has begun to join.

    Where the metadata of a topic changes, the leader of a group rejoins. kafka-python 3.0.12 (in
    `ConsumerCoordinator.need_rejoin`) has no other note of that than the difference to the metadata
    of the last assignment, and the new assignment, in the middle of the rejoin, makes it vanish. A
    poll that ends between there and the group's answer leaves the rejoin behind: the next sees no
    reason for one, so nobody takes the answer, heartbeats stay off, the polls spin and fetch
    nothing, and the group expels the member, for good. Kafka's own client looks for a pending join
    as well, and makes a note first (KAFKA-9815); here the note is made when a poll ends.
    """

    def poll(self, *args: Any, **options: Any) -> Any:
        """As KafkaConsumer's: the records of each partition."""
        polled = super().poll(*args, **options)
        if self.group_metadata().state == MemberState.REBALANCING:
            self._coordinator.request_rejoin()
        return polled

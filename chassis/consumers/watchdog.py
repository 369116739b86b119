"""Whether a consumer is still of use to its group, whatever kafka-python makes it believe."""

import time
from collections.abc import Callable

import structlog
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.structs import MemberState

from chassis.consumers.in_flight import InFlight, Offsets
from chassis.kafka.client import one_line

log = structlog.get_logger(__name__)

# Each costs the group one small record.
PROOF_SECONDS = 10.0
PROOF_MS = 1_000
# Far longer than a group waits for the members of a process that was killed.
LOST_SECONDS = 30.0


class Watchdog:
    """Lets a group prove from time to time that it knows its member.

    The proof is a commit of what the group knows anyway: it takes a working connection, and the
    group takes it from its members only. One that has no partitions has nothing to commit; there
    has to do that its join came to its end.

    The member in turn proves that it reads: no partition stands where it stood at the last proof
    while Kafka has more of it.

    A rebalance or a slow group leaves a proof out, and a member that hears that it was expelled
    joins again by itself; so only the lack of any proof for long is a fault.

    Args:
        consumer: Subscribed; for the thread that polls it.
        in_flight: What of its partitions is under way.
        answers: Whether Kafka can be reached at all; while it is unreachable nothing can be proved.
        proof_every: Seconds between proofs.
        lost_after: Seconds without any proof, after which it is lost.
    """

    def __init__(
        self,
        consumer: KafkaConsumer,
        in_flight: InFlight,
        answers: Callable[[], bool],
        *,
        proof_every: float = PROOF_SECONDS,
        lost_after: float = LOST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._consumer = consumer
        self._in_flight = in_flight
        self._answers = answers
        self._clock = clock
        self._proof_every = proof_every
        self._lost_after = lost_after
        self._proved_at = clock()
        self._next_at = self._proved_at + proof_every
        self._behind: dict[TopicPartition, int | None] = {}

    def prove(self) -> None:
        """Have it proved if it is time to; takes some seconds at most while Kafka answers.

        Raises:
            KafkaTimeoutError: Nothing proved it for `lost_after`: a new consumer is due.
        """
        if self._clock() < self._next_at:
            return
        proved = self._is_proved() or not self._answers()
        now = self._clock()
        self._next_at = now + self._proof_every
        if proved:
            self._proved_at = now
        elif now - self._proved_at > self._lost_after:
            raise KafkaTimeoutError(f"not known to read for its group for {self._lost_after:.0f} s")

    def _is_proved(self) -> bool:
        try:
            return self._is_member() and self._reads()
        except KafkaError as error:
            log.debug("watchdog not proved", error=one_line(error))
            return False

    def _is_member(self) -> bool:
        offsets = self._known()
        if not offsets:
            return bool(self._consumer.group_metadata().state == MemberState.STABLE)
        self._consumer.commit(offsets, timeout_ms=PROOF_MS)
        self._in_flight.committed(offsets)
        return True

    def _reads(self) -> bool:
        before, self._behind = self._behind, {}
        # One that is under way takes the time that its events take.
        idle = [at for at in self._consumer.assignment() if self._in_flight.reached(at) is None]
        ends = self._consumer.end_offsets(idle, timeout_ms=PROOF_MS) if idle else {}
        for partition, end in ends.items():
            position = self._consumer.position(partition, timeout_ms=PROOF_MS)
            if position is None or position < end:
                self._behind[partition] = position
        return self._behind.items().isdisjoint(before.items())

    def _known(self) -> Offsets:
        """Of one partition, up to where all is settled; empty where the member has none.

        Raises:
            KafkaTimeoutError: It has one, but does not know yet where to begin.
        """
        for partition in self._consumer.assignment():
            reached = self._in_flight.reached(partition)
            if reached is None:
                # What was polled of it is settled, so the next to poll is where it has come to.
                reached = self._consumer.position(partition, timeout_ms=PROOF_MS)
            if reached is None:
                raise KafkaTimeoutError(f"{partition} has no position")
            return {partition: OffsetAndMetadata(reached, "", -1)}
        return {}

"""Whether a consumer is still of use to its group, whatever kafka-python makes it believe."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from chassis.consumers.in_flight import InFlight, Offsets
from chassis.kafka.member import GroupMember
from chassis.kafka.records import one_line

log = structlog.get_logger(__name__)

# Each costs the group one small record.
PROOF_SECONDS = 15.0
# Kafka answers only once it has no other question to keep; see `member.IDLE_FETCH_MS`.
ANSWER_SECONDS = 8.0
# Far longer than a group waits for the members of a process that was killed.
LOST_SECONDS = 45.0


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
        member: Subscribed.
        in_flight: What of its partitions is under way.
        answers: Whether Kafka can be reached at all; while it is unreachable nothing can be proved.
        proof_every: Seconds between proofs.
        lost_after: Seconds without any proof, after which it is lost.
    """

    def __init__(
        self,
        member: GroupMember,
        in_flight: InFlight,
        answers: Callable[[], Awaitable[bool]],
        *,
        proof_every: float = PROOF_SECONDS,
        lost_after: float = LOST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._member = member
        self._in_flight = in_flight
        self._answers = answers
        self._clock = clock
        self._proof_every = proof_every
        self._lost_after = lost_after
        self._proved_at = clock()
        self._behind: dict[TopicPartition, int | None] = {}

    async def run(self) -> None:
        """Have it proved again and again.

        Raises:
            KafkaTimeoutError: Nothing proved it for `lost_after`: a new member is due.
        """
        while True:
            await asyncio.sleep(self._proof_every)
            await self.prove()

    async def prove(self) -> None:
        """Have it proved; takes some seconds at most while Kafka answers.

        Raises:
            KafkaTimeoutError: Nothing proved it for `lost_after`: a new member is due.
        """
        proved = await self._is_proved() or not await self._answers()
        now = self._clock()
        if proved:
            self._proved_at = now
        elif now - self._proved_at > self._lost_after:
            raise KafkaTimeoutError(f"not known to read for its group for {self._lost_after:.0f} s")

    async def _is_proved(self) -> bool:
        try:
            return await self._is_member() and await self._reads()
        except KafkaError as error:
            log.debug("watchdog not proved", error=one_line(error))
            return False

    async def _is_member(self) -> bool:
        offsets = self._known()
        if not offsets:
            return self._member.is_joined()
        await self._member.commit(offsets, ANSWER_SECONDS)
        self._in_flight.committed(offsets)
        return True

    async def _reads(self) -> bool:
        before, self._behind = self._behind, {}
        # One that is under way takes the time that its events take.
        idle = [at for at in self._member.assignment() if self._in_flight.reached(at) is None]
        ends = await self._member.ends(idle, ANSWER_SECONDS) if idle else {}
        for partition, end in ends.items():
            position = self._member.position(partition)
            if position is None or position < end:
                self._behind[partition] = position
        return self._behind.items().isdisjoint(before.items())

    def _known(self) -> Offsets:
        """Of one partition, up to where all is settled; empty where the member has none.

        Raises:
            KafkaTimeoutError: It has one, but does not know yet where to begin.
        """
        for partition in self._member.assignment():
            reached = self._in_flight.reached(partition)
            if reached is None:
                # What was polled of it is settled, so the next to poll is where it has come to.
                reached = self._member.position(partition)
            if reached is None:
                raise KafkaTimeoutError(f"{partition} has no position")
            return {partition: OffsetAndMetadata(reached, "", -1)}
        return {}

"""One consumer group's events from Kafka: polled, handled, and committed.

A task polls, has each partition's batch delivered, and commits what is settled. It does not wait
long for a batch: a partition whose events take their time, or fail and are tried again, is paused,
and the task goes on polling. So other partitions flow and the group sees a live member, however
long retries last. Within a partition an event waits for those before it.

An offset is committed once the event before it is settled: handled, or kept as a dead letter. That
is done after a second or some hundred events, and before partitions are given back; what a crash
leaves uncommitted comes again, to handlers that go by versions and ids. Where a partition is taken
away, the delivery ends at its next pause, what is settled is committed, and the rest comes again at
its next owner. A member that its group has lost, whatever the cause (see
`chassis.consumers.watchdog`), is replaced by a new one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from kafka import AsyncConsumerRebalanceListener, TopicPartition
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    KafkaTimeoutError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from chassis.consumers.delivery import Delivery
from chassis.consumers.in_flight import InFlight
from chassis.consumers.watchdog import LOST_SECONDS, PROOF_SECONDS, Watchdog
from chassis.kafka.client import BACKOFF, Kafka, one_line
from chassis.kafka.member import GroupMember
from chassis.resilience.backoff import Backoff
from chassis.tasks import cancel, is_set_within

log = structlog.get_logger(__name__)

COMMIT_SECONDS = 5.0
# While partitions are given back: the group waits for it.
LAST_COMMIT_SECONDS = 2.0
STOP_SECONDS = 10.0
# A member that lived this long has earned a quick new start.
SETTLED_SECONDS = 10.0
# The group has gone on without this member: what it did not commit comes again.
OUT_OF_GROUP = (
    CommitFailedError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)


@dataclass(frozen=True)
class ConsumerPace:
    """How long a group's consumer takes for what it does again and again.

    Attributes:
        idle_poll: Seconds of a poll, which ends earlier where there are events; how soon it is
            seen that the group is to be joined again.
        patience: Seconds that a batch may take before its partition is paused and the others go on.
        grace: Seconds that a handler may go on once its consumer stops.
        commit_every: Seconds between commits.
        commit_after: So many settled events are committed at once.
        backoff: Between members that failed.
        proof_every: Seconds between the proofs that it is of use.
        lost_after: Seconds without any proof, after which it is replaced.
    """

    idle_poll: float = 1.0
    patience: float = 0.2
    grace: float = 1.0
    commit_every: float = 1.0
    commit_after: int = 500
    backoff: Backoff = BACKOFF
    proof_every: float = PROOF_SECONDS
    lost_after: float = LOST_SECONDS


DEFAULT_PACE = ConsumerPace()


class GroupConsumer:
    """One group's consumer in this process.

    Args:
        kafka: Where from.
        group: Such as `cart-product-created`.
        topic: Such as `product.created`; it exists.
        delivery: What becomes of each event.
    """

    def __init__(
        self,
        kafka: Kafka,
        group: str,
        topic: str,
        delivery: Delivery,
        pace: ConsumerPace = DEFAULT_PACE,
    ) -> None:
        self._kafka = kafka
        self._group = group
        self._topic = topic
        self._delivery = delivery
        self._pace = pace
        self._stopping = asyncio.Event()
        self._member: GroupMember | None = None
        self._rebalancing: _Rebalancing | None = None
        self._committed_at = 0.0
        self._work: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read, as soon as Kafka answers."""
        self._work = asyncio.create_task(self._run())

    def ready(self) -> bool:
        """Whether the group has given this member its assignment, which may be empty."""
        return self._rebalancing is not None and self._rebalancing.assigned

    async def stop(self) -> None:
        """Let the events being handled finish, commit, and leave the group."""
        self._stopping.set()
        if self._member is not None:
            self._member.wake()
        if self._work is not None:
            _, late = await asyncio.wait([self._work], timeout=STOP_SECONDS)
            if late:
                log.warning("consumer did not leave its group", group=self._group)
                await cancel(late)

    async def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                in_flight = InFlight(self._delivery, self._wake)
                async with self._joined(in_flight) as member:
                    await self._read(member, in_flight)
            except Exception as error:
                # Faults of kafka-python end here too: a new member starts afresh.
                if time.monotonic() - began > SETTLED_SECONDS:
                    failures = 0
                failures += 1
                if failures == 1:
                    log.warning(
                        "consumer starts again",
                        group=self._group,
                        error=one_line(error),
                        exc_info=not isinstance(error, KafkaError),
                    )
                await is_set_within(self._stopping, self._pace.backoff.pause(failures))

    @asynccontextmanager
    async def _joined(self, in_flight: InFlight) -> AsyncIterator[GroupMember]:
        """A member of the group, which leaves at the end."""
        member = await self._kafka.member(self._group)
        try:
            self._member = member
            self._rebalancing = _Rebalancing(member, in_flight)
            member.subscribe(self._topic, self._rebalancing)
            yield member
        finally:
            self._member = self._rebalancing = None
            await in_flight.end(self._pace.grace)
            # It gives its partitions back first, so what was settled by now is committed.
            await member.close()

    async def _read(self, member: GroupMember, in_flight: InFlight) -> None:
        pace = self._pace
        watchdog = Watchdog(
            member,
            in_flight,
            self._kafka.answers,
            proof_every=pace.proof_every,
            lost_after=pace.lost_after,
        )
        watching = asyncio.create_task(watchdog.run())
        try:
            while not self._stopping.is_set():
                for partition, records in (await member.poll(pace.idle_poll)).items():
                    in_flight.begin(partition, records)
                await in_flight.wait(pace.patience)
                if finished := in_flight.finished():
                    member.resume(finished)
                if slow := in_flight.slow():
                    member.pause(slow)
                await self._commit(member, in_flight)
                if watching.done():
                    watching.result()
        finally:
            await cancel([watching])

    async def _commit(self, member: GroupMember, in_flight: InFlight) -> None:
        """Commit what is settled, where it is time to."""
        waited = time.monotonic() - self._committed_at
        if waited < self._pace.commit_every and in_flight.unknown() < self._pace.commit_after:
            return
        offsets = in_flight.settled()
        if not offsets:
            return
        self._committed_at = time.monotonic()
        try:
            await member.commit(offsets, COMMIT_SECONDS)
        except (*OUT_OF_GROUP, KafkaTimeoutError) as error:
            # It is tried again; where that is in vain, the watchdog sees it too.
            log.info("offsets not committed", group=self._group, error=one_line(error))
        else:
            in_flight.committed(offsets)

    def _wake(self) -> None:
        if self._member is not None:
            self._member.wake()


class _Rebalancing(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka is untyped
    """What is done when partitions come and go; kafka-python's thread calls it.

    Attributes:
        assigned: Whether the group has given the member its assignment.
    """

    def __init__(self, member: GroupMember, in_flight: InFlight) -> None:
        self.assigned = False
        self._member = member
        self._in_flight = in_flight

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self.assigned = True
        self._member.fetch_anew()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        offsets = self._in_flight.settled(revoked)
        known = self._in_flight.take_away(revoked)
        if offsets:
            try:
                await self._member.commit_here(offsets, LAST_COMMIT_SECONDS)
            except KafkaError as error:
                log.info("offsets not committed", error=one_line(error))
            else:
                known |= {partition: each.offset for partition, each in offsets.items()}
        # kafka-python 3.0.12 reads a partition that the group gives back on behind what was polled
        # of it last, and has it still paused; Kafka's own client forgets both here.
        for partition, offset in known.items():
            self._member.rewind(partition, offset)

    async def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        self.assigned = False
        self._in_flight.take_away(lost)

"""One consumer group's events from Kafka: a thread reads them, the event loop handles them.

kafka-python's consumer blocks and belongs to one thread. That thread polls, has each partition's
batch delivered in the event loop, and commits what is settled. It does not wait long for a batch:
a partition whose events take their time, or fail and are tried again, is paused, and the thread
goes on polling. So other partitions flow and the group sees a live member, however long retries
last. Within a partition an event waits for those before it.

An offset is committed once the event before it is settled: handled, or kept as a dead letter.
Where a partition is taken away, the delivery ends at its next pause, what is settled is committed,
and the rest comes again at its next owner. A consumer that its group has lost, whatever the cause
(see `chassis.consumers.watchdog`), is replaced by a new one.
"""

import asyncio
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from kafka import AsyncConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from chassis.backoff import Backoff
from chassis.consumers.delivery import Delivery
from chassis.consumers.in_flight import InFlight
from chassis.consumers.watchdog import LOST_SECONDS, PROOF_SECONDS, Watchdog
from chassis.kafka.client import BACKOFF, Kafka, one_line

log = structlog.get_logger(__name__)

# While a partition is paused, which may be done at any time.
BUSY_POLL_MS = 100
CLOSE_MS = 1_000
COMMIT_MS = 5_000
STOP_SECONDS = 10.0
# A consumer that lived this long has earned a quick new start.
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
        idle_poll_ms: A poll, while nothing is under way; also how long stopping may take.
        patience: Seconds that a batch may take before its partition is paused and the others go on.
        grace: Seconds that a handler may go on once its consumer stops.
        backoff: Between consumers that failed.
        proof_every: Seconds between the proofs that it is of use.
        lost_after: Seconds without any proof, after which it is replaced.
    """

    idle_poll_ms: int = 500
    patience: float = 0.2
    grace: float = 1.0
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
        self._assigned = threading.Event()
        self._stopping = threading.Event()
        self._ended = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to read, as soon as Kafka answers."""
        self._loop = asyncio.get_running_loop()
        # A daemon: a Kafka that hangs must not keep the process alive.
        threading.Thread(
            target=self._run, args=(self._loop,), name=f"consume-{self._group}", daemon=True
        ).start()

    def ready(self) -> bool:
        """Whether the group has given this member its assignment, which may be empty."""
        return self._assigned.is_set()

    async def stop(self) -> None:
        """Let the events being handled finish, commit, and leave the group."""
        self._stopping.set()
        if self._loop is not None:
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await self._ended.wait()
            except TimeoutError:
                log.warning("consumer did not leave its group", group=self._group)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                with self._member(InFlight(loop, self._delivery)) as (consumer, in_flight):
                    self._read(consumer, in_flight)
            except Exception as error:
                # Faults of kafka-python end here too: a new consumer starts afresh.
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
                self._stopping.wait(self._pace.backoff.pause(failures))
        loop.call_soon_threadsafe(self._ended.set)

    @contextmanager
    def _member(self, in_flight: InFlight) -> Iterator[tuple[KafkaConsumer, InFlight]]:
        """A member of the group, which leaves at the end."""
        consumer = self._kafka.consumer(self._group)
        try:
            rebalancing = _Rebalancing(consumer, in_flight, self._assigned)
            consumer.subscribe([self._topic], listener=rebalancing)
            yield consumer, in_flight
        finally:
            self._assigned.clear()
            in_flight.end(self._pace.grace)
            # It gives its partitions back first, so what was settled by now is committed.
            consumer.close(autocommit=False, timeout_ms=CLOSE_MS)

    def _read(self, consumer: KafkaConsumer, in_flight: InFlight) -> None:
        pace = self._pace
        watchdog = Watchdog(
            consumer,
            in_flight,
            self._kafka.answers,
            proof_every=pace.proof_every,
            lost_after=pace.lost_after,
        )
        while not self._stopping.is_set():
            polled = consumer.poll(timeout_ms=BUSY_POLL_MS if in_flight else pace.idle_poll_ms)
            for partition, records in polled.items():
                in_flight.begin(partition, records)
            in_flight.wait(pace.patience)
            self._commit(consumer, in_flight)
            consumer.resume(*in_flight.finished())
            consumer.pause(*in_flight.slow())
            watchdog.prove()

    def _commit(self, consumer: KafkaConsumer, in_flight: InFlight) -> None:
        offsets = in_flight.settled()
        if not offsets:
            return
        try:
            consumer.commit(offsets, timeout_ms=COMMIT_MS)
        except OUT_OF_GROUP as error:
            log.info("offsets not committed", group=self._group, error=one_line(error))
        else:
            in_flight.committed(offsets)


class _Rebalancing(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka is untyped
    """What is done when partitions come and go; kafka-python's own loop calls it during polls."""

    def __init__(
        self, consumer: KafkaConsumer, in_flight: InFlight, assigned: threading.Event
    ) -> None:
        self._consumer = consumer
        self._in_flight = in_flight
        self._assigned = assigned

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._assigned.set()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        offsets = self._in_flight.settled(revoked)
        # kafka-python 3.0.12 reads a partition that the group gives back on behind what was polled
        # of it last, and has it still paused; Kafka's own client forgets both here.
        for partition, unsettled in self._in_flight.take_away(revoked).items():
            self._consumer.seek(partition, unsettled)
            self._consumer.resume(partition)
        if offsets:
            try:
                await self._consumer.commit_async(offsets)
            except KafkaError as error:
                log.info("offsets not committed", error=one_line(error))

    async def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        self._assigned.clear()
        self._in_flight.take_away(lost)

"""Topics followed as they grow: by a process for itself, without a group, from their ends on.

For what a process keeps in memory and may forget. It hears of each event that is published while
it follows, and up to which moment it has heard all, so it knows what it may not know. Once in a
while, seldom where no one uses what it keeps, it asks where the topics end. Once it has read up to
there, it has heard all that was published before it asked; a broker that hangs or is unreachable
answers no question.
"""

import asyncio
import threading
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple, Protocol

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from chassis.kafka.records import one_line
from chassis.resilience.backoff import Backoff
from chassis.tasks import in_thread

log = structlog.get_logger(__name__)

BACKOFF = Backoff(longest=1.0)


@dataclass(frozen=True)
class FeedPace:
    """How often a feed does what it does again and again; in seconds.

    Attributes:
        proof_every: Ask where the topics end.
        missing_every: Look for topics that are not there yet.
        stop_within: Wait for a Kafka that hangs once the feed has to end.
        backoff: Between consumers that failed.
        rest: Read nothing where nothing is wanted.
        rest_looks: Look meanwhile whether it has to end.
    """

    proof_every: float = 0.4
    missing_every: float = 0.5
    stop_within: float = 2.0
    backoff: Backoff = BACKOFF
    rest: float = 5.0
    rest_looks: float = 1.0


DEFAULT_PACE = FeedPace()


class Published(NamedTuple):
    """An event as it lies in Kafka."""

    topic: str
    value: bytes


class Follower(Protocol):
    """Hears of events, in the event loop and in the order of their partitions."""

    def begin(self) -> None:
        """All that is published from now on will be heard; what was before may be missing."""

    def take(self, published: Sequence[Published]) -> None:
        """Hear of events."""

    def is_current(self, at: float) -> None:
        """All was heard that was published before `at`, as `time.monotonic` has it."""

    def is_wanted(self, within: float) -> bool:
        """Whether it has use for events now, or so many seconds from now at most.

        For the thread of the feed, which it holds up until then.
        """


class Readers(Protocol):
    """Where topics are read; `chassis.kafka.clients.KafkaClients` is one."""

    def reader(self) -> KafkaConsumer:
        """A consumer without a group, for one thread; raises KafkaError, and may block."""


class TopicFeed:
    """Follows topics.

    Args:
        kafka: Where they are.
        topics: Their names. They are followed once all of them are there.
        follower: Hears of their events.
        pace: How often it does what.
    """

    def __init__(
        self,
        kafka: Readers,
        topics: Collection[str],
        follower: Follower,
        pace: FeedPace = DEFAULT_PACE,
    ) -> None:
        self._kafka = kafka
        self._topics = sorted(topics)
        self._follower = follower
        self._pace = pace
        self._failures = 0
        self._stopping = threading.Event()

    async def run(self) -> None:
        """Follow until cancelled, whatever becomes of Kafka."""
        loop = asyncio.get_running_loop()
        following = asyncio.create_task(in_thread(lambda: self._run(loop), "follow-topics"))
        try:
            await asyncio.shield(following)
        finally:
            self._stopping.set()
            _, late = await asyncio.wait([following], timeout=self._pace.stop_within)
            if late:
                log.warning("kafka holds up the end")
                following.cancel()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._stopping.is_set():
            try:
                with closing(self._kafka.reader()) as consumer:
                    self._follow(consumer, loop)
            except Exception as error:
                # Faults of kafka-python end here too: a new consumer starts afresh.
                self._failures += 1
                if self._failures == 1:
                    log.warning(
                        "events are not followed",
                        error=one_line(error),
                        exc_info=not isinstance(error, KafkaError),
                    )
                self._stopping.wait(self._pace.backoff.pause(self._failures))

    def _follow(self, consumer: KafkaConsumer, loop: asyncio.AbstractEventLoop) -> None:
        """Follow until there are other partitions than before."""
        while (partitions := self._partitions(consumer)) is None:
            if self._stopping.wait(self._pace.missing_every):
                return
        consumer.assign(partitions)
        read: dict[TopicPartition, int] = consumer.end_offsets(partitions)
        for partition, end in read.items():
            consumer.seek(partition, end)
        loop.call_soon_threadsafe(self._follower.begin)
        log.info("events are followed", topics=self._topics)
        self._failures = 0
        while not self._stopping.is_set() and partitions == self._partitions(consumer):
            self._read_for_a_while(consumer, read, loop)
            self._rest()

    def _rest(self) -> None:
        """Wait until events are wanted, but not for long: they would pile up."""
        until = monotonic() + self._pace.rest
        while not self._stopping.is_set() and (left := until - monotonic()) > 0:
            if self._follower.is_wanted(min(left, self._pace.rest_looks)):
                return

    def _read_for_a_while(
        self,
        consumer: KafkaConsumer,
        read: dict[TopicPartition, int],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """Read up to the present ends at least, and until it is time to ask for them again.

        `read` says up to where each partition was read, and is moved on.
        """
        asked = monotonic()
        ends = consumer.end_offsets(list(read))
        is_behind = True
        while not self._stopping.is_set():
            # What lies before an end may be nothing that is returned, but the position knows.
            if is_behind and all(
                read[each] >= end or consumer.position(each) >= end for each, end in ends.items()
            ):
                is_behind = False
                loop.call_soon_threadsafe(self._follower.is_current, asked)
            left = self._pace.proof_every - (monotonic() - asked)
            if left <= 0 and not is_behind:
                return
            published = []
            for partition, records in consumer.poll(timeout_ms=max(1, int(left * 1000))).items():
                published += [Published(each.topic, each.value or b"") for each in records]
                read[partition] = records[-1].offset + 1
            if published:
                loop.call_soon_threadsafe(self._follower.take, published)

    def _partitions(self, consumer: KafkaConsumer) -> list[TopicPartition] | None:
        """All partitions of the topics; None where one of the topics is not there."""
        found = []
        for topic in self._topics:
            numbers = consumer.partitions_for_topic(topic)
            if not numbers:
                return None
            found += [TopicPartition(topic, number) for number in sorted(numbers)]
        return found

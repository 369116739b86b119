"""Publishing of one process: what became of each record, and no place in Kafka holds up another.

Where a topic or a partition takes nothing while Kafka itself answers (no leader, too few in-sync
replicas, no permission), its records are held, and no call waits for it again: a thread of its own
tries it from time to time. Records of one key leave in their order, across topics too.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError

from chassis.kafka.clients import KafkaClients
from chassis.kafka.records import (
    REJECTIONS,
    UNREACHABLE,
    Outcome,
    Record,
    one_line,
    outcome_of,
    place_of,
    send,
    waves,
)
from chassis.kafka.topics import KafkaTopics

log = structlog.get_logger(__name__)

# How often a place that takes nothing is tried.
TRY_EVERY_SECONDS = 2.0

# A topic and a partition; None stands for all, where not even the partitions can be learned.
Place = tuple[str, int | None]


@dataclass
class _Producer:
    """A producer in use by `users` calls; the last one closes it once it is replaced."""

    client: KafkaProducer
    users: int = 0
    is_replaced: bool = False


class KafkaPublisher:
    """Publishes for one process. `publish` blocks; any thread may call it.

    Args:
        clients: Of the Kafka.
        topics: Makes topics that are not there.
    """

    def __init__(self, clients: KafkaClients, topics: KafkaTopics) -> None:
        self._clients = clients
        self._topics = topics
        self._lock = threading.Lock()
        self._producer: _Producer | None = None
        # When to try them again.
        self._held: dict[Place, float] = {}
        self._trying = ThreadPoolExecutor(1, thread_name_prefix="kafka-try")

    def publish(self, records: Sequence[Record]) -> list[Outcome]:
        """Publish `records`, and say for each what became of it; see `Kafka.publish`."""
        topics = {record.topic for record in records}
        topics = {topic for topic in topics if (topic, None) not in self._held}
        try:
            failed: set[Place] = {(topic, None) for topic in self._topics.ensure(topics)}
            with self._connected() as producer:
                outcomes = self._published(producer.client, records, failed)
                if failed:
                    # A new one has no stale leader, long backoff or broken sequence to get over.
                    self._replace(producer)
        except KafkaError as error:
            log.debug("kafka is unreachable", error=one_line(error))
            return [Outcome.TIMED_OUT] * len(records)
        if failed and (Outcome.ACKNOWLEDGED in outcomes or self._answers(failed)):
            self._hold(failed)
            outcomes = [Outcome.HELD if each is Outcome.TIMED_OUT else each for each in outcomes]
        return outcomes

    def close(self) -> None:
        """Let go of the connection; what is still being published is given up."""
        self._trying.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.client.close(timeout=0)

    def _published(
        self, producer: KafkaProducer, records: Sequence[Record], failed: set[Place]
    ) -> list[Outcome]:
        """What became of `records`; where one did not leave, its place is added to `failed`."""
        outcomes: dict[int, Outcome] = {}
        blocked: dict[str, Outcome] = {}
        for wave in waves(records):
            sent: dict[int, tuple[Place, Any]] = {}
            for index in wave:
                record = records[index]
                if record.key in blocked:
                    outcomes[index] = blocked[record.key]
                    continue
                place, future = self._sent(producer, record, failed)
                if isinstance(future, Outcome):
                    outcomes[index] = future
                    if future is not Outcome.REJECTED:
                        blocked[record.key] = future
                else:
                    sent[index] = place, future
            for index, (place, future) in sent.items():
                outcomes[index] = outcome_of(future)
                if outcomes[index] is Outcome.TIMED_OUT:
                    failed.add(place)
                    blocked[records[index].key] = Outcome.TIMED_OUT
        return [outcomes[index] for index in range(len(records))]

    def _sent(
        self, producer: KafkaProducer, record: Record, failed: set[Place]
    ) -> tuple[Place, Any]:
        """Where the record goes, and the future of its metadata; or the outcome if it cannot go."""
        place: Place = (record.topic, None)
        try:
            if place in self._held or place in failed:
                return place, self._outcome_at(place, record)
            place = place_of(producer, record)
            if place in self._held or place in failed:
                return place, self._outcome_at(place, record)
            return place, send(producer, record)
        except REJECTIONS as error:
            log.warning("event refused by kafka", topic=record.topic, error=one_line(error))
            return place, Outcome.REJECTED
        except UNREACHABLE as error:
            log.debug("event not sent", topic=record.topic, error=one_line(error))
            failed.add(place)
            return place, Outcome.TIMED_OUT

    def _outcome_at(self, place: Place, record: Record) -> Outcome:
        """What becomes of a record at a place that takes nothing; it may be sent to try it."""
        due = self._held.get(place)
        if due is None:
            return Outcome.TIMED_OUT
        if time.monotonic() >= due:
            self._held[place] = float("inf")
            self._trying.submit(self._try, place, record)
        return Outcome.HELD

    def _try(self, place: Place, record: Record) -> None:
        """Publish `record` apart from all others; it is published again if that succeeds."""
        try:
            self._topics.ensure({record.topic})
            producer = self._clients.producer()
            try:
                taken = outcome_of(send(producer, record)) is not Outcome.TIMED_OUT
            finally:
                producer.close(timeout=0)
        except (*REJECTIONS, *UNREACHABLE):
            taken = False
        if taken:
            log.info("events are taken again", topic=place[0], partition=place[1])
            self._held.pop(place, None)
        else:
            self._topics.forget({record.topic})
            self._held[place] = time.monotonic() + TRY_EVERY_SECONDS

    def _answers(self, failed: set[Place]) -> bool:
        """Whether Kafka answers; where it does, a topic that was deleted is there again."""
        topics = {topic for topic, _ in failed}
        self._topics.forget(topics)
        try:
            self._topics.ensure(topics)
        except KafkaError:
            return False
        return True

    def _hold(self, places: set[Place]) -> None:
        self._topics.forget({topic for topic, _ in places})
        for place in places:
            log.warning(
                "events are held: their place in kafka takes nothing",
                topic=place[0],
                partition=place[1],
            )
            self._held.setdefault(place, time.monotonic())

    @contextmanager
    def _connected(self) -> Iterator[_Producer]:
        """The process's producer, which is not closed before the end.

        Raises:
            KafkaError: Kafka is unreachable.
        """
        with self._lock:
            if self._producer is None:
                self._producer = _Producer(self._clients.producer())
            producer = self._producer
            producer.users += 1
        try:
            yield producer
        finally:
            with self._lock:
                producer.users -= 1
                is_last = producer.is_replaced and not producer.users
            if is_last:
                producer.client.close(timeout=0)

    def _replace(self, producer: _Producer) -> None:
        with self._lock:
            producer.is_replaced = True
            if self._producer is producer:
                self._producer = None

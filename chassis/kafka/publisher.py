"""Publishing of one process: what became of each record, and no place in Kafka holds up another.

Where a topic or a partition takes nothing while Kafka itself answers (no leader, too few in-sync
replicas, no permission), its records are held, and no call waits for it again: a thread of its own
tries it from time to time. Records of one key leave in their order, across topics too.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
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
    knows,
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

# Sending takes the processor for some 0.1 ms a record: of more, not on the event loop.
MOST_AT_ONCE = 20

# A topic and a partition; None stands for all, where not even the partitions can be learned.
Place = tuple[str, int | None]


class _Producer:
    """A producer that calls share; the last one to leave closes it once it is replaced."""

    def __init__(self, client: KafkaProducer) -> None:
        self.client = client
        # Nothing is waited for while it is held.
        self._lock = threading.Lock()
        self._users = 0
        self._is_replaced = False

    def enter(self) -> bool:
        """Use it until `leave`; False where it was replaced, and may be closed."""
        with self._lock:
            self._users += not self._is_replaced
            return not self._is_replaced

    def leave(self) -> None:
        """Use it no longer."""
        with self._lock:
            self._users -= 1
            is_last = self._is_replaced and not self._users
        if is_last:
            self.client.close(timeout=0)

    def replace(self) -> None:
        """Let no one else use it."""
        with self._lock:
            self._is_replaced = True


@dataclass
class Sending:
    """Records on their way through a producer, and what became of those that are not.

    Attributes:
        failed: The places of records that did not leave.
    """

    producer: _Producer
    records: Sequence[Record]
    failed: set[Place]
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    sent: dict[int, tuple[Place, Any]] = field(default_factory=dict)
    blocked: dict[str, Outcome] = field(default_factory=dict)

    @property
    def futures(self) -> list[Any]:
        """Those of the records that are on their way; see `kafka.future`."""
        return [future for _, future in self.sent.values()]

    @property
    def is_taken(self) -> bool:
        """Whether Kafka has all that was sent, and nothing was kept back."""
        return not self.failed and all(future.succeeded() for future in self.futures)


class KafkaPublisher:
    """Publishes for one process. Any thread may call it; only `begin` never blocks.

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
                sending = Sending(producer, records, failed)
                for wave in waves(records):
                    self._send(sending, wave)
                    _settle(sending)
                self._replace_failed(sending)
        except KafkaError as error:
            log.debug("kafka is unreachable", error=one_line(error))
            return [Outcome.TIMED_OUT] * len(records)
        return self._outcomes(sending)

    def begin(self, records: Sequence[Record]) -> Sending | None:
        """Send a few `records`, where all that needs is known; for the event loop.

        Returns:
            What `finish` has to be given; None where nothing was sent, as `publish` has to do it.
        """
        topics = {record.topic for record in records}
        producer = self._producer
        if (
            len(records) > MOST_AT_ONCE
            or self._held
            or producer is None
            or not self._topics.are_known(topics)
            or len(waves(records)) > 1
            or not all(knows(producer.client, topic) for topic in topics)
            or not producer.enter()
        ):
            return None
        sending = Sending(producer, records, set())
        self._send(sending, range(len(records)))
        return sending

    def finish(self, sending: Sending) -> list[Outcome]:
        """What became of what was begun; blocks but where it `is_taken`."""
        try:
            _settle(sending)
            self._replace_failed(sending)
        finally:
            sending.producer.leave()
        return self._outcomes(sending)

    def close(self) -> None:
        """Let go of the connection; what is still being published is given up."""
        self._trying.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.client.close(timeout=0)

    def _send(self, sending: Sending, wave: Iterable[int]) -> None:
        """Send the records at these places; where one does not leave, its place has failed."""
        for index in wave:
            record = sending.records[index]
            if record.key in sending.blocked:
                sending.outcomes[index] = sending.blocked[record.key]
                continue
            place, future = self._sent(sending.producer.client, record, sending.failed)
            if isinstance(future, Outcome):
                sending.outcomes[index] = future
                if future is not Outcome.REJECTED:
                    sending.blocked[record.key] = future
            else:
                sending.sent[index] = place, future

    def _outcomes(self, sending: Sending) -> list[Outcome]:
        """What became of the records; the places that failed are held where Kafka answers."""
        outcomes = [sending.outcomes[index] for index in range(len(sending.records))]
        failed = sending.failed
        if failed and (Outcome.ACKNOWLEDGED in outcomes or self._answers(failed)):
            self._hold(failed)
            outcomes = [Outcome.HELD if each is Outcome.TIMED_OUT else each for each in outcomes]
        return outcomes

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
            if self._producer is None or not self._producer.enter():
                self._producer = _Producer(self._clients.producer())
                self._producer.enter()
            producer = self._producer
        try:
            yield producer
        finally:
            producer.leave()

    def _replace_failed(self, sending: Sending) -> None:
        """A new producer has no stale leader, long backoff or broken sequence to get over."""
        if sending.failed:
            sending.producer.replace()


def _settle(sending: Sending) -> None:
    """Wait for what became of the records that were sent."""
    for index, (place, future) in sending.sent.items():
        sending.outcomes[index] = outcome_of(future)
        if sending.outcomes[index] is Outcome.TIMED_OUT:
            sending.failed.add(place)
            sending.blocked[sending.records[index].key] = Outcome.TIMED_OUT
    sending.sent.clear()

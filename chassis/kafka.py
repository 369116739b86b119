"""Kafka, as one process uses it: topics, publishing, and the consumers of groups.

kafka-python is synchronous, so its clients run in threads of their own; nothing here blocks the
event loop, and Kafka being away is an answer rather than an error.
"""

import asyncio
import threading
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import Any

import structlog
from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAlreadyExistsError,
    for_code,
)

from chassis.cloudevents import Header
from chassis.group_consumer import GroupConsumer
from chassis.kafka_clients import DELIVERY_MS, REQUEST_MS, KafkaClients

log = structlog.get_logger(__name__)

PARTITIONS = 3
FIRST_RETRY_SECONDS = 0.2
LAST_RETRY_SECONDS = 1.0
# The sweeps and the nudges of a service's outboxes publish side by side.
PUBLISH_THREADS = 4
REFUSALS = (MessageSizeTooLargeError, InvalidTopicError, ValueError)
# RuntimeError is what another thread's discarding of the producer ends in.
AWAY = (KafkaError, RuntimeError)


@dataclass(frozen=True)
class Record:
    """One message on its way to Kafka."""

    topic: str
    key: str
    value: bytes
    headers: Sequence[Header]


class Outcome(Enum):
    """What became of a record."""

    KEPT = "every in-sync replica has it"
    UNAVAILABLE = "Kafka did not say in time that it has it"
    REFUSED = "Kafka will never take it"


class Kafka:
    """The connection of one process.

    Args:
        url: Bootstrap servers, `host:port` with commas between.
        source: This process, such as `svc_orders`.
        replication: How many brokers keep each topic that is made here.
    """

    def __init__(self, url: str, *, source: str, replication: int = 1) -> None:
        self.source = source
        self._clients = KafkaClients(url, source)
        self._replication = replication
        self._threads = ThreadPoolExecutor(PUBLISH_THREADS, thread_name_prefix="kafka-publish")
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._topics: set[str] = set()

    async def publish(self, records: Sequence[Record]) -> list[Outcome]:
        """Publish `records` in order and say for each what became of it.

        Records with one key on one topic keep their order. Takes about ten seconds at most.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._publish, records)

    async def ensure_topics(self, topics: Collection[str]) -> None:
        """Make those of `topics` that are not there; waits for Kafka for as long as it takes."""
        loop = asyncio.get_running_loop()
        pause = FIRST_RETRY_SECONDS
        while True:
            try:
                await loop.run_in_executor(self._threads, self._make_topics, frozenset(topics))
            except Exception as error:
                # Faults of kafka-python too: whoever waits here would wait for ever otherwise.
                if pause == FIRST_RETRY_SECONDS:
                    log.warning(
                        "waiting for kafka",
                        error=one_line(error),
                        exc_info=not isinstance(error, KafkaError),
                    )
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_RETRY_SECONDS)
            else:
                return

    def consumer(self, group: str) -> GroupConsumer:
        """A consumer of `group`, connected; for one thread. Blocks.

        Raises:
            KafkaError: Kafka is away.
        """
        return self._clients.consumer(group)

    def answers(self) -> bool:
        """Whether Kafka takes connections at all. Blocks, for some seconds at most."""
        return self._clients.answers()

    async def close(self) -> None:
        """Let go of the connection; what is still being published is given up."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._discard, self._producer)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _publish(self, records: Sequence[Record]) -> list[Outcome]:
        try:
            self._make_topics(frozenset(record.topic for record in records))
            producer = self._connected()
        except KafkaError as error:
            log.debug("kafka is away", error=one_line(error))
            return [Outcome.UNAVAILABLE] * len(records)
        sent: list[Any] = []
        for record in records:
            # Behind one that did not leave none is tried: each would wait, and overtake it.
            stuck = sent and sent[-1] is Outcome.UNAVAILABLE
            sent.append(Outcome.UNAVAILABLE if stuck else _sent(producer, record))
        outcomes = [each if isinstance(each, Outcome) else _outcome(each) for each in sent]
        if Outcome.UNAVAILABLE in outcomes:
            # A new one has no stale leader, long backoff or broken sequence to get over.
            self._discard(producer)
        return outcomes

    def _connected(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = self._clients.producer()
            return self._producer

    def _discard(self, producer: KafkaProducer | None) -> None:
        with self._lock:
            if self._producer is producer:
                self._producer = None
        if producer is not None:
            producer.close(timeout=0)

    def _make_topics(self, topics: frozenset[str]) -> None:
        """Raises KafkaError when Kafka is away."""
        with self._lock:
            if missing := topics - self._topics:
                admin = self._clients.admin()
                try:
                    _create(admin, missing, self._replication)
                finally:
                    admin.close()
                self._topics |= missing


def one_line(error: BaseException) -> str:
    """`error` for a log or a document: its type and its text, cut to 300 characters."""
    name, text = type(error).__name__, " ".join(str(error).split())
    # kafka-python's errors begin their text with their type.
    return f"{name}: {text.removeprefix(f'{name}: ')}"[:300]


def _create(admin: KafkaAdminClient, topics: Collection[str], replication: int) -> None:
    wanted = {"num_partitions": PARTITIONS, "replication_factor": replication}
    answer = admin.create_topics(dict.fromkeys(topics, wanted), raise_errors=False)
    for topic in answer["topics"]:
        error = for_code(topic["error_code"])
        # A name that no topic may have is refused where it is published to.
        if topic["error_code"] and error not in (TopicAlreadyExistsError, InvalidTopicError):
            raise error(topic.get("error_message") or topic["name"])


def _sent(producer: KafkaProducer, record: Record) -> Any:
    """The future of the record's metadata, or the outcome where it did not even leave."""
    try:
        return producer.send(
            record.topic,
            value=record.value,
            key=record.key.encode(),
            headers=list(record.headers),
        )
    except REFUSALS as error:
        log.warning("event refused by kafka", topic=record.topic, error=one_line(error))
        return Outcome.REFUSED
    except AWAY:
        return Outcome.UNAVAILABLE


def _outcome(future: Any) -> Outcome:
    try:
        future.get(timeout=(DELIVERY_MS + REQUEST_MS) / 1000)
    except REFUSALS as error:
        log.warning("event refused by kafka", error=one_line(error))
        return Outcome.REFUSED
    except AWAY:
        return Outcome.UNAVAILABLE
    return Outcome.KEPT

"""The connection to Kafka: topics, publishing, and the consumers of groups.

kafka-python is synchronous, so all of it runs in threads of its own; nothing here blocks the
event loop, and Kafka being away is an answer rather than an error.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import structlog
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAlreadyExistsError,
    for_code,
)
from kafka.net.compat import KafkaNetClient

from chassis.cloudevents import Header

log = structlog.get_logger(__name__)

C = TypeVar("C")

PARTITIONS = 3
# A publish that took this long is given up; the sweep publishes again later.
DELIVERY_MS = 8_000
REQUEST_MS = 5_000
BLOCK_MS = 1_000
BOOTSTRAP_MS = 2_000
RECONNECT_MS = 1_000
FIRST_RETRY_SECONDS = 0.2
LAST_RETRY_SECONDS = 5.0
# A sweep and the nudges of a service's outboxes publish side by side.
PUBLISH_THREADS = 4
# How soon a consumer that was killed is replaced.
SESSION_MS = 10_000
HEARTBEAT_MS = 3_000
# What an idle consumer costs; also how long new events of a partition that was paused may wait.
FETCH_WAIT_MS = 1_000
MAX_POLL_RECORDS = 200
# What kafka-python says while Kafka is away: many lines a second, each of them an error.
CHATTY_LOGGERS = ("kafka.net", "kafka.cluster", "kafka.coordinator", "kafka.producer")


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
    """Kafka, as one process uses it.

    Args:
        url: Bootstrap servers, `host:port` with commas between.
        source: This process, such as `svc_orders`; the client id.
        replication: How many brokers keep each topic that is made here.
    """

    def __init__(self, url: str, *, source: str, replication: int = 1) -> None:
        self.source = source
        self._servers = [server.strip() for server in url.split(",")]
        self._replication = replication
        self._threads = ThreadPoolExecutor(PUBLISH_THREADS, thread_name_prefix="kafka-publish")
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._topics: set[str] = set()
        quiet_loggers()

    async def publish(self, records: Sequence[Record]) -> list[Outcome]:
        """Publish `records` in order and say for each what became of it.

        Records with one key on one topic keep their order. Takes at most about ten seconds.
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
            except KafkaError as error:
                if pause == FIRST_RETRY_SECONDS:
                    log.warning("waiting for kafka", error=one_line(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_RETRY_SECONDS)
            else:
                return

    def consumer(self, group: str) -> KafkaConsumer:
        """A consumer of `group`, connected; for one thread. Blocks.

        Raises:
            KafkaError: Kafka is away.
        """
        return _built(
            KafkaConsumer,
            bootstrap_servers=self._servers,
            client_id=self.source,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=MAX_POLL_RECORDS,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            bootstrap_timeout_ms=BOOTSTRAP_MS,
            reconnect_backoff_max_ms=RECONNECT_MS,
            metrics_enabled=False,
        )

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
        sent = [_sent(producer, record) for record in records]
        outcomes = [each if isinstance(each, Outcome) else _outcome(each) for each in sent]
        if Outcome.UNAVAILABLE in outcomes:
            # A fresh one has no stale leader, long backoff or broken sequence to get over.
            self._discard(producer)
        return outcomes

    def _connected(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = _built(
                    KafkaProducer,
                    bootstrap_servers=self._servers,
                    client_id=self.source,
                    acks="all",
                    enable_idempotence=True,
                    max_block_ms=BLOCK_MS,
                    delivery_timeout_ms=DELIVERY_MS,
                    request_timeout_ms=REQUEST_MS,
                    bootstrap_timeout_ms=BOOTSTRAP_MS,
                    reconnect_backoff_max_ms=RECONNECT_MS,
                    metrics_enabled=False,
                )
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
                admin = _built(
                    KafkaAdminClient,
                    bootstrap_servers=self._servers,
                    client_id=self.source,
                    request_timeout_ms=REQUEST_MS,
                    bootstrap_timeout_ms=BOOTSTRAP_MS,
                )
                try:
                    _create(admin, missing, self._replication)
                finally:
                    admin.close()
                self._topics |= missing


def quiet_loggers() -> None:
    """Let kafka-python speak only of what this package can not tell better itself."""
    logging.getLogger("kafka").setLevel(logging.ERROR)
    for name in CHATTY_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def one_line(error: BaseException) -> str:
    """`error` for a log or a document: its type and its text, cut to 300 characters."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def _built(make: Callable[..., C], **options: Any) -> C:
    """`make(**options)`; where that fails, its sockets and threads are gone too."""
    clients: list[Any] = []

    def client(**settings: Any) -> Any:
        clients.append(KafkaNetClient(**settings))
        return clients[-1]

    try:
        return make(kafka_client=client, **options)
    except BaseException:
        for each in clients:
            each.close()
        raise


def _create(admin: KafkaAdminClient, topics: Collection[str], replication: int) -> None:
    wanted = {"num_partitions": PARTITIONS, "replication_factor": replication}
    answer = admin.create_topics(dict.fromkeys(topics, wanted), raise_errors=False)
    for topic in answer["topics"]:
        error = for_code(topic["error_code"])
        if topic["error_code"] and error is not TopicAlreadyExistsError:
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
    except (MessageSizeTooLargeError, InvalidTopicError) as error:
        log.warning("event refused by kafka", topic=record.topic, error=one_line(error))
        return Outcome.REFUSED
    except KafkaError:
        return Outcome.UNAVAILABLE


def _outcome(future: Any) -> Outcome:
    try:
        future.get(timeout=(DELIVERY_MS + REQUEST_MS) / 1000)
    except (MessageSizeTooLargeError, InvalidTopicError) as error:
        log.warning("event refused by kafka", error=one_line(error))
        return Outcome.REFUSED
    except KafkaError:
        return Outcome.UNAVAILABLE
    return Outcome.KEPT

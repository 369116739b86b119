"""Kafka, as one process uses it: topics, publishing, and the consumers of groups.

kafka-python is synchronous, so its clients run in threads: the producer has one, and all consumers
share one. Nothing here blocks the event loop, and Kafka being unreachable is an answer rather than
an error.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import structlog
from kafka.errors import KafkaError

from chassis.kafka.clients import DELIVERY_MS, MAX_POLL_RECORDS, KafkaClients
from chassis.kafka.lag import GroupLag, lag_of
from chassis.kafka.member import GroupMember
from chassis.kafka.publisher import KafkaPublisher
from chassis.kafka.records import Outcome, Record, one_line
from chassis.kafka.topics import PARTITIONS, KafkaTopics
from chassis.resilience.backoff import Backoff
from chassis.tasks import in_thread

__all__ = ["PARTITIONS", "GroupLag", "Kafka", "Outcome", "Record", "one_line"]

log = structlog.get_logger(__name__)

BACKOFF = Backoff(longest=1.0)
# The sweeps and the nudges of a service's outboxes publish side by side.
PUBLISH_THREADS = 4
CLOSE_SECONDS = 2.0


class Kafka:
    """The connection of one process.

    Args:
        url: Bootstrap servers, `host:port` with commas between.
        source: This process, such as `svc_orders`.
        replication: How many brokers keep each topic that is made here.
        max_poll_records: How many records a consumer's poll brings at most.
        backoff: Between attempts to make topics.
    """

    def __init__(
        self,
        url: str,
        *,
        source: str,
        replication: int = 1,
        max_poll_records: int = MAX_POLL_RECORDS,
        backoff: Backoff = BACKOFF,
    ) -> None:
        self.source = source
        self._clients = KafkaClients(url, source, max_poll_records)
        self._backoff = backoff
        self._threads = ThreadPoolExecutor(PUBLISH_THREADS, thread_name_prefix="kafka-publish")
        self._topics = KafkaTopics(self._clients, replication)
        self._publisher = KafkaPublisher(self._clients, self._topics)

    async def publish(self, records: Sequence[Record]) -> list[Outcome]:
        """Publish `records` in order and say for each what became of it.

        Records of one key keep their order: behind one that did not leave, none does. A topic or
        a partition that takes nothing holds up its own records only. Takes about ten seconds at
        most.
        """
        loop = asyncio.get_running_loop()
        # Another thread would have to be woken, and to wait for its turn behind the event loop.
        sending = self._publisher.begin(records)
        if sending is None:
            return await loop.run_in_executor(self._threads, self._publisher.publish, records)
        try:
            await _answered(sending.futures)
        except asyncio.CancelledError:
            sending.producer.leave()
            raise
        if sending.is_taken:
            return self._publisher.finish(sending)
        return await loop.run_in_executor(self._threads, self._publisher.finish, sending)

    async def ensure_topics(self, topics: Collection[str]) -> None:
        """Make those of `topics` that are not there, and check the settings of those that are.

        Waits for Kafka for as long as it takes.
        """
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            try:
                await loop.run_in_executor(self._threads, self._make_topics, frozenset(topics))
            except Exception as error:
                # Faults of kafka-python too: a caller would wait here for ever otherwise.
                failures += 1
                if failures == 1:
                    log.warning(
                        "waiting for kafka",
                        error=one_line(error),
                        exc_info=not isinstance(error, KafkaError),
                    )
                await asyncio.sleep(self._backoff.pause(failures))
            else:
                return

    async def member(self, group: str) -> GroupMember:
        """A new member of `group`, connected.

        Raises:
            KafkaError: Kafka is unreachable.
        """
        return GroupMember(await in_thread(lambda: self._clients.consumer(group)))

    async def lag(self, topics: Mapping[str, str]) -> list[GroupLag]:
        """How far groups are behind, all members of each together; takes some seconds at most.

        Args:
            topics: Group -> the topic that it reads.

        Raises:
            KafkaError: Kafka is unreachable, or did not say.
        """

        def ask() -> list[GroupLag]:
            # Made for each question: a connection that no one uses would still cost a thread.
            admin = self._clients.admin()
            try:
                return lag_of(admin, topics)
            finally:
                admin.close()

        return await in_thread(ask)

    async def answers(self) -> bool:
        """Whether Kafka takes connections at all; takes some seconds at most."""
        return await in_thread(self._clients.answers)

    async def close(self) -> None:
        """Let go of the connections; what is still being published is given up."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._publisher.close)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await in_thread(self._clients.close)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _make_topics(self, topics: Collection[str]) -> None:
        """Raises KafkaError where one could not be made."""
        for failure in self._topics.ensure(topics).values():
            raise failure


async def _answered(futures: Sequence[Any]) -> None:
    """Return once kafka-python's `futures` have their outcome, or should have had it."""
    loop = asyncio.get_running_loop()
    answered = asyncio.Event()
    left = list(futures)

    def count(_: object) -> None:
        # Of many, which have their outcome together, only the last one wakes the event loop.
        left.pop()
        if not left:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(answered.set)

    for future in futures:
        future.add_both(count)
    if futures:
        with suppress(TimeoutError):
            async with asyncio.timeout(DELIVERY_MS / 1000):
                await answered.wait()

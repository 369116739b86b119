"""A service on Kafka whose only event is `Happened`."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import KafkaAdminClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.consumers.consumers import Consumers
from chassis.consumers.dead_letters import MongoDeadLetters
from chassis.consumers.delivery import RetryPolicy
from chassis.consumers.group import DEFAULT_PACE, ConsumerPace
from chassis.contract.topics import group_of, topic_of
from chassis.events import Event, Subscription
from chassis.kafka.client import Kafka, Outcome, Record
from chassis.kafka.cloudevents import headers_of
from chassis.mongo.client import Document
from tests.contract.chassis.inbox import PATIENCE_SECONDS, Inbox

NOW = datetime(2026, 11, 23, 5, 18, tzinfo=UTC)
AT_ONCE = RetryPolicy(attempts=3, first_pause=timedelta(0))
NEVER_AGAIN = RetryPolicy(first_pause=timedelta(hours=1), longest_pause=timedelta(hours=1))


class World:
    """A service whose only event is `happened`."""

    def __init__(
        self,
        kafka_url: str,
        kafka: Kafka,
        database: AsyncDatabase[Document],
        happened: type[Any],
    ) -> None:
        self.kafka_url = kafka_url
        self.kafka = kafka
        self.happened = happened
        self.topic = topic_of(happened)
        self.group = group_of(kafka.source, self.topic)
        self.store = MongoDeadLetters(database)

    async def publish(self, *texts: str, key: str = "k") -> None:
        """Publish an event for each text; its id is the text."""
        await self.send(
            [
                Record(
                    self.topic,
                    key,
                    self.happened(text=text).SerializeToString(),
                    headers_of(Event(text, self.topic, key, NOW, "svc_things", "00-aa-bb-01")),
                )
                for text in texts
            ]
        )

    async def send(self, records: Sequence[Record]) -> None:
        assert set(await self.kafka.publish(records)) == {Outcome.ACKNOWLEDGED}

    @asynccontextmanager
    async def consuming(
        self,
        inbox: Inbox,
        policy: RetryPolicy = AT_ONCE,
        kafka: Kafka | None = None,
        pace: ConsumerPace = DEFAULT_PACE,
    ) -> AsyncIterator[Consumers]:
        """Consumers, until the block ends."""
        consumers = Consumers(
            self.kafka.source,
            kafka or self.kafka,
            [Subscription(self.happened, inbox)],
            self.store,
            policy,
            pace,
        )
        consumers.start()
        yield consumers
        async with asyncio.timeout(PATIENCE_SECONDS):
            await consumers.stop()

    async def committed(self) -> int:
        """How many events the group says it has settled."""

        def ask() -> int:
            admin = KafkaAdminClient(bootstrap_servers=self.kafka_url)
            try:
                offsets = admin.list_group_offsets(self.group)
            finally:
                admin.close()
            return sum(max(each.offset, 0) for each in offsets[self.group].values())

        return await asyncio.to_thread(ask)

    async def until_dead_letters(self, number: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.store.count() != number:
                await asyncio.sleep(0)

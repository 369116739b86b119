"""A service's consumers: one group for each event that it takes.

A service's `consumers.py` ends with its table of subscriptions:

    def subscriptions(replicas: Replicas) -> list[Subscription]:
        async def on_created(message: events_pb2.ProductCreated, event: Event) -> None: ...

        return [Subscription(events_pb2.ProductCreated, on_created), ...]
"""

import asyncio
from collections.abc import Sequence

from chassis.consumers.dead_letters import DeadLetterStore
from chassis.consumers.delivery import Delivery, RetryPolicy
from chassis.consumers.group import DEFAULT_PACE, ConsumerPace, GroupConsumer
from chassis.contract.topics import group_of
from chassis.events import Subscription
from chassis.kafka.client import GroupLag, Kafka
from chassis.tasks import cancel
from chassis.telemetry.metrics import Measured, Scrapes

DEFAULT_POLICY = RetryPolicy()

LAG = Measured(
    "kafka_consumergroup_lag",
    "Events of the topic that the group, all its processes together, has not settled.",
    ["consumergroup", "topic"],
)
DEAD_LETTERS = Measured("dead_letters", "Events that the group has given up.", ["consumergroup"])


class Consumers:
    """All consumer groups of one service, such as `cart-product-created`.

    Args:
        service: Such as `svc_cart`.
        kafka: Where events come from.
        subscriptions: Which events, and what they do; one for each topic.
        dead_letters: Where to keep what cannot be handled.
        policy: How often a failing event is tried.
        pace: Of each group's consumer.
    """

    def __init__(
        self,
        service: str,
        kafka: Kafka,
        subscriptions: Sequence[Subscription],
        dead_letters: DeadLetterStore,
        policy: RetryPolicy = DEFAULT_POLICY,
        pace: ConsumerPace = DEFAULT_PACE,
    ) -> None:
        topics = [each.topic for each in subscriptions]
        if len(set(topics)) < len(topics):
            raise ValueError(f"{service} subscribes twice to one topic: {sorted(topics)}")
        self._kafka = kafka
        self._dead_letters = dead_letters
        self._topics = {group_of(service, topic): topic for topic in topics}
        self._readers = [
            GroupConsumer(
                kafka, group, each.topic, Delivery(group, each, dead_letters, policy), pace
            )
            for group, each in zip(self._topics, subscriptions, strict=True)
        ]
        self._beginning: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to consume as soon as Kafka answers."""
        self._beginning = asyncio.create_task(self._begin())

    def ready(self) -> bool:
        """Whether every group has given this process its assignment, which may be empty."""
        return all(reader.ready() for reader in self._readers)

    async def lag(self) -> list[GroupLag]:
        """How far each group is behind, all its members in all processes together.

        Raises:
            KafkaError: Kafka is unreachable, or did not say within some seconds.
        """
        return await self._kafka.lag(self._topics)

    def measure(self, scrapes: Scrapes) -> None:
        """Have Kafka and the store asked for what only they know of the groups."""

        async def ask_lag() -> None:
            LAG.values = {(each.group, each.topic): each.events for each in await self.lag()}

        async def ask_letters() -> None:
            counts = await self._dead_letters.count_by_group(self._topics)
            DEAD_LETTERS.values = {(group,): counts.get(group, 0) for group in self._topics}

        scrapes.ask([LAG], ask_lag)
        scrapes.ask([DEAD_LETTERS], ask_letters)

    async def stop(self) -> None:
        """Finish the events being handled, commit, and leave the groups; about a second."""
        if self._beginning is not None:
            await cancel([self._beginning])
        await asyncio.gather(*(reader.stop() for reader in self._readers))

    async def _begin(self) -> None:
        # Before anyone subscribes: a topic made later is only seen minutes after.
        await self._kafka.ensure_topics(self._topics.values())
        for reader in self._readers:
            reader.start()

"""A group's member that plays a script instead of kafka-python's, under a reader."""

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any, cast

from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import UnknownMemberIdError
from shop.orders.v1 import events_pb2

from chassis.consumers.delivery import Delivery, RetryPolicy
from chassis.consumers.group import ConsumerPace, GroupConsumer
from chassis.events import Event, Subscription
from chassis.kafka.client import Kafka
from chassis.resilience.backoff import Backoff
from tests.unit.chassis.dead_letters_in_memory import DeadLettersInMemory

P0 = TopicPartition("order.cancelled", 0)
PATIENCE_SECONDS = 20.0
# Where the member says that it will poll next.
POSITION = 99
Polled = Mapping[TopicPartition, list[Any]]


class ScriptedMember:
    """Polls what is put into `polls`; an error there is raised."""

    def __init__(self, kafka: "ScriptedKafka") -> None:
        self._kafka = kafka
        self._listener: Any = None

    def subscribe(self, _: str, listener: Any) -> None:
        self._listener = listener

    async def poll(self, seconds: float) -> Polled:
        await self._listener.on_partitions_assigned([P0])
        await asyncio.sleep(0)
        if not self._kafka.polls:
            return {}
        polled = self._kafka.polls.popleft()
        if isinstance(polled, Exception):
            raise polled
        if polled == "revoke":
            await self._listener.on_partitions_revoked({P0})
            return {}
        if polled == "lose":
            await self._listener.on_partitions_lost({P0})
            return {}
        return cast("Polled", polled)

    def wake(self) -> None:
        """It never waits."""

    def fetch_anew(self) -> None:
        """It asks no one."""

    async def commit(
        self, offsets: dict[TopicPartition, OffsetAndMetadata], seconds: float
    ) -> None:
        if self._kafka.commit_errors:
            raise self._kafka.commit_errors.pop()
        self._kafka.committed += [each.offset for each in offsets.values()]

    async def commit_here(
        self, offsets: dict[TopicPartition, OffsetAndMetadata], seconds: float
    ) -> None:
        if not self._kafka.knows_members:
            raise UnknownMemberIdError
        self._kafka.committed += [each.offset for each in offsets.values()]

    def assignment(self) -> set[TopicPartition]:
        return {P0}

    def position(self, _: TopicPartition) -> int:
        return POSITION

    async def ends(
        self, partitions: list[TopicPartition], seconds: float
    ) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, POSITION)

    def rewind(self, partition: TopicPartition, offset: int) -> None:
        self._kafka.calls += [(f"rewind {offset}", partition)]

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        self._kafka.calls += [("pause", each) for each in partitions]

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        self._kafka.calls += [("resume", each) for each in partitions]

    async def close(self) -> None:
        self._kafka.closed += 1
        await self._listener.on_partitions_revoked({P0})


class ScriptedKafka:
    """As many members as are asked for, with one script."""

    def __init__(self) -> None:
        self.polls: deque[Polled | Exception | str] = deque()
        self.knows_members = True
        self.commit_errors: list[Exception] = []
        self.committed: list[int] = []
        self.calls: list[tuple[str, TopicPartition]] = []
        self.made = 0
        self.closed = 0

    async def member(self, _: str) -> ScriptedMember:
        self.made += 1
        return ScriptedMember(self)

    async def answers(self) -> bool:
        return True


PACE = ConsumerPace(
    patience=0.001, grace=PATIENCE_SECONDS, commit_every=0.0, backoff=Backoff(0.001, 0.001)
)


class World:
    """A reader whose handler waits for `open`, at events that begin with `held`."""

    def __init__(self, pace: ConsumerPace = PACE) -> None:
        self.kafka = ScriptedKafka()
        self.open = asyncio.Event()
        self.open.set()
        self.held = ""
        self.handled: list[str] = []
        self.began: list[str] = []
        subscription = Subscription(events_pb2.OrderCancelled, self._handle)
        delivery = Delivery("g", subscription, DeadLettersInMemory(), RetryPolicy())
        self.reader = GroupConsumer(
            cast("Kafka", self.kafka), "g", "order.cancelled", delivery, pace
        )

    async def _handle(self, message: Any, _: Event) -> None:
        self.began.append(message.detail)
        if message.detail.startswith(self.held):
            await self.open.wait()
        self.handled.append(message.detail)

    def arrive(self, offset: int, *texts: str) -> None:
        records = [
            SimpleNamespace(
                topic="order.cancelled",
                partition=0,
                offset=offset + number,
                timestamp=0,
                key=b"o1",
                value=events_pb2.OrderCancelled(detail=text).SerializeToString(),
                headers=[],
            )
            for number, text in enumerate(texts)
        ]
        self.kafka.polls.append({P0: records})


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0)

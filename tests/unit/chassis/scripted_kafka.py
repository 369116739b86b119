"""A consumer that plays a script instead of kafka-python's, under a reader."""

import asyncio
import queue
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from kafka import OffsetAndMetadata, TopicPartition
from shop.orders.v1 import events_pb2

from chassis.backoff import Backoff
from chassis.consumers.delivery import Delivery, RetryPolicy
from chassis.consumers.group import ConsumerPace, GroupConsumer
from chassis.events import Event, Subscription
from chassis.kafka.client import Kafka
from tests.unit.chassis.dead_letters_in_memory import DeadLettersInMemory

P0 = TopicPartition("order.cancelled", 0)
PATIENCE_SECONDS = 20.0
# Where the consumer says that it will poll next.
POSITION = 99
Polled = Mapping[TopicPartition, list[Any]]


class ScriptedConsumer:
    """Polls what is put into `polls`; an error there is raised."""

    def __init__(self, kafka: "ScriptedKafka") -> None:
        self._kafka = kafka
        self._listener: Any = None

    def subscribe(self, _: list[str], listener: Any) -> None:
        self._listener = listener

    def poll(self, timeout_ms: int) -> Polled:
        asyncio.run(self._listener.on_partitions_assigned([P0]))
        try:
            polled = self._kafka.polls.get(timeout=0.001)
        except queue.Empty:
            return {}
        if isinstance(polled, Exception):
            raise polled
        if polled == "revoke":
            asyncio.run(self._listener.on_partitions_revoked({P0}))
            return {}
        if polled == "lose":
            asyncio.run(self._listener.on_partitions_lost({P0}))
            return {}
        return cast("Polled", polled)

    def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata], timeout_ms: int) -> None:
        if self._kafka.commit_errors:
            raise self._kafka.commit_errors.pop()
        self._kafka.committed += [each.offset for each in offsets.values()]

    async def commit_async(self, offsets: dict[TopicPartition, OffsetAndMetadata]) -> None:
        self._kafka.committed += [each.offset for each in offsets.values()]

    def assignment(self) -> set[TopicPartition]:
        return {P0}

    def position(self, _: TopicPartition, timeout_ms: int) -> int:
        return POSITION

    def end_offsets(
        self, partitions: list[TopicPartition], timeout_ms: int
    ) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, POSITION)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._kafka.calls += [(f"seek {offset}", partition)]

    def pause(self, *partitions: TopicPartition) -> None:
        self._kafka.calls += [("pause", each) for each in partitions]

    def resume(self, *partitions: TopicPartition) -> None:
        self._kafka.calls += [("resume", each) for each in partitions]

    def close(self, autocommit: bool, timeout_ms: int) -> None:
        assert not autocommit
        self._kafka.closed += 1
        asyncio.run(self._listener.on_partitions_revoked({P0}))


class ScriptedKafka:
    """As many consumers as are asked for, with one script."""

    def __init__(self) -> None:
        self.polls: queue.Queue[Polled | Exception | str] = queue.Queue()
        self.commit_errors: list[Exception] = []
        self.committed: list[int] = []
        self.calls: list[tuple[str, TopicPartition]] = []
        self.made = 0
        self.closed = 0

    def consumer(self, _: str) -> ScriptedConsumer:
        self.made += 1
        return ScriptedConsumer(self)

    def answers(self) -> bool:
        return True


PACE = ConsumerPace(patience=0.001, grace=PATIENCE_SECONDS, backoff=Backoff(0.001, 0.001))


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
        self.kafka.polls.put({P0: records})


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0)

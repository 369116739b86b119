"""The polling thread, on a consumer that plays a script instead of kafka-python's."""

import asyncio
import queue
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import CommitFailedError, KafkaConnectionError
from shop.orders.v1 import events_pb2

from chassis.delivery import Delivery, RetryPolicy
from chassis.events import Event, Subscription
from chassis.group_reader import GroupReader
from chassis.kafka import Kafka
from tests.unit.chassis.dead_letters_in_memory import DeadLettersInMemory

pytestmark = pytest.mark.anyio

P0 = TopicPartition("order.cancelled", 0)
PATIENCE_SECONDS = 20.0
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


class World:
    """A reader whose handler waits for `open`, at events that begin with `held`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("chassis.group_reader.PATIENCE_SECONDS", 0.001)
        monkeypatch.setattr("chassis.group_reader.FIRST_RETRY_SECONDS", 0.001)
        monkeypatch.setattr("chassis.group_reader.GRACE_SECONDS", PATIENCE_SECONDS)
        self.kafka = ScriptedKafka()
        self.open = asyncio.Event()
        self.open.set()
        self.held = ""
        self.handled: list[str] = []
        self.began: list[str] = []
        subscription = Subscription(events_pb2.OrderCancelled, self._handle)
        delivery = Delivery("g", subscription, DeadLettersInMemory(), RetryPolicy())
        self.reader = GroupReader(cast("Kafka", self.kafka), "g", "order.cancelled", delivery)

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


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


async def test_what_is_handled_is_committed_and_the_consumer_is_closed(world: World) -> None:
    world.reader.start()
    world.arrive(7, "a")
    await until(lambda: world.kafka.committed == [8])
    await world.reader.stop()
    assert (world.kafka.made, world.kafka.closed) == (1, 1)
    assert world.kafka.committed == [8]


async def test_a_slow_partition_is_paused_and_resumed(world: World) -> None:
    world.open.clear()
    world.reader.start()
    world.arrive(0, "a")
    await until(lambda: world.kafka.calls == [("pause", P0)])
    world.open.set()
    await until(lambda: world.kafka.calls == [("pause", P0), ("resume", P0)])
    await world.reader.stop()


async def test_what_ends_while_the_consumer_stops_is_committed(world: World) -> None:
    world.open.clear()
    world.reader.start()
    world.arrive(0, "a")
    await until(lambda: world.kafka.calls == [("pause", P0)])
    stopping = asyncio.create_task(world.reader.stop())
    await until(lambda: not world.reader.ready())
    world.open.set()
    await stopping
    assert (world.handled, world.kafka.committed) == (["a"], [1])


async def test_what_is_settled_is_committed_when_the_partition_is_taken_away(world: World) -> None:
    world.kafka.commit_errors += [CommitFailedError() for _ in range(10_000)]
    world.reader.start()
    world.held = "b"
    world.open.clear()
    world.arrive(0, "a", "b")
    await until(lambda: world.began == ["a", "b"])
    assert world.kafka.committed == []
    world.kafka.polls.put("revoke")
    await until(lambda: world.kafka.committed == [1])
    world.open.set()
    await world.reader.stop()
    assert world.kafka.committed == [1]


async def test_what_is_lost_is_not_committed(world: World) -> None:
    world.open.clear()
    world.reader.start()
    world.arrive(0, "a")
    await until(lambda: world.began == ["a"])
    world.kafka.polls.put("lose")
    await until(world.kafka.polls.empty)
    await until(world.reader.ready)
    world.open.set()
    await until(lambda: world.handled == ["a"])
    world.arrive(5, "b")
    await until(lambda: world.kafka.committed == [6])
    await world.reader.stop()


async def test_being_out_of_the_group_at_a_commit_is_no_reason_to_start_again(
    world: World,
) -> None:
    world.kafka.commit_errors.append(CommitFailedError())
    world.reader.start()
    world.arrive(0, "a")
    await until(lambda: not world.kafka.commit_errors)
    world.arrive(1, "b")
    await until(lambda: world.kafka.committed == [2])
    await world.reader.stop()
    assert world.kafka.made == 1


@pytest.mark.parametrize("fault", [KafkaConnectionError("away"), RuntimeError("a fault of theirs")])
async def test_after_a_fault_a_new_consumer_goes_on(world: World, fault: Exception) -> None:
    world.reader.start()
    world.kafka.polls.put(fault)
    world.arrive(0, "a")
    await until(lambda: world.kafka.committed == [1])
    await world.reader.stop()
    assert (world.kafka.made, world.kafka.closed) == (2, 2)


async def test_readiness_is_having_an_assignment(world: World) -> None:
    assert not world.reader.ready()
    world.reader.start()
    await until(world.reader.ready)
    await world.reader.stop()
    assert not world.reader.ready()


async def test_a_reader_that_never_started_stops_at_once(world: World) -> None:
    await world.reader.stop()
    assert world.kafka.made == 0

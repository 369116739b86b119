"""Topics followed without a group: what is heard, and when all is known to be heard."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaConnectionError, KafkaTimeoutError, OffsetOutOfRangeError

from chassis.kafka.follower import FeedPace, Published, TopicFeed
from chassis.resilience.backoff import Backoff
from chassis.tasks import cancel

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20.0
TOPICS = ("a", "b")
AT_ONCE = FeedPace(0.001, 0.001, PATIENCE_SECONDS, Backoff(0.001, 0.001))


class Broker:
    """A Kafka whose topics have two partitions each."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.topics = {topic: [b"before"] for topic in TOPICS}
        self.partitions = 2
        self.errors: list[Exception] = []
        self.holds_back = False
        self.questions = 0
        self.readers = 0
        self.open = 0

    def reader(self) -> Any:
        with self.changed:
            self.raise_errors()
            self.readers += 1
            self.open += 1
        return Consumer(self)

    def publish(self, topic: str, value: bytes) -> None:
        """Always to partition 0."""
        with self.changed:
            self.topics[topic].append(value)
            self.changed.notify_all()

    def fail(self, error: Exception) -> None:
        with self.changed:
            self.errors.append(error)
            self.changed.notify_all()

    def raise_errors(self) -> None:
        if self.errors:
            raise self.errors.pop(0)

    def end(self, partition: TopicPartition) -> int:
        return len(self.topics[partition.topic]) if partition.partition == 0 else 0


class Consumer:
    """Reads in one thread, as kafka-python's does without a group."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._positions: dict[TopicPartition, int] = {}

    def partitions_for_topic(self, topic: str) -> set[int]:
        there = topic in self._broker.topics
        return set(range(self._broker.partitions)) if there else set()

    def assign(self, partitions: Sequence[TopicPartition]) -> None:
        # No position is known of any of them.
        self._positions = {}
        self._assigned = set(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        assert partition in self._assigned
        self._positions[partition] = offset

    def position(self, partition: TopicPartition) -> int:
        return self._positions[partition]

    def end_offsets(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        with self._broker.changed:
            self._broker.raise_errors()
            self._broker.questions += 1
            return {each: self._broker.end(each) for each in partitions}

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        assert set(self._positions) == self._assigned
        with self._broker.changed:
            if not self._fetched():
                self._broker.changed.wait(timeout_ms / 1000)
            self._broker.raise_errors()
            found = self._fetched()
            for partition, records in found.items():
                self._positions[partition] += len(records)
            return found

    def _fetched(self) -> dict[TopicPartition, list[Any]]:
        if self._broker.holds_back:
            return {}
        return {
            each: [
                SimpleNamespace(topic=each.topic, value=value, offset=offset)
                for offset, value in enumerate(self._broker.topics[each.topic])
                if offset >= position
            ]
            for each, position in self._positions.items()
            if position < self._broker.end(each)
        }

    def close(self) -> None:
        with self._broker.changed:
            self._broker.open -= 1


class Heard:
    """What a follower hears, in its order; proofs that all was heard beside."""

    def __init__(self) -> None:
        self.events: list[str | bytes] = []
        self.known_until = float("-inf")
        self.wants = threading.Event()
        self.wants.set()
        self.is_awaited = threading.Event()

    def begin(self) -> None:
        self.events.append("begin")

    def take(self, published: Sequence[Published]) -> None:
        self.events += [each.value for each in published]

    def is_current(self, at: float) -> None:
        assert at >= self.known_until
        self.known_until = at

    def is_wanted(self, within: float) -> bool:
        if not self.wants.is_set():
            self.is_awaited.set()
        return self.wants.wait(within)


@pytest.fixture
def broker() -> Broker:
    return Broker()


@asynccontextmanager
async def following(
    broker: Broker, topics: Collection[str] = TOPICS, pace: FeedPace = AT_ONCE
) -> AsyncIterator[Heard]:
    heard = Heard()
    feed = TopicFeed(broker, topics, heard, pace)
    task = asyncio.create_task(feed.run())
    yield heard
    async with asyncio.timeout(PATIENCE_SECONDS):
        await cancel([task])
    assert broker.open == 0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.001)


async def test_what_is_published_from_the_start_on_is_heard(broker: Broker) -> None:
    async with following(broker) as heard:
        await until(lambda: heard.events == ["begin"])
        broker.publish("a", b"1")
        broker.publish("a", b"2")
        await until(lambda: heard.events == ["begin", b"1", b"2"])
        broker.publish("b", b"3")
        await until(lambda: heard.events == ["begin", b"1", b"2", b"3"])


async def test_all_is_known_to_be_heard_up_to_a_question_and_never_before_its_events(
    broker: Broker,
) -> None:
    async with following(broker) as heard:
        for number in range(50):
            broker.publish("a", b"%d" % number)
            published = monotonic()
            await until(lambda: heard.known_until >= published)  # noqa: B023 - awaited here
            assert heard.events[-1:] in ([b"%d" % number], ["begin"])


async def test_while_events_are_held_back_nothing_new_is_known(broker: Broker) -> None:
    async with following(broker) as heard:
        await until(lambda: heard.known_until > 0)
        broker.holds_back = True
        broker.publish("a", b"1")
        published, questions = monotonic(), broker.questions
        await until(lambda: broker.questions > questions or heard.known_until >= published)
        for _ in range(100):
            await asyncio.sleep(0)
        assert heard.known_until < published
        broker.holds_back = False
        await until(lambda: heard.known_until >= published)
        assert heard.events == ["begin", b"1"]


async def test_it_rests_while_nothing_is_wanted(broker: Broker) -> None:
    async with following(broker) as heard:
        await until(lambda: heard.known_until > 0)
        heard.wants.clear()
        await until(heard.is_awaited.is_set)
        questions = broker.questions
        broker.publish("a", b"1")
        published = monotonic()
        for _ in range(100):
            await asyncio.sleep(0)
        assert (heard.events, broker.questions) == (["begin"], questions)
        heard.wants.set()
        await until(lambda: heard.known_until >= published)
        assert heard.events == ["begin", b"1"]


async def test_events_do_not_pile_up_while_it_rests(broker: Broker) -> None:
    async with following(broker, pace=replace(AT_ONCE, rest=0.001)) as heard:
        await until(lambda: heard.known_until > 0)
        heard.wants.clear()
        await until(heard.is_awaited.is_set)
        broker.publish("a", b"1")
        await until(lambda: heard.events == ["begin", b"1"])
        heard.wants.set()


@pytest.mark.parametrize(
    "error", [OffsetOutOfRangeError(), KafkaTimeoutError(), RuntimeError("a fault of kafka-python")]
)
async def test_after_any_failure_it_begins_again(broker: Broker, error: Exception) -> None:
    async with following(broker) as heard:
        await until(lambda: heard.events == ["begin"])
        broker.fail(error)
        await until(lambda: heard.events == ["begin", "begin"])
        broker.publish("b", b"1")
        await until(lambda: heard.events == ["begin", "begin", b"1"])


async def test_it_waits_for_kafka(broker: Broker) -> None:
    broker.errors = [KafkaConnectionError("away") for _ in range(3)]
    async with following(broker) as heard:
        await until(lambda: heard.events == ["begin"])
    assert broker.readers == 1


async def test_it_waits_for_topics(broker: Broker) -> None:
    async with following(broker, [*TOPICS, "c"]) as heard:
        await until(lambda: broker.readers == 1)
        for _ in range(100):
            await asyncio.sleep(0)
        assert heard.events == []
        broker.topics["c"] = []
        await until(lambda: heard.events == ["begin"])
        broker.publish("c", b"1")
        await until(lambda: heard.events == ["begin", b"1"])


async def test_with_new_partitions_it_begins_again(broker: Broker) -> None:
    async with following(broker) as heard:
        await until(lambda: heard.events == ["begin"])
        broker.partitions = 3
        await until(lambda: heard.events == ["begin", "begin"])


async def test_a_kafka_that_hangs_does_not_hold_up_the_end(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace, gate = replace(AT_ONCE, stop_within=0.001), threading.Event()
    monkeypatch.setattr(Consumer, "end_offsets", lambda *_: gate.wait(PATIENCE_SECONDS) and {})
    task = asyncio.create_task(TopicFeed(broker, TOPICS, Heard(), pace).run())
    await until(lambda: broker.open == 1)
    await cancel([task])
    assert broker.open == 1
    gate.set()
    await until(lambda: broker.open == 0)

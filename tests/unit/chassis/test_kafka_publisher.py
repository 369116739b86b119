"""A topic or a partition that takes nothing holds up its own records, and recovers by itself."""

from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NotEnoughReplicasError,
    TopicAuthorizationFailedError,
)

from chassis.kafka.clients import KafkaClients
from chassis.kafka.publisher import MOST_AT_ONCE, KafkaPublisher
from chassis.kafka.records import Outcome, Record, place_of
from chassis.kafka.topics import KafkaTopics, unsafe

ACKNOWLEDGED, HELD, UNAVAILABLE = Outcome.ACKNOWLEDGED, Outcome.HELD, Outcome.TIMED_OUT


class Broker:
    """Kafka, its clients and its topics; `trouble` says what some places answer."""

    def __init__(self) -> None:
        self.trouble: dict[Any, KafkaError] = {}
        self.is_away = False
        self.taken: list[tuple[str, str]] = []
        self.asked: list[str] = []
        self.producers: list[Producer] = []
        self.made: list[str] = []
        self.known: set[str] = set()

    # As KafkaClients.

    def producer(self) -> "Producer":
        self._reach()
        self.producers.append(Producer(self))
        return self.producers[-1]

    # As KafkaTopics.

    def ensure(self, topics: Collection[str]) -> Mapping[str, KafkaError]:
        missing = set(topics) - self.known
        if missing:
            self._reach()
        self.known |= missing
        for topic in missing:
            self.made.append(topic)
            if isinstance(self.trouble.get(topic), KafkaTimeoutError):
                del self.trouble[topic]  # it was deleted, and is there again
        return {}

    def are_known(self, topics: set[str]) -> bool:
        return topics <= self.known

    def forget(self, topics: Collection[str]) -> None:
        self.known -= set(topics)

    def _reach(self) -> None:
        if self.is_away:
            raise KafkaConnectionError("away")


class Answer:
    """The future of a record's metadata, with what came of it."""

    def __init__(self, error: KafkaError | None) -> None:
        self._error = error

    def get(self, timeout: float) -> None:
        if self._error:
            raise self._error

    def succeeded(self) -> bool:
        return self._error is None


class Producer:
    """A producer that answers at once."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._metadata = self
        self.is_closed = False

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        return None if (topic, None) in self._broker.trouble else {0, 1, 2}

    def partitions_for(self, topic: str) -> set[int]:
        self._broker.asked.append(topic)
        if error := self._broker.trouble.get((topic, None)):
            raise error
        return {0, 1, 2}

    def send(self, topic: str, value: bytes, key: bytes, headers: Any) -> Answer:
        assert not self.is_closed
        place = place_of(cast("Any", self), Record(topic, key.decode(), b"", ()))
        error = self._broker.trouble.get(topic) or self._broker.trouble.get(place)
        if error is None and self._broker.is_away:
            error = KafkaTimeoutError("away")
        if error is None:
            self._broker.taken.append((topic, key.decode()))
        return Answer(error)

    def close(self, timeout: float) -> None:
        self.is_closed = True


class Inline:
    """An executor that keeps what it is given until `run`."""

    def __init__(self) -> None:
        self.work: list[Any] = []

    def submit(self, *work: Any) -> None:
        self.work.append(work)

    def shutdown(self, **_: Any) -> None:
        """Nothing to end."""

    def run(self) -> None:
        work, self.work = self.work, []
        for function, *arguments in work:
            function(*arguments)


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def trying(monkeypatch: pytest.MonkeyPatch) -> Inline:
    inline = Inline()
    monkeypatch.setattr("chassis.kafka.publisher.ThreadPoolExecutor", lambda *_, **__: inline)
    return inline


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=0.0)
    fake = SimpleNamespace(monotonic=lambda: clock.now)
    monkeypatch.setattr("chassis.kafka.publisher.time", fake)
    return clock


@pytest.fixture
def publisher(broker: Broker, trying: Inline, clock: SimpleNamespace) -> KafkaPublisher:
    return KafkaPublisher(cast("KafkaClients", broker), cast("KafkaTopics", broker))


def record(topic: str, key: str = "k") -> Record:
    return Record(topic, key, b"value", ())


MIXED = [record("denied", "a"), *(record("fine", key) for key in "bcd")]


def test_a_denied_topic_holds_up_only_itself(broker: Broker, publisher: KafkaPublisher) -> None:
    broker.trouble["denied", None] = TopicAuthorizationFailedError()
    for _ in range(3):
        assert publisher.publish(MIXED) == [HELD, ACKNOWLEDGED, ACKNOWLEDGED, ACKNOWLEDGED]
    # It is not asked for again, which may block for a second each time.
    assert broker.asked.count("denied") == 1


def test_a_partition_without_a_leader_holds_up_only_itself(
    broker: Broker, publisher: KafkaPublisher
) -> None:
    records = [record("t", f"{number}") for number in range(9)]
    place = place_of(cast("Any", Producer(broker)), records[0])
    broker.trouble[place] = KafkaTimeoutError("no leader")
    outcomes = publisher.publish(records)
    for each, outcome in zip(records, outcomes, strict=True):
        is_there = place_of(cast("Any", Producer(broker)), each) == place
        assert outcome is (HELD if is_there else ACKNOWLEDGED)
    assert {HELD, ACKNOWLEDGED} == set(outcomes)


def test_where_nothing_else_is_published_it_is_held_too(
    broker: Broker, publisher: KafkaPublisher
) -> None:
    broker.trouble["denied", None] = TopicAuthorizationFailedError()
    assert publisher.publish([record("denied")]) == [HELD]
    assert publisher.publish(MIXED) == [HELD, ACKNOWLEDGED, ACKNOWLEDGED, ACKNOWLEDGED]


def test_what_is_held_is_tried_apart_and_taken_again(
    broker: Broker, publisher: KafkaPublisher, trying: Inline, clock: SimpleNamespace
) -> None:
    broker.trouble["denied", None] = TopicAuthorizationFailedError()
    publisher.publish(MIXED)
    assert publisher.publish(MIXED)[0] is HELD
    trying.run()
    del broker.trouble["denied", None]
    assert publisher.publish(MIXED)[0] is HELD  # it is not yet time to try again
    assert trying.work == []
    clock.now += 60
    assert publisher.publish(MIXED)[0] is HELD
    trying.run()
    assert publisher.publish(MIXED) == [ACKNOWLEDGED] * 4


def test_a_deleted_topic_is_made_again(
    broker: Broker, publisher: KafkaPublisher, trying: Inline
) -> None:
    assert publisher.publish([record("t")]) == [ACKNOWLEDGED]
    broker.trouble["t"] = KafkaTimeoutError("no such topic or partition")
    assert publisher.publish([record("t")]) == [HELD]
    assert broker.made == ["t", "t"]
    publisher.publish([record("t")])
    trying.run()
    assert publisher.publish([record("t")]) == [ACKNOWLEDGED]


def test_no_event_of_a_key_overtakes_one_of_another_topic(
    broker: Broker, publisher: KafkaPublisher
) -> None:
    broker.trouble["order.created"] = NotEnoughReplicasError("too few")
    broker.trouble["order.paid"] = NotEnoughReplicasError("too few")
    records = [
        *(record("order.created", "o1"), record("order.cancelled", "o1")),
        record("order.cancelled", "o2"),
    ]
    assert publisher.publish(records) == [HELD, HELD, ACKNOWLEDGED]
    assert publisher.publish(records) == [HELD, HELD, ACKNOWLEDGED]
    assert set(broker.taken) == {("order.cancelled", "o2")}


def test_while_kafka_is_unreachable_nothing_is_held(
    broker: Broker, publisher: KafkaPublisher
) -> None:
    assert publisher.publish(MIXED) == [ACKNOWLEDGED] * 4
    broker.is_away = True
    assert publisher.publish(MIXED) == [UNAVAILABLE] * 4
    assert publisher.publish(MIXED) == [UNAVAILABLE] * 4
    broker.is_away = False
    assert publisher.publish(MIXED) == [ACKNOWLEDGED] * 4


def test_a_producer_that_failed_is_replaced_once_no_call_uses_it(
    broker: Broker, publisher: KafkaPublisher
) -> None:
    broker.trouble["denied"] = KafkaTimeoutError("")
    broker.trouble["fine", None] = KafkaTimeoutError("")
    publisher.publish(MIXED)
    assert [producer.is_closed for producer in broker.producers] == [True]
    with publisher._connected() as used:
        used.replace()
        assert not broker.producers[-1].is_closed
    assert broker.producers[-1].is_closed


def test_what_needs_nothing_is_sent_at_once(broker: Broker, publisher: KafkaPublisher) -> None:
    publisher.publish([record("t")])
    sending = publisher.begin([record("t", "a"), record("t", "b")])
    assert broker.taken[1:] == [("t", "a"), ("t", "b")]
    assert sending is not None
    assert sending.is_taken
    assert publisher.finish(sending) == [ACKNOWLEDGED] * 2


def test_what_was_sent_at_once_and_not_taken_is_held_too(
    broker: Broker, publisher: KafkaPublisher
) -> None:
    publisher.publish([record("t"), record("u")])
    broker.trouble["t"] = NotEnoughReplicasError("too few")
    sending = publisher.begin([record("t", "a"), record("u", "b")])
    assert sending is not None
    assert not sending.is_taken
    assert publisher.finish(sending) == [HELD, ACKNOWLEDGED]
    assert [producer.is_closed for producer in broker.producers] == [True]
    assert publisher.begin([record("t", "a")]) is None
    assert publisher.publish([record("t", "a"), record("u", "b")]) == [HELD, ACKNOWLEDGED]


@pytest.mark.parametrize(
    ("published", "trouble", "begun"),
    [
        ([], {}, [record("t")]),
        ([record("t")], {}, [record("unknown")]),
        ([record("t")], {("t", None): KafkaTimeoutError("no metadata")}, [record("t")]),
        ([record("t"), record("u")], {}, [record("t"), record("u")]),
        ([record("t")], {}, [record("t")] * (MOST_AT_ONCE + 1)),
    ],
    ids=["no producer", "no topic", "no partitions", "one key in two topics", "many"],
)
def test_what_may_have_to_wait_is_not_sent_at_once(
    broker: Broker,
    publisher: KafkaPublisher,
    published: list[Record],
    trouble: dict[Any, KafkaError],
    begun: list[Record],
) -> None:
    if published:
        publisher.publish(published)
    broker.trouble |= trouble
    taken = list(broker.taken)
    assert publisher.begin(begun) is None
    assert broker.taken == taken


SAFE = {
    "min.insync.replicas": "2",
    "unclean.leader.election.enable": "false",
    "retention.ms": "-1",
}


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({}, {}),
        ({"min.insync.replicas": "3"}, {}),
        ({"min.insync.replicas": "1"}, {"min.insync.replicas": "2"}),
        ({"unclean.leader.election.enable": "true"}, {"unclean.leader.election.enable": "false"}),
        ({"retention.ms": "604800000"}, {}),
        ({"retention.ms": "3600000"}, {"retention.ms": "-1"}),
    ],
)
def test_what_may_lose_acknowledged_events_is_found(
    changed: dict[str, str], advice: dict[str, str]
) -> None:
    assert unsafe(SAFE | changed, 2) == advice

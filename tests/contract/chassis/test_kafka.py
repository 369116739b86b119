import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import KafkaConsumer

from chassis.cloudevents import headers_of
from chassis.events import Event
from chassis.ids import new_id
from chassis.kafka import PARTITIONS, Kafka, Outcome, Record
from devstack.servers import Servers

pytestmark = pytest.mark.anyio

EVENT = Event("e1", "thing.happened", "k", datetime(2026, 11, 23, tzinfo=UTC), "svc_things")


def record(topic: str, value: bytes = b"value", key: str = "k") -> Record:
    return Record(topic, key, value, headers_of(EVENT))


async def read(servers: Servers, topic: str, number: int) -> list[Any]:
    """The first records of `topic`, of any partition."""

    def poll() -> list[Any]:
        consumer = KafkaConsumer(
            topic, bootstrap_servers=servers.kafka, auto_offset_reset="earliest", group_id=None
        )
        try:
            return [each for _, each in zip(range(number), consumer, strict=False)]
        finally:
            consumer.close()

    async with asyncio.timeout(30):
        return await asyncio.to_thread(poll)


async def test_a_record_arrives_as_it_was_published(servers: Servers, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    assert await kafka.publish([record(topic)]) == [Outcome.KEPT]
    [found] = await read(servers, topic, 1)
    assert (found.key, found.value, found.headers) == (b"k", b"value", headers_of(EVENT))


async def test_records_of_one_key_keep_their_order(servers: Servers, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    values = [f"{number}".encode() for number in range(1000)]
    for some in (values[:700], values[700:]):
        assert set(await kafka.publish([record(topic, value) for value in some])) == {Outcome.KEPT}
    assert [found.value for found in await read(servers, topic, 1000)] == values


async def test_a_record_that_is_too_large_is_refused_alone(servers: Servers, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    records = [record(topic, b"a"), record(topic, b"x" * 2_000_000), record(topic, b"b")]
    assert await kafka.publish(records) == [Outcome.KEPT, Outcome.REFUSED, Outcome.KEPT]
    assert [found.value for found in await read(servers, topic, 2)] == [b"a", b"b"]


async def test_a_name_that_no_topic_may_have_is_refused(kafka: Kafka) -> None:
    assert await kafka.publish([record("no such/name")]) == [Outcome.REFUSED]


async def test_topics_are_made_once_with_their_partitions(servers: Servers, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    other = Kafka(servers.kafka, source="svc_other")
    await asyncio.gather(kafka.ensure_topics([topic]), other.ensure_topics([topic]))
    await kafka.ensure_topics([topic])
    await other.close()
    consumer = await asyncio.to_thread(kafka.consumer, "any")
    partitions = await asyncio.to_thread(consumer.partitions_for_topic, topic)
    await asyncio.to_thread(consumer.close)
    assert partitions == set(range(PARTITIONS))


async def test_many_publish_at_once(servers: Servers, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    batches = [[record(topic, key=f"{batch}") for _ in range(20)] for batch in range(10)]
    outcomes = await asyncio.gather(*map(kafka.publish, batches))
    assert {outcome for batch in outcomes for outcome in batch} == {Outcome.KEPT}
    assert len(await read(servers, topic, 200)) == 200


async def test_without_kafka_nothing_is_kept() -> None:
    kafka = Kafka("127.0.0.1:1", source="svc_things")
    assert await kafka.publish([record("t"), record("t")]) == [Outcome.UNAVAILABLE] * 2
    await kafka.close()


async def test_the_first_server_that_answers_is_enough(servers: Servers) -> None:
    kafka = Kafka(f"127.0.0.1:1, {servers.kafka}", source="svc_things")
    assert await kafka.publish([record(f"t.{new_id()}")]) == [Outcome.KEPT]
    await kafka.close()

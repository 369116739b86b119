import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer
from kafka.admin import ConfigResource, ConfigResourceType
from structlog.testing import capture_logs

from chassis.events import Event
from chassis.ids import new_id
from chassis.kafka.client import PARTITIONS, Kafka, Outcome, Record
from chassis.kafka.cloudevents import headers_of

pytestmark = pytest.mark.anyio

EVENT = Event("e1", "thing.happened", "k", datetime(2026, 11, 23, tzinfo=UTC), "svc_things")


def record(topic: str, value: bytes = b"value", key: str = "k") -> Record:
    return Record(topic, key, value, headers_of(EVENT))


async def read(kafka_url: str, topic: str, number: int) -> list[Any]:
    """The first records of `topic`, of any partition."""

    def poll() -> list[Any]:
        consumer = KafkaConsumer(
            topic, bootstrap_servers=kafka_url, auto_offset_reset="earliest", group_id=None
        )
        try:
            return [each for _, each in zip(range(number), consumer, strict=False)]
        finally:
            consumer.close()

    async with asyncio.timeout(30):
        return await asyncio.to_thread(poll)


async def test_a_record_arrives_as_it_was_published(kafka_url: str, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    assert await kafka.publish([record(topic)]) == [Outcome.ACKNOWLEDGED]
    [found] = await read(kafka_url, topic, 1)
    assert (found.key, found.value, found.headers) == (b"k", b"value", headers_of(EVENT))


async def test_records_of_one_key_keep_their_order(kafka_url: str, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    values = [f"{number}".encode() for number in range(1000)]
    for some in (values[:700], values[700:]):
        assert set(await kafka.publish([record(topic, value) for value in some])) == {
            Outcome.ACKNOWLEDGED
        }
    assert [found.value for found in await read(kafka_url, topic, 1000)] == values


async def test_a_record_that_is_too_large_is_refused_alone(kafka_url: str, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    records = [record(topic, b"a"), record(topic, b"x" * 2_000_000), record(topic, b"b")]
    assert await kafka.publish(records) == [
        Outcome.ACKNOWLEDGED,
        Outcome.REJECTED,
        Outcome.ACKNOWLEDGED,
    ]
    assert [found.value for found in await read(kafka_url, topic, 2)] == [b"a", b"b"]


async def test_a_name_that_no_topic_may_have_is_refused(kafka: Kafka) -> None:
    assert await kafka.publish([record("no such/name")]) == [Outcome.REJECTED]


async def test_topics_are_made_once_with_their_partitions(kafka_url: str, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    other = Kafka(kafka_url, source="svc_other")
    await asyncio.gather(kafka.ensure_topics([topic]), other.ensure_topics([topic]))
    await kafka.ensure_topics([topic])
    await other.close()
    consumer = await asyncio.to_thread(KafkaConsumer, bootstrap_servers=kafka_url)
    partitions = await asyncio.to_thread(consumer.partitions_for_topic, topic)
    await asyncio.to_thread(consumer.close)
    assert partitions == set(range(PARTITIONS))


async def test_many_publish_at_once(kafka_url: str, kafka: Kafka) -> None:
    topic = f"t.{new_id()}"
    in_flight = [[record(topic, key=f"{batch}") for _ in range(20)] for batch in range(10)]
    outcomes = await asyncio.gather(*map(kafka.publish, in_flight))
    assert {outcome for batch in outcomes for outcome in batch} == {Outcome.ACKNOWLEDGED}
    assert len(await read(kafka_url, topic, 200)) == 200


async def test_without_kafka_nothing_is_kept() -> None:
    kafka = Kafka("127.0.0.1:1", source="svc_things")
    assert await kafka.publish([record("t"), record("t")]) == [Outcome.TIMED_OUT] * 2
    await kafka.close()


async def test_the_first_server_that_answers_is_enough(kafka_url: str) -> None:
    kafka = Kafka(f"127.0.0.1:1, {kafka_url}", source="svc_things")
    assert await kafka.publish([record(f"t.{new_id()}")]) == [Outcome.ACKNOWLEDGED]
    await kafka.close()


async def settings_of(kafka_url: str, topic: str) -> dict[str, str]:
    """The settings of `topic` as the broker has them."""

    def describe() -> dict[str, str]:
        admin = KafkaAdminClient(bootstrap_servers=kafka_url)
        try:
            resource = ConfigResource(ConfigResourceType.TOPIC, topic)
            [found] = admin.describe_configs([resource], config_filter="all")["topic"].values()
            return {name: each["value"] for name, each in found.items()}
        finally:
            admin.close()

    return await asyncio.to_thread(describe)


async def test_topics_are_made_so_that_acknowledged_events_are_safe(
    kafka_url: str, kafka: Kafka
) -> None:
    topic = f"t.{new_id()}"
    await kafka.ensure_topics([topic])
    settings = await settings_of(kafka_url, topic)
    assert settings["min.insync.replicas"] == "1"  # of one replica
    assert settings["unclean.leader.election.enable"] == "false"
    assert settings["retention.ms"] == "-1"


async def test_unsafe_settings_of_topics_that_are_there_are_said_at_the_start(
    kafka_url: str, kafka: Kafka
) -> None:
    unsafe, safe = f"t.{new_id()}", f"t.{new_id()}"

    def make() -> None:
        admin = KafkaAdminClient(bootstrap_servers=kafka_url)
        admin.create_topics({unsafe: {"configs": {"retention.ms": "1000"}}, safe: {}})
        admin.close()

    await asyncio.to_thread(make)
    with capture_logs() as logs:
        await kafka.ensure_topics([unsafe, safe])
    assert [(line["topic"], line["setting"]) for line in logs] == [(unsafe, "retention.ms=1000")]
    assert logs[0]["advice"].endswith(f"--entity-name {unsafe} --add-config retention.ms=-1")


async def test_fewer_replicas_than_wanted_are_said_at_the_start(kafka_url: str) -> None:
    topic = f"t.{new_id()}"
    one, three = (Kafka(kafka_url, source="svc_t", replication=number) for number in (1, 3))
    await one.ensure_topics([topic])
    with capture_logs() as logs:
        await three.ensure_topics([topic])
    await asyncio.gather(one.close(), three.close())
    assert {line.get("setting", line.get("replicas")) for line in logs} == {
        "min.insync.replicas=1",
        1,
    }


async def test_a_deleted_topic_is_made_again(kafka_url: str, kafka: Kafka) -> None:
    topic, other = f"t.{new_id()}", f"t.{new_id()}"
    assert (
        await kafka.publish([record(topic), record(other, key="j")]) == [Outcome.ACKNOWLEDGED] * 2
    )

    def delete() -> None:
        admin = KafkaAdminClient(bootstrap_servers=kafka_url)
        admin.delete_topics([topic])
        admin.close()

    await asyncio.to_thread(delete)
    async with asyncio.timeout(60):
        while True:
            outcomes = await kafka.publish([record(topic), record(other, key="j")])
            assert outcomes[1] is Outcome.ACKNOWLEDGED
            if outcomes[0] is Outcome.ACKNOWLEDGED:
                break
            await asyncio.sleep(0.05)
    assert (await settings_of(kafka_url, topic))["retention.ms"] == "-1"

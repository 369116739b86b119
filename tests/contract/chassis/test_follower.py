"""Topics followed on a real Kafka: nothing is missed, and what may be missed is known."""

import asyncio

import pytest
from kafka import KafkaAdminClient

from chassis.ids import new_id
from chassis.kafka.client import PARTITIONS, Kafka, Outcome, Record
from tests.contract.chassis.following import following

pytestmark = pytest.mark.anyio


@pytest.fixture
def topics() -> list[str]:
    return [f"t.{new_id()}" for _ in range(2)]


async def publish(kafka: Kafka, topic: str, *values: bytes) -> None:
    """Each with a key of its own, so in any partition."""
    records = [Record(topic, new_id(), value, []) for value in values]
    assert set(await kafka.publish(records)) == {Outcome.ACKNOWLEDGED}


async def change(kafka_url: str, ask: str, what: object) -> None:
    """Have an administrator do something with topics."""

    def done() -> None:
        admin = KafkaAdminClient(bootstrap_servers=kafka_url)
        try:
            getattr(admin, ask)(what)
        finally:
            admin.close()

    await asyncio.to_thread(done)


async def test_all_that_was_acknowledged_is_heard_by_the_next_proof(
    kafka_url: str, kafka: Kafka, topics: list[str]
) -> None:
    await kafka.ensure_topics(topics)
    await publish(kafka, topics[0], b"before")
    async with following(kafka_url, *topics) as heard, following(kafka_url, *topics) as other:
        await heard.all()
        await other.all()
        published = []
        for number in range(1, 20):
            values = [b"%d %d" % (number, each) for each in range(number)]
            published += values
            await publish(kafka, topics[number % 2], *values)
            await heard.all()
            assert sorted(heard.values) == sorted(published)
        await other.all()
        assert sorted(other.values) == sorted(published)
    assert heard.begun == other.begun == 1


async def test_events_of_one_key_keep_their_order(
    kafka_url: str, kafka: Kafka, topics: list[str]
) -> None:
    await kafka.ensure_topics(topics)
    values = [b"%d" % number for number in range(2000)]
    async with following(kafka_url, *topics) as heard:
        await heard.all()
        await kafka.publish([Record(topics[0], "k", value, []) for value in values])
        await heard.all()
        assert heard.values == values


async def test_topics_that_come_late_are_followed(
    kafka_url: str, kafka: Kafka, topics: list[str]
) -> None:
    await kafka.ensure_topics(topics[:1])
    async with following(kafka_url, *topics) as heard:
        await publish(kafka, topics[0], b"unheard")
        await publish(kafka, topics[1], b"unheard")
        await heard.until(lambda: heard.begun == 1)
        await publish(kafka, topics[1], b"heard")
        await heard.all()
        assert b"heard" in heard.values


async def test_new_partitions_are_followed(kafka_url: str, kafka: Kafka, topics: list[str]) -> None:
    await kafka.ensure_topics(topics)
    async with following(kafka_url, *topics) as heard:
        await heard.all()
        await change(kafka_url, "create_partitions", {topics[0]: PARTITIONS + 5})
        await heard.until(lambda: heard.begun == 2)
    other = Kafka(kafka_url, source="svc_other")  # one that knows all partitions
    async with following(kafka_url, *topics) as heard:
        await heard.all()
        values = [b"%d" % number for number in range(50)]
        await publish(other, topics[0], *values)
        await heard.all()
        assert sorted(heard.values) == sorted(values)
    await other.close()


async def test_where_a_topic_was_made_again_it_begins_again(
    kafka_url: str, kafka: Kafka, topics: list[str]
) -> None:
    await kafka.ensure_topics(topics)
    async with following(kafka_url, *topics) as heard:
        await publish(kafka, topics[0], *(b"%d" % number for number in range(20)))
        await heard.all()
        await change(kafka_url, "delete_topics", [topics[0]])
        other = Kafka(kafka_url, source="svc_other")
        await other.ensure_topics(topics)
        await heard.until(lambda: heard.begun == 2)
        await publish(other, topics[0], b"new")
        await heard.all()
        assert heard.values[-1] == b"new"
        await other.close()

"""Consumers on Kafka that handle what they get."""

import asyncio
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.consumers.consumers import Consumers
from chassis.consumers.dead_letters import MongoDeadLetters
from chassis.contract.topics import topic_of
from chassis.events import Event, Subscription
from chassis.ids import new_id
from chassis.kafka.client import PARTITIONS, Kafka, Outcome, Record
from chassis.mongo.client import Document
from tests.contract.chassis.consuming import NOW, World
from tests.contract.chassis.inbox import PATIENCE_SECONDS, Inbox

pytestmark = pytest.mark.anyio


async def test_an_event_reaches_its_handler(world: World) -> None:
    inbox = Inbox()
    async with world.consuming(inbox):
        await world.publish("a")
        await inbox.until(lambda: inbox.handled == ["a"])
    assert inbox.events == [Event("a", world.topic, "k", NOW, "svc_things", "00-aa-bb-01")]


async def test_what_was_published_before_the_group_was_there_is_read(world: World) -> None:
    await world.publish("a", "b")
    inbox = Inbox()
    async with world.consuming(inbox):
        await inbox.until(lambda: inbox.handled == ["a", "b"])


async def test_an_event_without_cloudevents_headers_is_known_by_its_place(world: World) -> None:
    inbox = Inbox()
    await world.send([Record(world.topic, "k", world.happened(text="a").SerializeToString(), [])])
    async with world.consuming(inbox):
        await inbox.until(lambda: inbox.handled == ["a"])
    [event] = inbox.events
    topic, partition, offset = event.id.split("/")
    assert (topic, partition in "012", offset) == (world.topic, True, "0")
    assert event.key == "k"
    assert event.time > NOW


async def test_readiness_is_having_the_assignment(world: World) -> None:
    async with world.consuming(Inbox()) as consumers:
        assert not consumers.ready()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not consumers.ready():
                await asyncio.sleep(0)
    assert not consumers.ready()


async def test_two_replicas_share_the_partitions_and_one_takes_over(world: World) -> None:
    keys = [f"k{number}" for number in range(30)]
    one, two = Inbox(), Inbox()
    replica = Kafka(world.kafka_url, source=world.kafka.source)
    async with world.consuming(one):
        await world.publish("first")
        await one.until(lambda: one.handled == ["first"])
        async with world.consuming(two, kafka=replica) as consumers:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not consumers.ready():
                    await asyncio.sleep(0)
            for key in keys:
                await world.publish(key, key=key)
            await asyncio.gather(
                one.until(lambda: set(keys) <= {*one.handled, *two.handled} or bool(two.handled)),
                two.until(lambda: bool(two.handled)),
            )
        for key in keys:
            await world.publish(f"{key} again", key=key)
        await one.until(lambda: {f"{key} again" for key in keys} <= set(one.handled))
    assert set(keys) <= {*one.handled, *two.handled}
    await replica.close()


async def test_a_rebalance_in_the_middle_of_batches_leaves_nothing_out(world: World) -> None:
    texts = {f"{key} {number}" for key in range(12) for number in range(5)}
    for key in range(12):
        await world.publish(*(f"{key} {number}" for number in range(5)), key=f"{key}")
    one, two = Inbox(), Inbox()
    one.hold.clear()
    replica = Kafka(world.kafka_url, source=world.kafka.source)
    async with world.consuming(one):
        await one.until(lambda: len(one.attempts) == PARTITIONS)
        # At least one of the partitions stays with `one`.
        async with world.consuming(two, kafka=replica) as consumers:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not consumers.ready():
                    await asyncio.sleep(0)
            one.hold.set()
            async with asyncio.timeout(PATIENCE_SECONDS):
                while {*one.handled, *two.handled} != texts:
                    await asyncio.sleep(0)
    await replica.close()


async def test_many_events_are_all_handled_in_the_order_of_their_keys(world: World) -> None:
    inbox = Inbox()
    async with world.consuming(inbox):
        for key in ["x", "y", "z"]:
            await world.publish(*(f"{key} {number:04}" for number in range(500)), key=key)
        await inbox.until(lambda: len(inbox.handled) == 1500)
    for key in ["x", "y", "z"]:
        texts = [text for text in inbox.handled if text.startswith(key)]
        assert texts == sorted(texts)


async def test_without_kafka_consumers_wait_and_can_be_stopped(
    database: AsyncDatabase[Document], happened: type[Any]
) -> None:
    kafka = Kafka("127.0.0.1:1", source=f"svc_{new_id()}")
    consumers = Consumers(
        kafka.source, kafka, [Subscription(happened, Inbox())], MongoDeadLetters(database)
    )
    consumers.start()
    outcomes = await kafka.publish([Record(topic_of(happened), "k", b"", [])])
    assert outcomes == [Outcome.TIMED_OUT]
    assert not consumers.ready()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await consumers.stop()
        await kafka.close()


async def test_an_event_can_be_subscribed_to_once(
    kafka: Kafka, database: AsyncDatabase[Document], happened: type[Any]
) -> None:
    twice = [Subscription(happened, Inbox()), Subscription(happened, Inbox())]
    with pytest.raises(ValueError, match="twice"):
        Consumers("svc_cart", kafka, twice, MongoDeadLetters(database))

"""How far the groups of a service are behind, asked of Kafka."""

import asyncio
from collections.abc import Callable

import pytest
from kafka.errors import KafkaError

from chassis.consumers.consumers import Consumers
from chassis.contract.topics import group_of
from chassis.ids import new_id
from chassis.kafka.client import PARTITIONS, GroupLag, Kafka
from tests.contract.chassis.consuming import World
from tests.contract.chassis.inbox import PATIENCE_SECONDS, Inbox
from tests.support.running import free_port

pytestmark = pytest.mark.anyio


async def behind(consumers: Consumers, is_wanted: Callable[[int], bool]) -> GroupLag:
    """The lag of the only group, once it is as wanted."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            [lag] = await consumers.lag()
            if is_wanted(lag.events):
                return lag


async def test_a_group_is_behind_by_what_it_has_not_settled(world: World) -> None:
    inbox = Inbox()
    async with world.consuming(inbox) as consumers:
        await world.publish("a")
        await inbox.until(lambda: inbox.handled == ["a"])
        caught_up = await behind(consumers, lambda events: events == 0)
        inbox.hold.clear()
        await world.publish("b", "c", "d")
        lag = await behind(consumers, lambda events: events != 0)
        inbox.hold.set()
        await behind(consumers, lambda events: events == 0)
    assert (caught_up.group, caught_up.topic) == (world.group, world.topic)
    assert set(caught_up.partitions) == set(range(PARTITIONS))
    assert sorted(lag.partitions.values()) == [0, 0, 3]


async def test_a_group_that_never_read_is_behind_by_all(world: World) -> None:
    await world.publish("a", "b")
    [lag] = await world.kafka.lag({world.group: world.topic})
    assert lag.events == 2


async def test_a_topic_that_is_not_there_is_not_made(kafka: Kafka) -> None:
    topic = f"thing.{new_id()}"
    group = group_of("svc_things", topic)
    for _ in range(2):
        assert await kafka.lag({group: topic}) == [GroupLag(group, topic, {})]


async def test_without_groups_there_is_nothing_to_ask(kafka: Kafka) -> None:
    assert await kafka.lag({}) == []


async def test_while_kafka_is_unreachable_no_one_knows(service: str) -> None:
    kafka = Kafka(f"127.0.0.1:{free_port()}", source=service)
    with pytest.raises(KafkaError):
        await kafka.lag({"things": "thing"})
    await kafka.close()

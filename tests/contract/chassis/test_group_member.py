"""A group's member on a real Kafka, and what it cures in kafka-python's consumer."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import pytest
from kafka import AsyncConsumerRebalanceListener, TopicPartition
from kafka.errors import KafkaConnectionError

from chassis.kafka.client import Kafka
from chassis.kafka.member import GroupMember
from tests.contract.chassis.consuming import World
from tests.contract.chassis.inbox import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

POLL_SECONDS = 0.1
# Two that Kafka keeps in different partitions.
KEYS = ("a", "b")
RECORDS = 3


class Listener(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka is untyped
    """Does nothing."""

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None: ...

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None: ...


@asynccontextmanager
async def joined(world: World, kafka: Kafka | None = None) -> AsyncIterator[GroupMember]:
    """A member that has its partitions, and has read what there was."""
    await world.kafka.ensure_topics([world.topic])
    member = await (kafka or world.kafka).member(world.group)
    member.subscribe(world.topic, Listener())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not member.assignment():
                assert not await member.poll(POLL_SECONDS)
        yield member
    finally:
        await member.close()


async def test_a_poll_ends_with_the_events_that_come_meanwhile(world: World) -> None:
    async with joined(world) as member:
        polling = asyncio.create_task(member.poll(PATIENCE_SECONDS))
        await world.publish("a")
        async with asyncio.timeout(PATIENCE_SECONDS / 2):
            [[record]] = (await polling).values()
    assert record.value == world.happened(text="a").SerializeToString()


async def test_a_poll_ends_when_it_is_woken(world: World) -> None:
    async with joined(world) as member:
        polling = asyncio.create_task(member.poll(PATIENCE_SECONDS))
        await asyncio.sleep(0)
        member.wake()
        async with asyncio.timeout(PATIENCE_SECONDS / 2):
            assert await polling == {}


async def test_a_question_that_kafka_keeps_can_be_withdrawn(world: World) -> None:
    async with joined(world) as member:
        asked = member._fetcher._nodes_with_pending_fetch_requests
        while not asked:
            await member.poll(POLL_SECONDS)
        await member._called(member.fetch_anew)
        assert not asked
        # The next poll asks anew.
        polling = asyncio.create_task(member.poll(PATIENCE_SECONDS))
        await world.publish("a")
        async with asyncio.timeout(PATIENCE_SECONDS / 2):
            assert len(await polling) == 1


async def test_what_keeps_a_member_from_asking_for_events_is_raised(world: World) -> None:
    async def fail() -> None:
        raise KafkaConnectionError("a fault of theirs")

    async with joined(world) as member:
        member._fetcher._send_fetches_async = fail
        await member._called(member.fetch_anew)
        async with asyncio.timeout(PATIENCE_SECONDS):
            with pytest.raises(KafkaConnectionError, match="theirs"):
                await poll_for_ever(member)


async def poll_for_ever(member: GroupMember) -> None:
    while True:
        await member.poll(POLL_SECONDS)


async def test_members_share_one_thread_and_end_apart(world: World) -> None:
    async with joined(world) as member:
        other = await world.kafka.member(f"{world.group}-other")
        assert other._manager._net is member._manager._net
        await other.close()
        await world.publish("a")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await member.poll(POLL_SECONDS):
                pass


async def test_a_partition_paused_in_the_middle_of_its_records_goes_on(world: World) -> None:
    # So a poll returns some of a partition's records, and the others are put aside.
    kafka = Kafka(world.kafka_url, source=world.kafka.source, max_poll_records=RECORDS - 1)
    for key in KEYS:
        await world.publish(*(f"{key}{number}" for number in range(RECORDS)), key=key)
    read: defaultdict[TopicPartition, int] = defaultdict(int)

    async def poll(member: GroupMember, enough: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while sum(read.values()) < enough:
                for partition, records in (await member.poll(POLL_SECONDS)).items():
                    read[partition] += len(records)

    async with joined(world, kafka) as member:
        await poll(member, 1)
        [first] = read
        assert read[first] < RECORDS
        member.pause([first])
        await poll(member, read[first] + RECORDS)
        member.resume([first])
        await poll(member, len(KEYS) * RECORDS)
    assert set(read.values()) == {RECORDS}
    await kafka.close()

"""Members that fall out of their group, or stand still, and find back by themselves."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
from kafka import KafkaAdminClient, KafkaConsumer
from kafka.admin import MemberToRemove
from kafka.coordinator.assignors.range import RangePartitionAssignor

from chassis.consumers.consumers import Consumers
from chassis.consumers.group import ConsumerPace
from chassis.kafka.client import Kafka
from chassis.kafka.member import GroupMember
from tests.contract.chassis.consuming import World
from tests.contract.chassis.inbox import PATIENCE_SECONDS, Inbox

pytestmark = pytest.mark.anyio

POLL_SECONDS = 0.05
QUICK = ConsumerPace(idle_poll=POLL_SECONDS)
METADATA_MS = 100
MORE_PARTITIONS = 6
# More than enough for all of them.
KEYS = [f"k{number}" for number in range(40)]


class Growth:
    """Gives a topic more partitions, so that its group is joined once more, longer than a poll."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self._world = world
        self._assign = RangePartitionAssignor.assign
        self._outlast = False
        monkeypatch.setattr(RangePartitionAssignor, "assign", self._assign_slowly)
        monkeypatch.setitem(KafkaConsumer.DEFAULT_CONFIG, "metadata_max_age_ms", METADATA_MS)

    def happen(self) -> None:
        """Blocks."""
        self._outlast = True
        admin = KafkaAdminClient(bootstrap_servers=self._world.kafka_url)
        admin.create_partitions({self._world.topic: MORE_PARTITIONS})
        admin.close()

    def _assign_slowly(self, cluster: Any, members: Any) -> Any:
        if self._outlast:
            self._outlast = False
            time.sleep(5 * POLL_SECONDS)
        return self._assign(cluster, members)


@pytest.fixture
def growth(world: World, monkeypatch: pytest.MonkeyPatch) -> Growth:
    return Growth(world, monkeypatch)


async def test_a_join_that_outlasts_its_poll_comes_to_its_end(world: World, growth: Growth) -> None:
    await all_arrive_after(growth, world)


async def test_a_member_that_its_group_does_not_know_any_more_is_replaced(
    world: World, growth: Growth, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The join is forgotten.
    uncure(monkeypatch)
    await all_arrive_after(growth, world, replace(QUICK, proof_every=0.2, lost_after=1.0))


async def test_a_member_that_stands_still_is_replaced(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is put aside while partitions are paused is mislaid.
    uncure(monkeypatch)
    few_at_once = Kafka(world.kafka_url, source=world.kafka.source, max_poll_records=2)
    pace = ConsumerPace(proof_every=0.2, lost_after=1.0)
    events = {key: [f"{key}{number}" for number in range(3)] for key in ("a", "b")}
    for key, texts in events.items():
        await world.publish(*texts, key=key)
    inbox = Inbox()
    inbox.hold.clear()
    async with world.consuming(inbox, kafka=few_at_once, pace=pace):
        await inbox.until(lambda: {"a0", "b0"} <= {*inbox.attempts})
        inbox.hold.set()
        await inbox.until(lambda: {*events["a"], *events["b"]} <= {*inbox.handled})
    await few_at_once.close()


def uncure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take kafka-python's consumer as it is."""
    monkeypatch.setattr(GroupMember, "_note_rejoin", lambda _: None)
    monkeypatch.setattr(GroupMember, "_let_go", lambda _: None)


async def all_arrive_after(growth: Growth, world: World, pace: ConsumerPace = QUICK) -> None:
    inbox = Inbox()
    async with world.consuming(inbox, pace=pace):
        await world.publish("before")
        await inbox.until(lambda: inbox.handled == ["before"])
        await asyncio.to_thread(growth.happen)
        for key in KEYS:
            await world.publish(key, key=key)
        await inbox.until(lambda: {*KEYS} <= {*inbox.handled})


async def test_a_member_that_is_expelled_joins_again(world: World) -> None:
    inbox = Inbox()
    async with world.consuming(inbox) as consumers:
        await world.publish("a")
        await inbox.until(lambda: inbox.handled == ["a"])
        await asyncio.to_thread(expel, world)
        await world.publish("b")
        await inbox.until(lambda: inbox.handled[-1] == "b")
        await until_ready(consumers)


def expel(world: World) -> None:
    admin = KafkaAdminClient(bootstrap_servers=world.kafka_url)
    try:
        members = admin.describe_groups([world.group])[world.group]["members"]
        leaving = [MemberToRemove(member_id=each["member_id"]) for each in members]
        assert leaving
        admin.remove_group_members(world.group, leaving)
    finally:
        admin.close()


async def until_ready(consumers: Consumers) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not consumers.ready():
            await asyncio.sleep(0)

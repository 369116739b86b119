"""Proofs of watchdog, with a clock that stands and a member that plays its part."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from kafka import OffsetAndMetadata, TopicPartition
from kafka.errors import (
    CommitFailedError,
    KafkaError,
    KafkaTimeoutError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

from chassis.consumers.in_flight import InFlight
from chassis.consumers.watchdog import LOST_SECONDS, PROOF_SECONDS, Watchdog
from chassis.kafka.member import GroupMember

pytestmark = pytest.mark.anyio

P0, P1 = TopicPartition("order.cancelled", 0), TopicPartition("order.cancelled", 1)


class World:
    """A member of a group, and the group as it shows itself to the member.

    Attributes:
        under_way: Where partitions have come to that have a batch.
        positions: Where the others will be polled next.
        ends: Up to where Kafka has those that are not read to their end.
    """

    def __init__(self) -> None:
        self.now = 100.0
        self.assigned = [P0]
        self.positions: dict[TopicPartition, int | None] = {P0: 7, P1: 8}
        self.ends: dict[TopicPartition, int] = {}
        self.under_way: dict[TopicPartition, int] = {}
        self.joined = True
        self.fault: KafkaError | None = None
        self.ends_fault: KafkaError | None = None
        self.away = False
        self.commits: list[dict[TopicPartition, int]] = []
        self.noted: list[dict[TopicPartition, int]] = []
        member = SimpleNamespace(
            assignment=lambda: self.assigned,
            position=lambda partition: self.positions[partition],
            is_joined=lambda: self.joined,
            ends=self._ends,
            commit=self._commit,
        )
        in_flight = SimpleNamespace(
            reached=self.under_way.get,
            committed=lambda offsets: self.noted.append(plain(offsets)),
        )
        self.watchdog = Watchdog(
            cast("GroupMember", member),
            cast("InFlight", in_flight),
            self._answers,
            clock=lambda: self.now,
        )

    async def _answers(self) -> bool:
        return not self.away

    async def _commit(
        self, offsets: dict[TopicPartition, OffsetAndMetadata], seconds: float
    ) -> None:
        self.commits.append(plain(offsets))
        if self.fault:
            raise self.fault

    async def _ends(
        self, partitions: list[TopicPartition], seconds: float
    ) -> dict[TopicPartition, int | None]:
        if self.ends_fault:
            raise self.ends_fault
        return {each: self.ends.get(each, self.positions[each]) for each in partitions}

    async def prove(self, times: int = 1) -> None:
        """Have it proved so often, each time as soon as it is due."""
        for _ in range(times):
            self.now += PROOF_SECONDS
            await self.watchdog.prove()


def plain(offsets: dict[Any, Any]) -> dict[TopicPartition, int]:
    return {partition: offset.offset for partition, offset in offsets.items()}


# So often in a row a proof may fail, and then once more is too much.
FEW = int(LOST_SECONDS // PROOF_SECONDS)


async def test_the_proof_is_a_commit_of_where_an_idle_partition_has_come_to() -> None:
    world = World()
    await world.prove()
    assert world.commits == [{P0: 7}]


async def test_of_a_partition_under_way_no_more_is_committed_than_is_settled() -> None:
    world = World()
    world.under_way[P0] = 5
    await world.prove()
    assert world.commits == world.noted == [{P0: 5}]


async def test_one_partition_is_enough() -> None:
    world = World()
    world.assigned = [P0, P1]
    await world.prove()
    assert len(world.commits) == len(world.commits[0]) == 1


@pytest.mark.parametrize(
    "fault",
    [
        CommitFailedError(),
        UnknownMemberIdError(),
        RebalanceInProgressError(),
        KafkaTimeoutError("the connection hangs"),
    ],
)
async def test_a_member_that_is_not_proved_for_long_is_lost(fault: KafkaError) -> None:
    world = World()
    world.fault = fault
    await world.prove(FEW)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        await world.prove()
    assert world.noted == []


async def test_a_proof_makes_up_for_those_that_failed() -> None:
    world = World()
    world.fault = RebalanceInProgressError()
    await world.prove(FEW)
    world.fault = None
    await world.prove()
    world.fault = RebalanceInProgressError()
    await world.prove(FEW)


async def test_a_partition_that_stands_still_is_a_loss() -> None:
    world = World()
    world.assigned = [P0, P1]
    world.ends[P1] = 9
    await world.prove(FEW + 1)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        await world.prove()


async def test_a_partition_that_moves_may_be_behind_for_long() -> None:
    world = World()
    world.ends[P0] = 1_000
    for position in range(10):
        world.positions[P0] = position
        await world.prove()


async def test_a_partition_under_way_may_take_its_time() -> None:
    world = World()
    world.under_way[P0] = 5
    world.ends[P0] = 1_000
    await world.prove(10)


async def test_where_the_ends_can_not_be_had_nothing_is_proved() -> None:
    world = World()
    world.ends_fault = KafkaTimeoutError("the connection hangs")
    await world.prove(FEW)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        await world.prove()


async def test_while_kafka_is_away_nobody_is_lost() -> None:
    world = World()
    world.fault, world.away = KafkaTimeoutError("away"), True
    await world.prove(10)
    world.away = False
    await world.prove(FEW)


async def test_without_partitions_having_joined_has_to_do() -> None:
    world = World()
    world.assigned = []
    await world.prove(10)
    assert world.commits == []


async def test_without_partitions_a_join_that_does_not_end_is_a_loss() -> None:
    world = World()
    world.assigned, world.joined = [], False
    await world.prove(FEW)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        await world.prove()


async def test_a_position_that_is_never_found_is_a_loss() -> None:
    world = World()
    world.positions[P0] = None
    await world.prove(FEW)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        await world.prove()
    assert world.commits == []

"""Proofs of watchdog, with a clock that stands and a consumer that plays its part."""

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
from kafka.structs import MemberState

from chassis.consumers.in_flight import InFlight
from chassis.consumers.watchdog import LOST_SECONDS, PROOF_SECONDS, Watchdog

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
        self.state = MemberState.STABLE
        self.fault: KafkaError | None = None
        self.ends_fault: KafkaError | None = None
        self.away = False
        self.commits: list[dict[TopicPartition, int]] = []
        self.told: list[dict[TopicPartition, int]] = []
        consumer = SimpleNamespace(
            assignment=lambda: self.assigned,
            position=lambda partition, timeout_ms: self.positions[partition],
            group_metadata=lambda: SimpleNamespace(state=self.state),
            end_offsets=self._end_offsets,
            commit=self._commit,
        )
        in_flight = SimpleNamespace(
            reached=self.under_way.get,
            committed=lambda offsets: self.told.append(plain(offsets)),
        )
        self.watchdog = Watchdog(
            consumer, cast("InFlight", in_flight), lambda: not self.away, clock=lambda: self.now
        )

    def _commit(self, offsets: dict[TopicPartition, OffsetAndMetadata], timeout_ms: int) -> None:
        self.commits.append(plain(offsets))
        if self.fault:
            raise self.fault

    def _end_offsets(
        self, partitions: list[TopicPartition], timeout_ms: int
    ) -> dict[TopicPartition, int | None]:
        if self.ends_fault:
            raise self.ends_fault
        return {each: self.ends.get(each, self.positions[each]) for each in partitions}

    def prove(self, times: int = 1) -> None:
        """Have it proved so often, each time as soon as it is due."""
        for _ in range(times):
            self.now += PROOF_SECONDS
            self.watchdog.prove()


def plain(offsets: dict[Any, Any]) -> dict[TopicPartition, int]:
    return {partition: offset.offset for partition, offset in offsets.items()}


# So often in a row a proof may fail, and then once more is too much.
FEW = int(LOST_SECONDS // PROOF_SECONDS)


def test_the_proof_is_a_commit_of_where_an_idle_partition_has_come_to() -> None:
    world = World()
    world.prove()
    assert world.commits == [{P0: 7}]


def test_of_a_partition_under_way_no_more_is_committed_than_is_settled() -> None:
    world = World()
    world.under_way[P0] = 5
    world.prove()
    assert world.commits == world.told == [{P0: 5}]


def test_one_partition_is_enough() -> None:
    world = World()
    world.assigned = [P0, P1]
    world.prove()
    assert len(world.commits) == len(world.commits[0]) == 1


def test_between_two_proofs_nothing_is_asked() -> None:
    world = World()
    world.watchdog.prove()
    assert world.commits == []
    world.prove()
    world.watchdog.prove()
    assert len(world.commits) == 1


@pytest.mark.parametrize(
    "fault",
    [
        CommitFailedError(),
        UnknownMemberIdError(),
        RebalanceInProgressError(),
        KafkaTimeoutError("the connection hangs"),
    ],
)
def test_a_member_that_is_not_proved_for_long_is_lost(fault: KafkaError) -> None:
    world = World()
    world.fault = fault
    world.prove(FEW)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        world.prove()
    assert world.told == []


def test_a_proof_makes_up_for_those_that_failed() -> None:
    world = World()
    world.fault = RebalanceInProgressError()
    world.prove(FEW)
    world.fault = None
    world.prove()
    world.fault = RebalanceInProgressError()
    world.prove(FEW)


def test_a_partition_that_stands_still_is_a_loss() -> None:
    world = World()
    world.assigned = [P0, P1]
    world.ends[P1] = 9
    world.prove(FEW + 1)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        world.prove()


def test_a_partition_that_moves_may_be_behind_for_long() -> None:
    world = World()
    world.ends[P0] = 1_000
    for position in range(10):
        world.positions[P0] = position
        world.prove()


def test_a_partition_under_way_may_take_its_time() -> None:
    world = World()
    world.under_way[P0] = 5
    world.ends[P0] = 1_000
    world.prove(10)


def test_where_the_ends_can_not_be_had_nothing_is_proved() -> None:
    world = World()
    world.ends_fault = KafkaTimeoutError("the connection hangs")
    world.prove(FEW)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        world.prove()


def test_while_kafka_is_away_nobody_is_lost() -> None:
    world = World()
    world.fault, world.away = KafkaTimeoutError("away"), True
    world.prove(10)
    world.away = False
    world.prove(FEW)


def test_without_partitions_having_joined_has_to_do() -> None:
    world = World()
    world.assigned = []
    world.prove(10)
    assert world.commits == []


@pytest.mark.parametrize("state", [MemberState.REBALANCING, MemberState.UNJOINED])
def test_without_partitions_a_join_that_does_not_end_is_a_loss(state: str) -> None:
    world = World()
    world.assigned, world.state = [], state
    world.prove(FEW)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        world.prove()


def test_a_position_that_is_never_found_is_a_loss() -> None:
    world = World()
    world.positions[P0] = None
    world.prove(FEW)
    with pytest.raises(KafkaTimeoutError, match="not known to read for its group"):
        world.prove()
    assert world.commits == []

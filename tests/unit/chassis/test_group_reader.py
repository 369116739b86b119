"""A group's reader, on a member that plays a script instead of kafka-python's."""

import asyncio
from dataclasses import replace

import pytest
from kafka.errors import CommitFailedError, KafkaConnectionError, RebalanceInProgressError

from tests.unit.chassis.scripted_kafka import P0, PACE, POSITION, World, until

pytestmark = pytest.mark.anyio


@pytest.fixture
def world() -> World:
    return World()


async def test_what_is_handled_is_committed_and_the_consumer_is_closed(world: World) -> None:
    world.reader.start()
    world.arrive(7, "a")
    await until(lambda: world.kafka.committed == [8])
    await world.reader.stop()
    assert (world.kafka.made, world.kafka.closed) == (1, 1)
    assert world.kafka.committed == [8]


async def test_a_slow_partition_is_paused_and_resumed(world: World) -> None:
    world.open.clear()
    world.reader.start()
    world.arrive(0, "a")
    await until(lambda: world.kafka.calls == [("pause", P0)])
    world.open.set()
    await until(lambda: world.kafka.calls == [("pause", P0), ("resume", P0)])
    await world.reader.stop()


async def test_what_ends_while_the_consumer_stops_is_committed(world: World) -> None:
    world.open.clear()
    world.reader.start()
    world.arrive(0, "a")
    await until(lambda: world.kafka.calls == [("pause", P0)])
    stopping = asyncio.create_task(world.reader.stop())
    await until(lambda: not world.reader.ready())
    world.open.set()
    await stopping
    assert (world.handled, world.kafka.committed) == (["a"], [1])


async def test_what_is_settled_is_committed_when_the_partition_is_taken_away(world: World) -> None:
    world.kafka.commit_errors += [CommitFailedError() for _ in range(10_000)]
    world.reader.start()
    world.held = "b"
    world.open.clear()
    world.arrive(0, "a", "b")
    await until(lambda: world.began == ["a", "b"])
    assert world.kafka.committed == []
    world.kafka.polls.append("revoke")
    await until(lambda: world.kafka.committed == [1])
    # Should the group give it back, the rest comes again.
    await until(lambda: world.kafka.calls[-2:] == [("pause", P0), ("rewind 1", P0)])
    world.open.set()
    await world.reader.stop()
    assert world.kafka.committed == [1]


async def test_what_cannot_be_committed_when_it_is_taken_away_comes_again(world: World) -> None:
    world.kafka.commit_errors += [CommitFailedError() for _ in range(10_000)]
    world.kafka.knows_members = False
    world.reader.start()
    world.arrive(3, "a")
    await until(lambda: world.handled == ["a"])
    world.kafka.polls.append("revoke")
    await until(lambda: world.kafka.calls[-1:] == [("rewind 3", P0)])
    await world.reader.stop()
    assert world.kafka.committed == []


async def test_what_is_lost_is_not_committed(world: World) -> None:
    world.open.clear()
    world.reader.start()
    world.arrive(0, "a")
    await until(lambda: world.began == ["a"])
    world.kafka.polls.append("lose")
    await until(lambda: not world.kafka.polls)
    await until(world.reader.ready)
    world.open.set()
    await until(lambda: world.handled == ["a"])
    world.arrive(5, "b")
    await until(lambda: world.kafka.committed == [6])
    await world.reader.stop()


async def test_being_out_of_the_group_at_a_commit_is_no_reason_to_start_again(
    world: World,
) -> None:
    world.kafka.commit_errors.append(CommitFailedError())
    world.reader.start()
    world.arrive(0, "a")
    await until(lambda: not world.kafka.commit_errors)
    world.arrive(1, "b")
    # The first may be committed once more before the second has arrived.
    await until(lambda: world.kafka.committed[-1:] == [2])
    await world.reader.stop()
    assert world.kafka.made == 1


async def test_offsets_wait_for_their_time_and_are_committed_when_the_consumer_stops() -> None:
    world = World(replace(PACE, commit_every=3600.0))
    world.reader.start()
    world.arrive(0, "a")
    # The first commit waits for nothing.
    await until(lambda: world.kafka.committed == [1])
    world.arrive(1, "b", "c")
    await until(lambda: world.handled == ["a", "b", "c"])
    world.arrive(3, "d")
    await until(lambda: world.handled[-1] == "d")
    assert world.kafka.committed == [1]
    await world.reader.stop()
    assert world.kafka.committed == [1, 4]


async def test_offsets_of_many_events_do_not_wait() -> None:
    world = World(replace(PACE, commit_every=3600.0, commit_after=3))
    world.reader.start()
    world.arrive(0, "a")
    await until(lambda: world.kafka.committed == [1])
    world.arrive(1, "b")
    world.arrive(2, "c", "d")
    await until(lambda: world.kafka.committed == [1, 4])
    await world.reader.stop()


@pytest.mark.parametrize("fault", [KafkaConnectionError("away"), RuntimeError("a fault of theirs")])
async def test_after_a_fault_a_new_consumer_goes_on(world: World, fault: Exception) -> None:
    world.reader.start()
    world.kafka.polls.append(fault)
    world.arrive(0, "a")
    await until(lambda: world.kafka.committed == [1])
    await world.reader.stop()
    assert (world.kafka.made, world.kafka.closed) == (2, 2)


async def test_a_consumer_that_is_not_known_to_its_group_any_more_is_replaced() -> None:
    world = World(replace(PACE, proof_every=0.001, lost_after=0.0))
    world.kafka.commit_errors.append(RebalanceInProgressError())
    world.reader.start()
    await until(lambda: world.kafka.made == 2)
    world.arrive(0, "a")
    await until(lambda: 1 in world.kafka.committed)
    await world.reader.stop()
    assert world.kafka.closed == 2


async def test_proving_to_be_a_member_commits_nothing_that_is_not_settled() -> None:
    world = World(replace(PACE, proof_every=0.001))
    world.open.clear()
    world.arrive(5, "a")
    world.reader.start()
    await until(lambda: world.kafka.committed.count(5) > 1)
    assert set(world.kafka.committed) == {5}
    world.open.set()
    await until(lambda: POSITION in world.kafka.committed)
    await world.reader.stop()
    assert sorted(set(world.kafka.committed)) == [5, 6, POSITION]


async def test_readiness_is_having_an_assignment(world: World) -> None:
    assert not world.reader.ready()
    world.reader.start()
    await until(world.reader.ready)
    await world.reader.stop()
    assert not world.reader.ready()


async def test_a_reader_that_never_started_stops_at_once(world: World) -> None:
    await world.reader.stop()
    assert world.kafka.made == 0

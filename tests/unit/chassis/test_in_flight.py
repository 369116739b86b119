"""InFlight as a group's reader uses them; kafka-python's records are plain data here."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from kafka import TopicPartition
from shop.orders.v1 import events_pb2

from chassis.consumers.delivery import Delivery, RetryPolicy
from chassis.consumers.in_flight import InFlight
from chassis.events import Event, Subscription
from tests.unit.chassis.dead_letters_in_memory import DeadLettersInMemory

pytestmark = pytest.mark.anyio

P0, P1 = TopicPartition("order.cancelled", 0), TopicPartition("order.cancelled", 1)
NEVER_AGAIN = RetryPolicy(first_pause=timedelta(hours=1), longest_pause=timedelta(hours=1))
LONG, SHORT = 20.0, 0.001


def record(offset: int, text: str) -> Any:
    return SimpleNamespace(
        topic="order.cancelled",
        partition=0,
        offset=offset,
        timestamp=0,
        key=b"o1",
        value=events_pb2.OrderCancelled(detail=text).SerializeToString(),
        headers=[],
    )


class World:
    """Handles what is not told to fail; those in `held` take until they are let go."""

    def __init__(self, *, in_any_order: bool = False) -> None:
        self.handled: list[str] = []
        self.began = asyncio.Event()
        self.failing: set[str] = set()
        self.held: dict[str, asyncio.Event] = {}
        subscription = Subscription(
            events_pb2.OrderCancelled, self._handle, in_any_order=in_any_order
        )
        self.letters = DeadLettersInMemory()
        self.delivery = Delivery("g", subscription, self.letters, NEVER_AGAIN)
        self.in_flight = InFlight(self.delivery)

    async def _handle(self, message: Any, _: Event) -> None:
        self.began.set()
        if gate := self.held.get(message.detail):
            await gate.wait()
        if message.detail in self.failing:
            raise ValueError(message.detail)
        self.handled.append(message.detail)

    async def wait(self, seconds: float) -> None:
        """As the reader does."""
        await self.in_flight.wait(seconds)

    def offsets(self, partitions: Sequence[TopicPartition] | None = None) -> dict[Any, int]:
        return {at: each.offset for at, each in self.in_flight.settled(partitions).items()}


async def test_what_is_delivered_is_settled_up_to_the_next_offset() -> None:
    world = World()
    world.in_flight.begin(P0, [record(7, "a"), record(9, "b")])
    await world.wait(LONG)
    assert world.handled == ["a", "b"]
    assert world.offsets() == {P0: 10}
    world.in_flight.committed(world.in_flight.settled())
    assert world.in_flight.finished() == []
    assert not world.in_flight


async def test_what_was_settled_after_the_last_commit_waits_for_the_next_one() -> None:
    world = World()
    world.in_flight.begin(P0, [record(7, "a")])
    assert world.offsets() == {}
    await world.wait(LONG)
    assert world.in_flight.finished() == []
    assert not world.in_flight
    assert (world.offsets(), world.in_flight.unknown()) == ({P0: 8}, 1)
    world.in_flight.begin(P0, [record(8, "b"), record(9, "c")])
    assert world.offsets() == {P0: 8}
    await world.wait(LONG)
    world.in_flight.finished()
    assert (world.offsets(), world.in_flight.unknown()) == ({P0: 10}, 3)


async def test_what_the_group_knows_is_not_committed_again() -> None:
    world = World()
    world.in_flight.begin(P0, [record(7, "a")])
    await world.wait(LONG)
    world.in_flight.committed(world.in_flight.settled())
    assert world.offsets() == {}


async def test_a_partition_under_way_has_come_to_what_is_settled_of_it() -> None:
    world = World()
    world.held["b"] = asyncio.Event()
    assert world.in_flight.reached(P0) is None
    world.in_flight.begin(P0, [record(7, "a"), record(9, "b")])
    assert world.in_flight.reached(P0) == 7
    await world.began.wait()
    while world.in_flight.reached(P0) == 7:
        await asyncio.sleep(0)
    assert world.in_flight.reached(P0) == 8
    assert world.in_flight.reached(P1) is None


async def test_a_slow_partition_is_paused_once_and_not_waited_for() -> None:
    world = World()
    world.held["b"] = asyncio.Event()
    world.in_flight.begin(P0, [record(0, "a"), record(1, "b")])
    await world.began.wait()
    await world.wait(SHORT)
    assert world.in_flight.finished() == []
    assert (world.in_flight.slow(), world.in_flight.slow()) == ([P0], [])
    world.in_flight.begin(P1, [record(0, "c")])
    await world.wait(LONG)
    assert world.offsets() == {P0: 1, P1: 1}
    assert world.in_flight.finished() == []
    world.held["b"].set()
    while not (resumed := world.in_flight.finished()):
        world.in_flight.committed(world.in_flight.settled())
        await asyncio.sleep(0)
    assert resumed == [P0]


async def test_what_may_be_handled_in_any_order_is_handled_side_by_side() -> None:
    world = World(in_any_order=True)
    gates = world.held["a"], world.held["c"] = asyncio.Event(), asyncio.Event()
    world.in_flight.begin(P0, [record(0, "a"), record(1, "b"), record(2, "c")])
    while world.handled != ["b"]:
        await asyncio.sleep(0)
    assert world.offsets() == {}
    for gate in gates:
        gate.set()
    await world.wait(LONG)
    assert world.handled == ["b", "a", "c"]
    assert world.offsets() == {P0: 3}


async def test_what_fails_side_by_side_is_tried_again_by_itself_and_holds_up_its_partition() -> (
    None
):
    world = World(in_any_order=True)
    world.failing.add("b")
    unreadable = record(1, "x")
    unreadable.value = b"\xff\xff"
    world.in_flight.begin(P0, [record(0, "a"), unreadable, record(2, "b"), record(3, "c")])
    while world.offsets() != {P0: 2}:
        await asyncio.sleep(0)
    assert world.handled == ["a", "c"]
    [letter] = (await world.letters.page(10, None)).letters
    assert letter.offset == 1
    await world.in_flight.end(SHORT)
    assert world.offsets() == {P0: 2}


async def test_a_partition_taken_away_ends_its_delivery_and_is_forgotten() -> None:
    world = World()
    world.failing.add("b")
    world.in_flight.begin(P0, [record(0, "a"), record(1, "b"), record(2, "c")])
    await world.began.wait()
    while world.offsets([P0]) != {P0: 1}:
        await asyncio.sleep(0)
    assert world.offsets([P1]) == {}
    assert world.in_flight.take_away([P0, P1]) == {P0: 0}
    assert not world.in_flight
    assert world.offsets() == {}


async def test_a_partition_that_comes_back_waits_for_its_last_delivery() -> None:
    world = World()
    gate = world.held["a"] = asyncio.Event()
    world.in_flight.begin(P0, [record(0, "a"), record(1, "b")])
    await world.began.wait()
    world.in_flight.take_away([P0])
    world.in_flight.begin(P0, [record(0, "again")])
    await world.wait(SHORT)
    assert world.handled == []
    gate.set()
    await world.wait(LONG)
    assert world.handled == ["a", "again"]


async def test_ending_interrupts_pauses_and_then_cancels_handlers() -> None:
    world = World()
    world.failing.add("a")
    world.held["b"] = asyncio.Event()
    world.in_flight.begin(P0, [record(0, "a")])
    world.in_flight.begin(P1, [record(0, "b")])
    await world.began.wait()
    await world.in_flight.end(SHORT)
    await world.wait(LONG)
    assert world.handled == []
    assert world.offsets() == {}


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda it: setattr(it, "timestamp", 1_764_000_000_000_000), id="microseconds"),
        pytest.param(lambda it: setattr(it, "timestamp", 2**63 - 1), id="no year"),
        pytest.param(lambda it: setattr(it, "timestamp", None), id="no time"),
        pytest.param(lambda it: setattr(it, "value", "text"), id="no bytes"),
    ],
)
async def test_a_record_that_cannot_be_read_is_a_dead_letter_and_the_next_is_handled(
    spoil: Callable[[Any], None],
) -> None:
    world = World()
    spoiled = record(7, "a")
    spoiled.headers = [("ce_id", b"e7"), ("traceparent", None)]
    spoil(spoiled)
    world.in_flight.begin(P0, [spoiled, record(8, "b")])
    await world.wait(LONG)
    assert world.handled == ["b"]
    assert world.offsets() == {P0: 9}
    [letter] = (await world.letters.page(10, None)).letters
    assert (letter.event_id, letter.offset, letter.attempts) == ("e7", 7, 1)
    assert letter.headers == (("ce_id", b"e7"), ("traceparent", b""))
    assert letter.replay_at is None


async def test_a_fault_of_the_delivery_itself_makes_a_dead_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()

    async def deliver(*_: Any) -> None:
        raise AttributeError("an internal error")

    monkeypatch.setattr(world.delivery, "deliver", deliver)
    world.in_flight.begin(P0, [record(7, "a")])
    await world.wait(LONG)
    assert world.offsets() == {P0: 8}
    [letter] = (await world.letters.page(10, None)).letters
    assert letter.error == "AttributeError: an internal error"


async def test_a_fault_of_keeping_is_raised() -> None:
    world = World()
    broken = record(0, "a")
    del broken.headers
    world.in_flight.begin(P0, [broken])
    await world.wait(LONG)
    with pytest.raises(AttributeError):
        world.in_flight.finished()

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shop.orders.v1 import events_pb2

from chassis.consumers.dead_letters import ANY, DeadLetter, FailedAttempt, Filter
from chassis.consumers.replays import (
    REPLAYS_AT_ONCE,
    UNREADABLE,
    DeadLetters,
    Replayed,
    ReplayFailed,
)
from chassis.errors import NotFound, Unavailable
from chassis.events import Event, Subscription
from chassis.kafka.cloudevents import headers_of
from tests.unit.chassis.dead_letters_in_memory import DeadLettersInMemory

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, tzinfo=UTC)
EVENT = Event("e1", "order.cancelled", "o1", NOW, "svc_orders")
MESSAGE = events_pb2.OrderCancelled(detail="too late")
LETTER = DeadLetter(
    id="",
    group="notify-order-cancelled",
    topic="order.cancelled",
    event_id="e1",
    key="o1",
    value=MESSAGE.SerializeToString(),
    headers=tuple(headers_of(EVENT)),
    error="ValueError: no",
    attempts=8,
    failed_at=NOW,
    partition=0,
    offset=0,
)


class World:
    """A service that handles one event, which may fail."""

    def __init__(self, at_once: int = REPLAYS_AT_ONCE) -> None:
        self.handled: list[tuple[Any, Event]] = []
        self.error: Exception | None = None
        self.now = NOW
        self.store = DeadLettersInMemory()
        table = [Subscription(events_pb2.OrderCancelled, self._handle)]
        self.letters = DeadLetters(
            self.store, "svc_notify", table, clock=lambda: self.now, at_once=at_once
        )

    async def _handle(self, message: Any, event: Event) -> None:
        if self.error is not None:
            raise self.error.with_traceback(None)  # it would grow with each time
        self.handled.append((message, event))

    async def keep(self, letter: DeadLetter) -> str:
        await self.store.keep(letter)
        return (await self.letters.list(100)).letters[-1].id


async def test_replaying_handles_the_event_and_drops_the_letter() -> None:
    world = World()
    await world.letters.replay(await world.keep(LETTER))
    assert world.handled == [(MESSAGE, EVENT)]
    assert await world.letters.count() == 0


async def test_a_replay_that_fails_says_so_and_keeps_the_letter() -> None:
    world = World()
    letter_id = await world.keep(LETTER)
    world.error = ValueError("still broken")
    with pytest.raises(ReplayFailed, match="ValueError: still broken"):
        await world.letters.replay(letter_id)
    assert await world.letters.count() == 1


async def test_dropping_gives_the_event_up() -> None:
    world = World()
    await world.letters.drop(await world.keep(LETTER))
    assert (world.handled, await world.letters.count()) == ([], 0)


@pytest.mark.parametrize("action", ["replay", "drop"])
async def test_a_letter_that_is_not_there_is_not_found(action: str) -> None:
    with pytest.raises(NotFound):
        await getattr(World().letters, action)("none")


@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(replace(LETTER, group="notify-order-created"), id="of another group"),
        pytest.param(replace(LETTER, value=b"\xff"), id="not decodable"),
    ],
)
async def test_what_nothing_can_handle_is_not_found_and_stays(letter: DeadLetter) -> None:
    world = World()
    letter_id = await world.keep(letter)
    with pytest.raises(NotFound):
        await world.letters.replay(letter_id)
    assert await world.letters.count() == 1
    assert world.letters.message_of(letter) is None


async def test_the_message_can_be_looked_at() -> None:
    assert World().letters.message_of(LETTER) == MESSAGE


DUE = replace(LETTER, error="AutoReconnect: gone", replay_at=NOW)


async def mine() -> bool:
    return True


async def another_replicas() -> bool:
    return False


async def test_what_an_outage_left_is_replayed_once_it_is_due() -> None:
    world = World()
    await world.keep(replace(DUE, replay_at=NOW + timedelta(seconds=1)))
    await world.letters.replay_due(mine)
    assert world.handled == []
    world.now = NOW + timedelta(seconds=1)
    await world.letters.replay_due(mine)
    assert world.handled == [(MESSAGE, EVENT)]
    assert await world.letters.count() == 0


async def test_what_failed_in_another_way_is_left_to_operators() -> None:
    world = World()
    await world.keep(LETTER)
    world.now = NOW + timedelta(days=99)
    await world.letters.replay_due(mine)
    assert (world.handled, await world.letters.count()) == ([], 1)


async def test_only_the_replica_with_the_lease_replays() -> None:
    world = World()
    await world.keep(DUE)
    await world.letters.replay_due(another_replicas)
    assert (world.handled, await world.letters.count()) == ([], 1)


async def test_a_replay_that_meets_an_outage_comes_again_later_each_time() -> None:
    world = World()
    await world.keep(DUE)
    world.error = Unavailable("The catalog does not answer.")
    pauses = []
    for _ in range(10):
        await world.letters.replay_due(mine)
        [letter] = (await world.letters.list(10)).letters
        assert letter.replay_at is not None
        pauses.append((letter.replay_at - world.now).total_seconds())
        world.now = letter.replay_at
    assert pauses == [30, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert letter.error == "Unavailable: The catalog does not answer."
    assert letter.attempts == LETTER.attempts + 10
    world.error = None
    await world.letters.replay_due(mine)
    assert await world.letters.count() == 0


async def test_a_replay_that_fails_in_another_way_is_left_to_operators() -> None:
    world = World()
    await world.keep(replace(DUE, event_id="e0", value=b"\xff"))
    await world.keep(DUE)
    world.error = ValueError("no such order")
    await world.letters.replay_due(mine)
    letters = (await world.letters.list(10)).letters
    assert [letter.replay_at for letter in letters] == [None, None]
    assert {letter.error for letter in letters} == {
        "NotFound: The event cannot be read, or nothing here handles it any more.",
        "ValueError: no such order",
    }


async def test_what_went_wrong_is_remembered_of_each_replay() -> None:
    world = World()
    letter_id = await world.keep(LETTER)
    world.error = ValueError("still broken")
    with pytest.raises(ReplayFailed):
        await world.letters.replay(letter_id)
    letter = await world.letters.get(letter_id)
    assert letter.history == (FailedAttempt(NOW, "ValueError: still broken"),)
    assert letter.attempts == LETTER.attempts + 1


async def keep_three(world: World) -> list[str]:
    """Letters of three orders, of which nothing can read the second; their ids, oldest first."""
    for number in range(3):
        await world.keep(
            replace(
                LETTER,
                event_id=f"e{number}",
                value=b"\xff" if number == 1 else LETTER.value,
                failed_at=NOW + timedelta(seconds=number),
            )
        )
    return [letter.id for letter in (await world.letters.list(10)).letters]


@pytest.mark.parametrize("are_named", [True, False])
async def test_many_are_replayed_and_those_that_fail_stay(are_named: bool) -> None:
    world = World()
    ids = await keep_three(world)
    became = (
        await world.letters.replay_some([*ids, "ghost"], 60)
        if are_named
        else await world.letters.replay_all(Filter(since=NOW), 60)
    )
    assert became == Replayed(2, 1, [(ids[1], f"NotFound: {UNREADABLE}")], 0)
    assert [event.id for _, event in world.handled] == ["e1", "e1"]
    assert [letter.id for letter in (await world.letters.list(10)).letters] == [ids[1]]


@pytest.mark.parametrize("are_named", [True, False])
async def test_what_there_is_no_time_for_is_counted(are_named: bool) -> None:
    world = World()
    ids = await keep_three(world)
    became = (
        await world.letters.replay_some(ids, 0)
        if are_named
        else await world.letters.replay_all(ANY, 0)
    )
    assert became == Replayed(left=3)
    assert world.handled == []


async def test_all_pages_are_replayed() -> None:
    world = World(at_once=1)
    await keep_three(world)
    became = await world.letters.replay_all(ANY, 60)
    assert (became.replayed, became.failed, became.left) == (2, 1, 0)


async def test_many_are_dropped() -> None:
    world = World()
    ids = await keep_three(world)
    assert await world.letters.drop_some([ids[0], "ghost"]) == 1
    assert await world.letters.drop_all(Filter(group=LETTER.group)) == 2
    assert await world.letters.count() == 0

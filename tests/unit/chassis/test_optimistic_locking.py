"""Whoever loses a write looks again, and gives up after a number of tries."""

from dataclasses import dataclass, field, replace

import pytest

from chassis.errors import NotFound, Unavailable
from chassis.mongo.optimistic_locking import TRIES, change, until_written

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Counter:
    count: int
    version: int = 1


@dataclass
class Counters:
    """A store where others write first as often as `losses` says."""

    kept: dict[str, Counter] = field(default_factory=dict)
    losses: int = 0
    saved: int = 0
    reads: int = 0

    async def get(self, key: str) -> Counter | None:
        self.reads += 1
        return self.kept.get(key)

    async def save(self, changed: Counter) -> bool:
        if self.losses:
            self.losses -= 1
            self.kept["a"] = replace(self.kept["a"], count=self.kept["a"].count + 10)
            return False
        self.saved += 1
        self.kept["a"] = changed
        return True


async def one_more(store: Counters, key: str = "a") -> Counter:
    return await change(
        store, key, lambda it: replace(it, count=it.count + 1), lambda it: it, noun="counter"
    )


async def test_a_lost_write_is_decided_again_on_what_was_written_first() -> None:
    store = Counters({"a": Counter(1)}, losses=2)
    assert (await one_more(store)).count == 22
    assert store.kept["a"].count == 22


async def test_where_there_is_nothing_to_do_nothing_is_written() -> None:
    store = Counters({"a": Counter(1)})
    assert await change(store, "a", lambda it: None, lambda it: it, noun="counter") == Counter(1)
    assert store.saved == 0


@pytest.mark.parametrize("losses", [0, 1])
async def test_what_was_last_seen_is_tried_first(losses: int) -> None:
    store = Counters({"a": Counter(1)}, losses=losses)
    changed = await change(
        store,
        "a",
        lambda it: replace(it, count=it.count + 1),
        lambda it: it,
        noun="counter",
        known=Counter(5),
    )
    # Another writer's ten are met where that was first.
    assert changed == Counter(12 if losses else 6)
    assert store.reads == losses


async def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="There is no such counter"):
        await one_more(Counters(), "b")


async def test_who_loses_every_write_gives_up() -> None:
    store = Counters({"a": Counter(1)}, losses=TRIES)
    with pytest.raises(Unavailable, match="The counter is being changed; try again"):
        await one_more(store)
    assert await one_more(store)


async def test_a_pause_follows_every_lost_try_and_knows_how_many_there_were() -> None:
    pauses: list[int] = []
    outcomes = iter([None, None, "written"])

    async def attempt() -> str | None:
        return next(outcomes)

    async def pause(tries: int) -> None:
        pauses.append(tries)

    assert await until_written(attempt, refusal="no", pause=pause) == "written"
    assert pauses == [1, 2]

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from chassis.outbox.outbox import OutboxEntry
from chassis.outbox.versioned import save_next
from tests.contract.chassis.relaying import Orders

pytestmark = pytest.mark.anyio

OPTIONAL = ("due_at",)


@pytest.fixture
async def nudged(orders: Orders) -> AsyncIterator[list[str]]:
    """Ids of the documents of which something was nudged; there is an order o1 in version 1."""
    await orders.documents.insert_one({"_id": "o1", "version": 1, "state": "new", "due_at": 5})
    nudged: list[str] = []

    def listen(waiting: Sequence[OutboxEntry]) -> None:
        nudged.extend(each.document_id for each in waiting)

    orders.outbox.on_nudge(listen)
    yield nudged
    orders.outbox.on_nudge(None)


async def test_the_next_version_and_its_events_are_one_write(
    orders: Orders, nudged: list[str]
) -> None:
    next_one = {"_id": "o1", "version": 2, "state": "paid"}
    assert await save_next(orders.outbox, next_one, OPTIONAL, ["first", "second"])
    found = await orders.documents.find_one({"_id": "o1"}) or {}
    assert len(found.pop("outbox")) == 2
    assert found == next_one
    assert nudged == ["o1", "o1"]


async def test_a_version_without_events_touches_no_outbox(
    orders: Orders, nudged: list[str]
) -> None:
    next_one = {"_id": "o1", "version": 2, "state": "paid", "due_at": 6}
    assert await save_next(orders.outbox, next_one, OPTIONAL, [])
    assert await orders.documents.find_one({"_id": "o1"}) == next_one
    assert nudged == []


@pytest.mark.parametrize("version", [1, 3])
async def test_only_the_next_version_is_written(
    orders: Orders, nudged: list[str], version: int
) -> None:
    other = {"_id": "o1", "version": version, "state": "paid"}
    before = await orders.documents.find_one({"_id": "o1"})
    assert not await save_next(orders.outbox, other, OPTIONAL, ["never"])
    assert await orders.documents.find_one({"_id": "o1"}) == before
    assert nudged == []


async def test_one_of_many_writers_of_a_version_wins(orders: Orders, nudged: list[str]) -> None:
    states = [f"state {number}" for number in range(10)]
    written = await asyncio.gather(
        *(
            save_next(orders.outbox, {"_id": "o1", "version": 2, "state": state}, (), [state])
            for state in states
        )
    )
    assert sorted(written) == [*[False] * 9, True]
    found = await orders.documents.find_one({"_id": "o1"}) or {}
    assert found["state"] == states[written.index(True)]
    assert len(found["outbox"]) == 1
    assert nudged == ["o1"]

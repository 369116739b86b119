"""Copies of what other services own."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.mongo.replica import KEPT_SECONDS, NewerVersions, Replica

pytestmark = pytest.mark.anyio


class Process:
    """One of several processes that keep the copies; `replica` is its own."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self.time = 0.0
        self.replica = Replica(database["replicas"], dict, lambda: self.time)

    async def prices(self, *ids: str) -> dict[str, Any]:
        return {name: copy["price"] for name, copy in (await self.replica.get(ids)).items()}


@pytest.fixture
def start(database: AsyncDatabase[Document]) -> Callable[[], Process]:
    return lambda: Process(database)


async def test_a_replica_takes_only_what_is_newer(database: AsyncDatabase[Document]) -> None:
    replicas = database["replicas"]
    newer = NewerVersions(replicas)
    for version in (2, 1, 3, 3, 2):
        await newer.put("lamp", {"version": version, "price": version})
    assert await replicas.find_one({"_id": "lamp"}) == {"_id": "lamp", "version": 3, "price": 3}


async def test_what_is_put_at_once_leaves_the_newest_of_each(
    database: AsyncDatabase[Document],
) -> None:
    replicas = database["replicas"]
    one, other = NewerVersions(replicas), NewerVersions(replicas)
    await one.put("vase", {"version": 50, "price": 50})
    puts = [(name, version) for name in ("lamp", "vase", "cup") for version in range(1, 41)]
    random.Random(7).shuffle(puts)
    await asyncio.gather(
        *(
            each.put(name, {"version": version, "price": version})
            for name, version in puts
            for each in (one, other)
        )
    )
    found = {each["_id"]: each["price"] async for each in replicas.find()}
    assert found == {"lamp": 40, "vase": 50, "cup": 40}


async def test_a_version_keeps_the_fields_that_it_does_not_have(
    database: AsyncDatabase[Document],
) -> None:
    replicas = database["replicas"]
    newer = NewerVersions(replicas)
    gone, added = {"version": 2, "deleted": True}, {"version": 1, "deleted": False, "title": "Lamp"}
    # While the first is written, the others gather.
    await asyncio.gather(newer.put("cup", added), newer.put("lamp", gone))
    await asyncio.gather(newer.put("vase", gone), newer.put("vase", added))
    assert await replicas.find_one({"_id": "vase"}) == {"_id": "vase"} | added | gone
    assert await replicas.find_one({"_id": "lamp"}) == {"_id": "lamp"} | gone


async def test_copies_come_from_memory_for_a_moment(
    database: AsyncDatabase[Document], start: Callable[[], Process]
) -> None:
    process = start()
    await process.replica.put("lamp", {"version": 1, "price": 1})
    assert await process.prices("lamp", "ghost") == {"lamp": 1}
    await database["replicas"].delete_many({})
    await process.replica.put("vase", {"version": 1, "price": 5})
    assert await process.prices("lamp", "vase", "ghost") == {"lamp": 1, "vase": 5}
    process.time += KEPT_SECONDS
    assert await process.prices("lamp") == {}


async def test_what_a_process_takes_in_counts_at_once(start: Callable[[], Process]) -> None:
    process = start()
    for version, known in ((1, 1), (2, 2), (1, 2)):
        await process.replica.put("lamp", {"version": version, "price": version})
        assert await process.prices("lamp") == {"lamp": known}


async def test_what_another_process_takes_in_counts_a_moment_later(
    start: Callable[[], Process],
) -> None:
    one, other = start(), start()
    await one.replica.put("lamp", {"version": 1, "price": 1})
    assert await one.prices("lamp") == await other.prices("lamp") == {"lamp": 1}
    await one.replica.put("lamp", {"version": 2, "price": 2})
    assert (await one.prices("lamp"), await other.prices("lamp")) == ({"lamp": 2}, {"lamp": 1})
    other.time += KEPT_SECONDS
    assert await other.prices("lamp") == {"lamp": 2}


async def test_what_is_kept_and_changes_is_not_read_again(
    database: AsyncDatabase[Document], start: Callable[[], Process]
) -> None:
    process = start()
    await process.replica.put("lamp", {"version": 1, "price": 1, "title": "Lamp"}, 1)
    assert await process.prices("lamp") == {"lamp": 1}
    await process.replica.put("lamp", {"version": 2, "price": 2, "title": "Lamp"}, 2)
    await database["replicas"].delete_many({})
    process.time += KEPT_SECONDS / 2
    await process.replica.put("lamp", {"version": 3, "price": 2, "title": "Lamp"}, 2)
    process.time += KEPT_SECONDS / 2
    assert await process.prices("lamp") == {"lamp": 2}
    # Nor is one that comes late taken for the newest.
    await process.replica.put("lamp", {"version": 1, "price": 1, "title": "Lamp"}, 1)
    assert await process.prices("lamp") == {"lamp": 2}
    process.time += KEPT_SECONDS
    assert await process.prices("lamp") == {"lamp": 1}


async def test_a_version_of_some_fields_has_the_others_read(
    database: AsyncDatabase[Document], start: Callable[[], Process]
) -> None:
    process = start()
    await process.replica.put("lamp", {"version": 1, "price": 1})
    assert await process.prices("lamp") == {"lamp": 1}
    await database["replicas"].update_one({"_id": "lamp"}, {"$set": {"version": 2, "price": 2}})
    await process.replica.put("lamp", {"version": 3, "deleted": True})
    assert await process.prices("lamp") == {"lamp": 2}


async def test_what_was_read_before_a_write_is_not_kept(start: Callable[[], Process]) -> None:
    process = start()
    for version in range(1, 40):
        writing = process.replica.put("lamp", {"version": version, "price": version})
        await asyncio.gather(process.prices("lamp"), writing, process.prices("lamp"))
        assert await process.prices("lamp") == {"lamp": version}


async def test_a_version_without_new_details_is_not_written(
    database: AsyncDatabase[Document], start: Callable[[], Process]
) -> None:
    one, other = start(), start()

    async def put(process: Process, version: int, details_version: int) -> None:
        fields: Document = {"version": version, "price": details_version}
        await process.replica.put("lamp", fields, details_version)

    async def version() -> int:
        found = await database["replicas"].find_one({"_id": "lamp"})
        assert found is not None
        return int(found["version"])

    await put(one, 1, 1)
    await put(one, 2, 1)
    assert await version() == 1
    # Another process cannot know, and what it writes is newer than what comes late.
    await put(other, 3, 1)
    await put(other, 5, 2)
    await put(one, 4, 1)
    assert await version() == 5
    await put(one, 6, 2)
    await put(one, 7, 2)
    await put(one, 8, 3)
    assert (await version(), await one.prices("lamp")) == (8, {"lamp": 3})

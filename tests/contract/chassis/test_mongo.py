import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError, DuplicateKeyError, ServerSelectionTimeoutError

from chassis.clock import utcnow
from chassis.mongo.client import Document, Index, beyond, connect, ensure_indexes
from chassis.resilience.backoff import Backoff

pytestmark = pytest.mark.anyio

INDEXES = [
    Index("things", (("name", 1),), unique=True),
    Index("things", (("tags", 1), ("at", -1)), sparse=True),
    Index("things", (("expires_at", 1),), expire_after_seconds=60),
    Index("others", (("name", 1),)),
]


async def test_the_database_is_the_one_that_the_url_names(database_url: str) -> None:
    database = await connect(database_url)
    assert database.name == urlsplit(database_url).path.removeprefix("/")
    await database.client.close()


async def test_a_url_without_a_database_is_refused(database_url: str) -> None:
    with pytest.raises(ConfigurationError):
        await connect(database_url.rpartition("/")[0])


async def test_writes_are_acknowledged_by_a_majority_and_journaled(
    database: AsyncDatabase[Document],
) -> None:
    assert database.write_concern.document == {"w": "majority", "j": True, "wtimeout": 5_000}
    result = await database["things"].insert_one({"_id": 1})
    assert result.acknowledged


async def test_times_come_back_as_they_were_written(database: AsyncDatabase[Document]) -> None:
    now = utcnow()
    await database["things"].insert_one({"_id": 1, "at": now})
    found = await database["things"].find_one({"_id": 1})
    assert found == {"_id": 1, "at": now}
    assert found["at"].tzinfo is not None
    assert found["at"].astimezone(UTC) == datetime.fromisoformat(now.isoformat())


async def test_indexes_can_be_made_again_and_by_several_at_once(
    database: AsyncDatabase[Document], database_url: str
) -> None:
    replica = await connect(database_url)
    await asyncio.gather(
        *(ensure_indexes(each, INDEXES) for each in [database, replica, database, replica])
    )
    await replica.client.close()
    things = await database["things"].index_information()
    assert {"_id_", "name_1", "tags_1_at_-1", "expires_at_1"} == set(things)
    assert things["name_1"]["unique"] is True
    assert set(await database["others"].index_information()) == {"_id_", "name_1"}


async def test_a_unique_index_is_one(database: AsyncDatabase[Document]) -> None:
    await ensure_indexes(database, INDEXES)
    await database["things"].insert_one({"name": "a"})
    with pytest.raises(DuplicateKeyError):
        await database["things"].insert_one({"name": "a"})


async def test_a_server_that_does_not_answer_is_waited_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([ServerSelectionTimeoutError("away"), ServerSelectionTimeoutError("away")])
    command = AsyncDatabase.command

    async def flaky(self: AsyncDatabase[Document], *args: object) -> object:
        for error in answers:
            raise error
        return await command(self, *args)  # type: ignore[call-overload]  # passed on as it came

    monkeypatch.setattr(AsyncDatabase, "command", flaky)
    database = await connect(database_url, Backoff(0.001, 0.001))
    assert list(answers) == []
    await database.client.close()


async def test_waiting_for_a_server_can_be_cancelled() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await connect("mongodb://127.0.0.1:1/test")


@pytest.mark.parametrize("descending", [False, True])
async def test_what_comes_after_a_document_is_the_rest_of_the_list(
    database: AsyncDatabase[Document], descending: bool
) -> None:
    things = [
        {"_id": name, "size": size} for name, size in zip("abcdef", (1, 2, 2, 2, 3, 3), strict=True)
    ]
    await database["things"].insert_many(things)
    way = -1 if descending else 1
    whole = things[::way]
    for place, thing in enumerate(whole):
        query = beyond("size", thing["size"], str(thing["_id"]), descending=descending)
        found = database["things"].find(query).sort([("size", way), ("_id", way)])
        assert await found.to_list() == whole[place + 1 :]

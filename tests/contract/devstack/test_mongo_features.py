"""What the stores count on, asked of the MongoDB that devstack provides."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import ASCENDING, AsyncMongoClient, ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, DuplicateKeyError

pytestmark = pytest.mark.anyio

Documents = AsyncCollection[dict[str, Any]]


@pytest.fixture
async def documents(mongodb_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Documents]:
    async with AsyncMongoClient[dict[str, Any]](mongodb_url) as client:
        collection = client.get_default_database()[request.node.name]
        yield collection
        await collection.drop()


async def test_a_unique_index_refuses_the_second(documents: Documents) -> None:
    await documents.create_index([("sku", ASCENDING)], unique=True)
    await documents.insert_one({"sku": "a"})

    with pytest.raises(DuplicateKeyError):
        await documents.insert_one({"sku": "a"})


async def test_a_sparse_unique_index_leaves_out_documents_without_the_field(
    documents: Documents,
) -> None:
    await documents.create_index([("checkoutKey", ASCENDING)], unique=True, sparse=True)
    await documents.insert_many([{"n": 1}, {"n": 2}, {"checkoutKey": "k"}])

    with pytest.raises(DuplicateKeyError):
        await documents.insert_one({"checkoutKey": "k"})
    assert await documents.count_documents({}) == 3


async def test_find_and_modify_takes_the_last_unit_once(documents: Documents) -> None:
    await documents.insert_one({"_id": "p", "available": 3})

    async def take() -> dict[str, Any] | None:
        return await documents.find_one_and_update(
            {"_id": "p", "available": {"$gte": 1}},
            {"$inc": {"available": -1}},
            return_document=ReturnDocument.AFTER,
        )

    taken = [left for left in await asyncio.gather(*[take() for _ in range(20)]) if left]
    assert sorted(left["available"] for left in taken) == [0, 1, 2]


async def test_an_array_filter_changes_one_element(documents: Documents) -> None:
    lines = [{"product": "a", "quantity": 1}, {"product": "b", "quantity": 1}]
    await documents.insert_one({"_id": "c", "lines": lines})

    await documents.update_one(
        {"_id": "c"},
        {"$set": {"lines.$[line].quantity": 5}},
        array_filters=[{"line.product": "b"}],
    )

    found = await documents.find_one({"_id": "c"})
    assert found is not None
    assert [line["quantity"] for line in found["lines"]] == [1, 5]


async def test_one_write_holds_state_and_outbox_together(documents: Documents) -> None:
    await documents.insert_one({"_id": "o", "version": 1, "outbox": []})

    written = await documents.update_one(
        {"_id": "o", "version": 1},
        {"$set": {"version": 2}, "$push": {"outbox": {"id": "e1"}}},
    )
    await documents.update_one({"_id": "o"}, {"$pull": {"outbox": {"id": "e1"}}})

    assert written.modified_count == 1
    assert await documents.find_one({"_id": "o"}) == {"_id": "o", "version": 2, "outbox": []}


async def test_a_facet_counts_in_one_round(documents: Documents) -> None:
    await documents.insert_many(
        [{"category": "lamps"}, {"category": "lamps"}, {"category": "chairs"}]
    )
    pipeline = [
        {"$facet": {"categories": [{"$group": {"_id": "$category", "count": {"$sum": 1}}}]}}
    ]

    async with await documents.aggregate(pipeline) as cursor:
        (facets,) = await cursor.to_list()

    counts = {each["_id"]: each["count"] for each in facets["categories"]}
    assert counts == {"lamps": 2, "chairs": 1}


async def test_the_server_sets_the_time_of_an_upsert(documents: Documents) -> None:
    update = {"$max": {"latest": 3}, "$currentDate": {"raised_at": True}}
    await documents.update_one({"_id": "a"}, update, upsert=True)

    first = await documents.find_one({"_id": "a"})
    assert first is not None
    assert first["latest"] == 3
    await documents.update_one({"_id": "a"}, update)
    again = await documents.find_one({"_id": "a", "raised_at": {"$gte": first["raised_at"]}})
    assert again is not None


async def test_an_ordered_insert_ends_where_a_unique_index_refuses(documents: Documents) -> None:
    await documents.create_index([("audience", 1), ("number", 1)], unique=True)
    await documents.insert_one({"_id": "taken", "audience": "a", "number": 3})

    new = [{"_id": f"m{number}", "audience": "a", "number": number} for number in range(1, 6)]
    with pytest.raises(BulkWriteError) as refused:
        await documents.insert_many(new)

    [error] = refused.value.details["writeErrors"]
    assert (error["code"], error["index"]) == (11000, 2)
    there = [each["number"] async for each in documents.find({"audience": "a"}).sort("number", 1)]
    assert there == [1, 2, 3]

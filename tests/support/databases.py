"""Databases of a test's own, on the servers of the run."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from chassis.ids import new_id
from chassis.mongo.client import Document, Index, client_options, ensure_indexes


@asynccontextmanager
async def empty_database(
    mongodb_url: str, indexes: Iterable[Index]
) -> AsyncIterator[AsyncDatabase[Document]]:
    """A new database with these indexes, on the server of a URL."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        mongodb_url, **client_options(mongodb_url)
    )
    database = client[f"test_{new_id()}"]
    await ensure_indexes(database, indexes)
    yield database
    await client.drop_database(database.name)
    await client.close()


async def entries_of(collection: AsyncCollection[Document]) -> list[Document]:
    """What waits in the outboxes of a collection; those of one document in their order."""
    return [
        entry
        async for document in collection.find({}, {"outbox": 1})
        for entry in document.get("outbox", ())
    ]

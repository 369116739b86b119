"""Databases of a test's own, on the servers of the run."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from chassis.ids import new_id
from chassis.mongo.client import Document, Index, client_options, ensure_indexes
from devstack.servers import Servers


@asynccontextmanager
async def empty_database(
    servers: Servers, context: str, indexes: Iterable[Index]
) -> AsyncIterator[AsyncDatabase[Document]]:
    """A database on the server of `context`, such as `cart`, with these indexes."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        servers.mongo[context], **client_options(servers.mongo[context])
    )
    database = client[f"{context}_{new_id()}"]
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

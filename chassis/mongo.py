"""A service's own MongoDB: the connection to it, its indexes, and where a page of it begins."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure

log = structlog.get_logger(__name__)

Document = dict[str, Any]

MAX_POOL_SIZE = 50
FIRST_RETRY_SECONDS = 0.2
LAST_RETRY_SECONDS = 1.0
# How long an operation looks for a server; the callers' deadlines are of this order too.
SERVER_SELECTION_MS = 2_000
# Sweeps and consumers have no deadline: they try again later rather than wait behind all others.
POOL_WAIT_MS = 5_000
CONNECT_MS = 2_000
SOCKET_MS = 20_000


@dataclass(frozen=True)
class Index:
    """One index of a collection; `keys` are (path, 1 | -1)."""

    collection: str
    keys: tuple[tuple[str, int], ...]
    unique: bool = False
    sparse: bool = False
    expire_after_seconds: int | None = None

    def model(self) -> IndexModel:
        """As the driver wants it; the server names it by its keys."""
        options: Document = {"unique": self.unique, "sparse": self.sparse}
        if self.expire_after_seconds is not None:
            options["expireAfterSeconds"] = self.expire_after_seconds
        return IndexModel(
            list(self.keys), **{name: on for name, on in options.items() if on is not False}
        )


async def connect(url: str, *, max_pool_size: int = MAX_POOL_SIZE) -> AsyncDatabase[Document]:
    """The database that the path of `url` names, once its server answers.

    Waits for the server for as long as it takes: cancel it to give up. Close `.client` at the end.

    Raises:
        pymongo.errors.ConfigurationError: `url` names no database, or is not a URL.
    """
    client: AsyncMongoClient[Document] = AsyncMongoClient(url, **client_options(max_pool_size))
    database = client.get_default_database()
    try:
        await _answered(database)
    except BaseException:
        await client.close()
        raise
    return database


def client_options(max_pool_size: int) -> Mapping[str, Any]:
    """Options of every client; those in the URL come before these."""
    return {
        "tz_aware": True,
        "maxPoolSize": max_pool_size,
        "serverSelectionTimeoutMS": SERVER_SELECTION_MS,
        "waitQueueTimeoutMS": POOL_WAIT_MS,
        "connectTimeoutMS": CONNECT_MS,
        "socketTimeoutMS": SOCKET_MS,
        "w": "majority",
        "journal": True,
        "retryWrites": False,
    }


async def _answered(database: AsyncDatabase[Document]) -> None:
    pause = FIRST_RETRY_SECONDS
    while True:
        try:
            await database.command("ping")
        except ConnectionFailure as error:
            if pause == FIRST_RETRY_SECONDS:
                log.warning("waiting for mongodb", database=database.name, error=str(error)[:200])
            await asyncio.sleep(pause)
            pause = min(pause * 2, LAST_RETRY_SECONDS)
        else:
            return


async def ensure_indexes(database: AsyncDatabase[Document], indexes: Iterable[Index]) -> None:
    """Make those of `indexes` that are not there yet; any number of processes may do so at once."""
    models: defaultdict[str, list[IndexModel]] = defaultdict(list)
    for index in indexes:
        models[index.collection].append(index.model())
    for collection, wanted in models.items():
        await database[collection].create_indexes(wanted)


def beyond(field: str, key: Any, document_id: str, *, descending: bool = False) -> Document:
    """The query for what comes after a document in a list ordered by `field` and then by `_id`.

    Args:
        field: its path.
        key: its value in that document.
        document_id: the document's `_id`.
        descending: whether both go from great to small.
    """
    further = "$lt" if descending else "$gt"
    return {"$or": [{field: {further: key}}, {field: key, "_id": {further: document_id}}]}

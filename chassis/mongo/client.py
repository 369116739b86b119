"""A service's own MongoDB: the connection to it, its indexes, and where a page of it begins.

What the shop does outside of its database (an event, a charge, an announcement) is preceded by a
write that a majority has, so a new primary never denies what others have read.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser_shared import split_options

from chassis.mongo.pool_metrics import pool_listeners
from chassis.resilience.backoff import Backoff

log = structlog.get_logger(__name__)

Document = dict[str, Any]

MAX_POOL_SIZE = 50
BACKOFF = Backoff(longest=1.0)
# How long an operation looks for a server; the callers' deadlines are of this order too.
SERVER_SELECTION_MS = 2_000
# Sweeps and consumers have no deadline: they try again later rather than wait behind all others.
POOL_WAIT_MS = 5_000
CONNECT_MS = 2_000
SOCKET_MS = 20_000
# How long a write waits for a majority. It may be done all the same, as where a reply is lost.
WRITE_CONCERN_MS = 5_000
DUPLICATE_KEY = 11000
# Codes of an OperationFailure by which a server says that it, or a majority, is not there now:
# HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, WriteConcernTimeout,
# CannotSatisfyWriteConcern, FailedToSatisfyReadPreference, ReadConcernMajorityNotAvailableYet,
# PrimarySteppedDown, ExceededTimeLimit, SocketException, NotWritablePrimary and Interrupted*.
UNREACHABLE_CODES = frozenset(
    {6, 7, 64, 89, 91, 100, 133, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}
)


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


async def connect(url: str, backoff: Backoff = BACKOFF) -> AsyncDatabase[Document]:
    """The database that the path of `url` names, once its server answers.

    Waits for the server for as long as it takes: cancel it to give up. Close `.client` at the end.

    Raises:
        pymongo.errors.ConfigurationError: `url` names no database, or is not a URL.
    """
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        url, event_listeners=pool_listeners(), **client_options(url)
    )
    database = client.get_default_database()
    warn_of_weaker_promises(database)
    try:
        await _patiently(lambda: database.command("ping"), database.name, backoff)
    except BaseException:
        await client.close()
        raise
    return database


def client_options(url: str) -> Mapping[str, Any]:
    """The options of a client of `url`: ours, but for those that the URL itself names."""
    ours = {
        "maxPoolSize": MAX_POOL_SIZE,
        "serverSelectionTimeoutMS": SERVER_SELECTION_MS,
        "waitQueueTimeoutMS": POOL_WAIT_MS,
        "connectTimeoutMS": CONNECT_MS,
        "socketTimeoutMS": SOCKET_MS,
        "w": "majority",
        "journal": True,
        "wTimeoutMS": WRITE_CONCERN_MS,
        "readConcernLevel": "majority",
    }
    _, _, query = url.partition("?")
    # pymongo would let keywords win over the URL.
    named = split_options(query, validate=False) if query else {}
    options = {name: value for name, value in ours.items() if name.lower() not in named}
    # Not for the URL to decide: the models compare times that know their zone.
    return options | {"tz_aware": True}


def is_unreachable(error: BaseException) -> bool:
    """Whether `error` says that MongoDB, or a majority of it, does not answer now.

    A write that ends so may have been done.
    """
    if isinstance(error, ConnectionFailure | WriteConcernError | ExecutionTimeout):
        return True
    if not isinstance(error, OperationFailure):
        return False
    # A bulk write names the codes of its parts only.
    details = error.details or {}
    parts = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
    codes = {part.get("code") for part in parts} or {error.code}
    return codes <= UNREACHABLE_CODES


def duplicates_of(error: BulkWriteError) -> list[int]:
    """The places of the writes that a unique index refused, where nothing else went wrong.

    Raises:
        BulkWriteError: Something else did, such as a majority that did not answer.
    """
    refused = error.details.get("writeErrors") or []
    is_other = any(each["code"] != DUPLICATE_KEY for each in refused)
    if is_other or not refused or error.details.get("writeConcernErrors"):
        raise error
    return [each["index"] for each in refused]


def warn_of_weaker_promises(database: AsyncDatabase[Document]) -> None:
    """Say so where the URL has given up writes or reads of a majority."""
    writes, reads = database.write_concern.document.get("w"), database.read_concern
    if writes != "majority" or reads != ReadConcern("majority"):
        log.warning(
            "the options of MONGODB_URL let a failover undo what the shop has confirmed;"
            " take w and readConcernLevel out of it",
            database=database.name,
        )


async def _patiently(work: Callable[[], Awaitable[Any]], database: str, backoff: Backoff) -> None:
    """Do `work`, again and again until the server answers."""
    failures = 0
    while True:
        try:
            await work()
        except PyMongoError as error:
            if not is_unreachable(error):
                raise
            failures += 1
            if failures == 1:
                log.warning("waiting for mongodb", database=database, error=str(error)[:200])
            await asyncio.sleep(backoff.pause(failures))
        else:
            return


async def ensure_indexes(
    database: AsyncDatabase[Document], indexes: Iterable[Index], backoff: Backoff = BACKOFF
) -> None:
    """Make those of `indexes` that are not there yet; any number of processes may do so at once.

    Waits while the server is busy, restarts, or elects a primary: cancel it to give up.
    """
    models: defaultdict[str, list[IndexModel]] = defaultdict(list)
    for index in indexes:
        models[index.collection].append(index.model())
    for collection, wanted in models.items():
        work = partial(database[collection].create_indexes, wanted)
        await _patiently(work, database.name, backoff)


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

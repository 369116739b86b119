from collections.abc import Sequence
from typing import Any, cast

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DuplicateKeyError,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WTimeoutError,
    _OperationCancelled,
)
from pymongo.read_concern import ReadConcern
from structlog.testing import capture_logs

from chassis.mongo import client as mongo
from chassis.mongo.client import (
    Document,
    Index,
    client_options,
    duplicates_of,
    ensure_indexes,
    is_unreachable,
)
from chassis.resilience.backoff import Backoff

pytestmark = pytest.mark.anyio

URL = "mongodb://127.0.0.1:1/things"


def client_of(url: str) -> AsyncMongoClient[Document]:
    return AsyncMongoClient(url, **client_options(url))


async def test_without_options_writes_and_reads_are_of_a_majority_and_writes_are_repeated() -> None:
    client = client_of(URL)
    assert client.write_concern.document == {"w": "majority", "j": True, "wtimeout": 5_000}
    assert client.read_concern == ReadConcern("majority")
    assert client.options.retry_writes
    assert client.options.pool_options.max_pool_size == mongo.MAX_POOL_SIZE


@pytest.mark.parametrize("separator", ["&", ";"])
async def test_an_option_in_the_url_comes_before_ours(separator: str) -> None:
    wanted = (
        *("retryWrites=false", "w=1", "wTimeoutMS=7", "journal=false", "maxPoolSize=7"),
        *("readConcernLevel=local", "SOCKETTIMEOUTMS=1234", "connectTimeoutMS=5"),
        *("waitQueueTimeoutMS=6000", "serverSelectionTimeoutMS=8000", "tz_aware=false"),
    )
    client = client_of(f"{URL}?{separator.join(wanted)}")
    assert client.write_concern.document == {"w": 1, "j": False, "wtimeout": 7}
    assert client.read_concern == ReadConcern("local")
    assert not client.options.retry_writes
    pool = client.options.pool_options
    assert (pool.max_pool_size, pool.socket_timeout, pool.connect_timeout) == (7, 1.234, 0.005)
    assert (pool.wait_queue_timeout, client.options.server_selection_timeout) == (6, 8)
    # The models need times with their zone.
    assert client.codec_options.tz_aware


@pytest.mark.parametrize(
    ("query", "warnings"),
    [
        ("", 0),
        ("?w=majority&readConcernLevel=majority", 0),
        ("?w=1", 1),
        ("?w=2", 1),
        ("?readConcernLevel=local", 1),
    ],
)
async def test_a_url_that_gives_up_the_majority_is_warned_of(query: str, warnings: int) -> None:
    database = client_of(URL + query).get_default_database()
    with capture_logs() as logs:
        mongo.warn_of_weaker_promises(database)
    assert sum("MONGODB_URL" in line["event"] for line in logs) == warnings


@pytest.mark.parametrize("url", ["mongodb://127.0.0.1:1/things?w", "mongodb://127.0.0.1:1"])
async def test_a_malformed_url_is_said_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError):
        await mongo.connect(url)


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("gone"),
        ServerSelectionTimeoutError("none"),
        NotPrimaryError("a secondary now"),
        _OperationCancelled("the pool was cleared"),
        WTimeoutError("no majority", 64),
        WriteConcernError("shutting down", 91),
        OperationFailure("no majority to read from yet", 134),
        OperationFailure("a shard is unreachable", 6),
        BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}),
        BulkWriteError({"writeErrors": [{"code": 11602}], "writeConcernErrors": []}),
    ],
)
def test_a_server_or_a_majority_that_does_not_answer_is_unreachable(error: PyMongoError) -> None:
    assert is_unreachable(error)


@pytest.mark.parametrize(
    "error",
    [
        DuplicateKeyError("there is one", 11000),
        OperationFailure("no such operator", 9),
        BulkWriteError({"writeErrors": [{"code": 11000}], "writeConcernErrors": [{"code": 64}]}),
        ConfigurationError("no database"),
        TimeoutError(),
    ],
)
def test_an_answer_is_no_outage(error: Exception) -> None:
    assert not is_unreachable(error)


class BusyDatabase:
    """Makes indexes once all of `troubles` are over."""

    name = "things"

    def __init__(self, troubles: Sequence[Exception]) -> None:
        self.troubles = list(troubles)
        self.made: list[Any] = []

    def __getitem__(self, _: str) -> "BusyDatabase":
        return self

    async def create_indexes(self, models: Sequence[Any]) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.made += models


async def made_by(troubles: Sequence[Exception]) -> int:
    database = BusyDatabase(troubles)
    await ensure_indexes(
        cast("AsyncDatabase[Document]", database),
        [Index("things", (("name", 1),))],
        Backoff(0.0, 0.0),
    )
    return len(database.made)


async def test_indexes_are_made_once_a_busy_server_answers() -> None:
    troubles = [_OperationCancelled("operation cancelled"), NotPrimaryError("electing")]
    assert await made_by([*troubles, OperationFailure("shutting down", 11600)]) == 1


async def test_an_index_that_cannot_be_made_is_said_at_once() -> None:
    with pytest.raises(OperationFailure):
        await made_by([OperationFailure("another index has that name", 86)])


REFUSED = {"index": 2, "code": mongo.DUPLICATE_KEY}
NO_MAJORITY = {"code": 64, "errmsg": "waiting for replication timed out"}


def test_writes_that_were_refused_as_duplicates_are_distinguished() -> None:
    assert duplicates_of(BulkWriteError({"writeErrors": [REFUSED]})) == [2]


@pytest.mark.parametrize(
    "details",
    [
        {"writeErrors": [], "writeConcernErrors": [NO_MAJORITY]},
        {"writeErrors": [REFUSED], "writeConcernErrors": [NO_MAJORITY]},
        {"writeErrors": [REFUSED, {"index": 3, "code": 2}]},
    ],
)
def test_whatever_else_goes_wrong_in_a_bulk_write_is_raised(details: Document) -> None:
    error = BulkWriteError(details)
    with pytest.raises(BulkWriteError) as raised:
        duplicates_of(error)
    assert raised.value is error

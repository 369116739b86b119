"""Each port of the notify service, once in memory and once on a real server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.ids import new_id
from chassis.mongo import Document, client_options, ensure_indexes
from devstack.servers import Servers
from svc_notify.store import INDEXES, MongoInbox, MongoMessageLog
from svc_notify.usecases.ports import Inbox, MessageLog
from tests.unit.svc_notify.fakes import FakeClock, FakeMessages

FAKE, REAL = "fake", "real"


@dataclass(frozen=True)
class Stores:
    """Both ports over the same messages, and the clock that they go by."""

    log: MessageLog
    inbox: Inbox
    clock: FakeClock


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the indexes of notify."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        servers.mongo["notify"], **client_options(50)
    )
    database = client[f"notify_{new_id()}"]
    await ensure_indexes(database, INDEXES)
    yield database
    await client.drop_database(database.name)
    await client.close()


@pytest.fixture(params=[FAKE, REAL])
def stores(request: pytest.FixtureRequest) -> Stores:
    """The stores, both kinds."""
    clock = FakeClock()
    if request.param == FAKE:
        fake = FakeMessages(clock)
        return Stores(fake, fake, clock)
    database: AsyncDatabase[Document] = request.getfixturevalue("database")
    return Stores(MongoMessageLog(database, clock, new_id), MongoInbox(database), clock)

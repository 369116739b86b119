"""Each port of the notify service, once in memory and once on a real server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from svc_notify.store import INDEXES, MongoInbox, MongoMessageLog
from svc_notify.usecases.ports import Inbox, MessageLog
from tests.support.clock import FakeClock
from tests.support.databases import empty_database
from tests.unit.svc_notify.fakes import FakeMessages

FAKE, REAL = "fake", "real"


@dataclass(frozen=True)
class Stores:
    """Both ports over the same messages, and the clock that they go by."""

    log: MessageLog
    inbox: Inbox
    clock: FakeClock


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the indexes of notify."""
    async with empty_database(mongodb_url, INDEXES) as database:
        yield database


@pytest.fixture(params=[FAKE, REAL])
def stores(request: pytest.FixtureRequest) -> Stores:
    """The stores, both kinds."""
    clock = FakeClock()
    if request.param == FAKE:
        fake = FakeMessages(clock)
        return Stores(fake, fake, clock)
    database: AsyncDatabase[Document] = request.getfixturevalue("database")
    return Stores(MongoMessageLog(database, clock), MongoInbox(database), clock)

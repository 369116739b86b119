"""Each port of the catalog, once in memory and once on a real server."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.ids import new_id
from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from devstack.servers import S3Address
from svc_catalog.messages import event_message
from svc_catalog.peers.minio_images import MinioImageStore
from svc_catalog.store import (
    COLLECTION,
    INDEXES,
    MongoProductStore,
    MongoStockStore,
    MongoVocabulary,
    deferred_announcement,
)
from svc_catalog.usecases.ports import ImageStore, ProductStore, StockStore, Vocabulary
from tests.support.databases import empty_database, entries_of
from tests.unit.svc_catalog.fakes import FakeImageStore, FakeProductStore, FakeVocabulary

FAKE, REAL = "fake", "real"


@dataclass(frozen=True)
class Stores:
    """ProductStore and StockStore of the same products."""

    products: ProductStore
    stock: StockStore
    # Topics of what was written into outboxes; those of one product in their order.
    announced: Callable[[], Awaitable[Sequence[str]]]


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the catalog's indexes."""
    async with empty_database(mongodb_url, INDEXES) as database:
        yield database


@pytest.fixture
def outbox(database: AsyncDatabase[Document]) -> Outbox:
    """The outbox of the products."""
    return Outbox(
        database[COLLECTION],
        event_message,
        encode_deferred=lambda document, topic: event_message(
            deferred_announcement(document, topic)
        ),
    )


@pytest.fixture(params=[FAKE, REAL])
def stores(request: pytest.FixtureRequest) -> Stores:
    """The stores, both kinds."""
    if request.param == FAKE:
        fake = FakeProductStore()

        async def announced() -> Sequence[str]:
            return [each.topic for each in fake.announced]

        return Stores(fake, fake, announced)
    database: AsyncDatabase[Document] = request.getfixturevalue("database")
    outbox: Outbox = request.getfixturevalue("outbox")

    async def written() -> Sequence[str]:
        return [entry["topic"] for entry in await entries_of(database[COLLECTION])]

    return Stores(MongoProductStore(database, outbox), MongoStockStore(database, outbox), written)


@pytest.fixture(params=[FAKE, REAL])
def images(request: pytest.FixtureRequest) -> ImageStore:
    """The store of pictures, both kinds."""
    if request.param == FAKE:
        return FakeImageStore()
    s3: S3Address = request.getfixturevalue("s3")
    return MinioImageStore(s3.url, s3.access_key, s3.secret_key, f"shop-{new_id()}")


@pytest.fixture(params=[FAKE, REAL])
def vocabulary(request: pytest.FixtureRequest) -> Vocabulary:
    """The vocabulary, both kinds."""
    if request.param == FAKE:
        return FakeVocabulary()
    return MongoVocabulary(request.getfixturevalue("database"), "english")

"""Each port of the cart's database, once in memory and once on a real server."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from shop.cart.v1 import events_pb2

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from svc_cart.messages import event_message
from svc_cart.store import CARTS, INDEXES, MongoCartStore, MongoProductReplica
from svc_cart.usecases.ports import CartStore, ProductReplica
from tests.support.databases import empty_database, entries_of
from tests.unit.svc_cart.fakes import FakeCartStore, FakeProductReplica

FAKE, REAL = "fake", "real"


@dataclass(frozen=True)
class Carts:
    """CartStore, and the order ids of the events that it wrote."""

    store: CartStore
    announced: Callable[[], Awaitable[Sequence[str]]]


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the cart's indexes."""
    async with empty_database(mongodb_url, INDEXES) as database:
        yield database


@pytest.fixture(params=[FAKE, REAL])
def carts(request: pytest.FixtureRequest) -> Carts:
    """The store of carts, both kinds."""
    if request.param == FAKE:
        fake = FakeCartStore()

        async def published() -> Sequence[str]:
            return [order_id for _, order_id in fake.checkouts]

        return Carts(fake, published)
    database: AsyncDatabase[Document] = request.getfixturevalue("database")
    collection = database[CARTS]

    async def written() -> Sequence[str]:
        return [
            events_pb2.CartCheckedOut.FromString(entry["data"]).order_id
            for entry in await entries_of(collection)
        ]

    return Carts(MongoCartStore(database, Outbox(collection, event_message)), written)


@pytest.fixture(params=[FAKE, REAL])
def replica(request: pytest.FixtureRequest) -> ProductReplica:
    """The replica of products, both kinds."""
    if request.param == FAKE:
        return FakeProductReplica()
    return MongoProductReplica(request.getfixturevalue("database"))

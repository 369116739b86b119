"""Each port of the cart's database, once in memory and once on a real server."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from shop.cart.v1 import events_pb2

from chassis.ids import new_id
from chassis.mongo import Document, client_options, ensure_indexes
from chassis.outbox import Outbox
from devstack.servers import Servers
from svc_cart.messages import event_message
from svc_cart.store import CARTS, INDEXES, MongoCartStore, MongoProductReplica
from svc_cart.usecases.ports import CartStore, ProductReplica
from tests.unit.svc_cart.fakes import FakeCartStore, FakeProductReplica

FAKE, REAL = "fake", "real"


@dataclass(frozen=True)
class Carts:
    """CartStore, and the order ids of the events that it wrote."""

    store: CartStore
    told: Callable[[], Awaitable[Sequence[str]]]


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the cart's indexes."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        servers.mongo["cart"], **client_options(50)
    )
    database = client[f"cart_{new_id()}"]
    await ensure_indexes(database, INDEXES)
    yield database
    await client.drop_database(database.name)
    await client.close()


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
            async for document in collection.find({}, {"outbox": 1})
            for entry in document.get("outbox", ())
        ]

    return Carts(MongoCartStore(database, Outbox(collection, event_message)), written)


@pytest.fixture(params=[FAKE, REAL])
def replica(request: pytest.FixtureRequest) -> ProductReplica:
    """The replica of products, both kinds."""
    if request.param == FAKE:
        return FakeProductReplica()
    return MongoProductReplica(request.getfixturevalue("database"))

"""Each port of the orders service, once in memory and once on what it stands for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.ids import new_id
from chassis.mongo import Document, client_options, ensure_indexes
from chassis.outbox import Outbox
from devstack.servers import Servers
from svc_orders.messages import event_message
from svc_orders.store import INDEXES, ORDERS, OrderStore, ProductStore
from svc_orders.usecases.ports import Orders, Products
from tests.unit.svc_orders.fakes import FakeOrders, FakeProducts

FAKE, REAL = "fake", "real"

TOPICS = {
    "OrderCreated": "order.created",
    "OrderCancelled": "order.cancelled",
    "OrderCompleted": "order.completed",
}


@dataclass(frozen=True)
class OrdersUnderTest:
    """The port, and what it announced: topics, oldest first."""

    port: Orders
    announced: Callable[[], Awaitable[Sequence[str]]]


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the indexes of orders."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        servers.mongo["orders"], **client_options(50)
    )
    database = client[f"orders_{new_id()}"]
    await ensure_indexes(database, INDEXES)
    yield database
    await client.drop_database(database.name)
    await client.close()


@pytest.fixture(params=[FAKE, REAL])
def orders(request: pytest.FixtureRequest) -> OrdersUnderTest:
    """The orders, both kinds."""
    if request.param == FAKE:
        fake = FakeOrders()

        async def told() -> Sequence[str]:
            return [TOPICS[type(event).__name__] for event in fake.events]

        return OrdersUnderTest(fake, told)
    database: AsyncDatabase[Document] = request.getfixturevalue("database")

    async def written() -> Sequence[str]:
        entries = [
            entry
            async for document in database[ORDERS].find({}, {"outbox": 1})
            for entry in document.get("outbox", ())
        ]
        return [entry["topic"] for entry in sorted(entries, key=lambda each: str(each["at"]))]

    return OrdersUnderTest(OrderStore(database, Outbox(database[ORDERS], event_message)), written)


@pytest.fixture(params=[FAKE, REAL])
def products(request: pytest.FixtureRequest) -> Products:
    """The product replica, both kinds."""
    if request.param == FAKE:
        return FakeProducts()
    return ProductStore(request.getfixturevalue("database"))

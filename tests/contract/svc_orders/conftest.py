"""Each port of the orders service, once in memory and once on what it stands for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from svc_orders.messages import event_message
from svc_orders.store import INDEXES, ORDERS, MongoOrders, MongoProducts, MongoUnpaidOrders
from svc_orders.usecases.ports import Orders, Products, UnpaidOrders
from tests.support.databases import empty_database, entries_of
from tests.unit.svc_orders.fakes import FakeOrders, FakeProducts, FakeUnpaid

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
async def database(mongodb_url: str) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the indexes of orders."""
    async with empty_database(mongodb_url, INDEXES) as database:
        yield database


@pytest.fixture(params=[FAKE, REAL])
def orders(request: pytest.FixtureRequest) -> OrdersUnderTest:
    """The orders, both kinds."""
    if request.param == FAKE:
        fake = FakeOrders()

        async def announced() -> Sequence[str]:
            return [TOPICS[type(event).__name__] for event in fake.events]

        return OrdersUnderTest(fake, announced)
    database: AsyncDatabase[Document] = request.getfixturevalue("database")

    async def written() -> Sequence[str]:
        entries = await entries_of(database[ORDERS])
        return [entry["topic"] for entry in sorted(entries, key=lambda each: str(each["at"]))]

    return OrdersUnderTest(MongoOrders(database, Outbox(database[ORDERS], event_message)), written)


@pytest.fixture(params=[FAKE, REAL])
def products(request: pytest.FixtureRequest) -> Products:
    """The product replica, both kinds."""
    if request.param == FAKE:
        return FakeProducts()
    return MongoProducts(request.getfixturevalue("database"))


@pytest.fixture(params=[FAKE, REAL])
def unpaid(request: pytest.FixtureRequest) -> UnpaidOrders:
    """What accounts have unpaid, both kinds."""
    if request.param == FAKE:
        return FakeUnpaid()
    return MongoUnpaidOrders(request.getfixturevalue("database"))

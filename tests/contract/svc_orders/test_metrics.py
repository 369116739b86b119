"""How many orders have each status, and how old the oldest is."""

from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from svc_orders.messages import event_message
from svc_orders.store import ORDERS, MongoOrders
from tests.contract.svc_orders.making import created
from tests.support.metrics import value_of
from tests.unit.svc_orders.world import NOON

pytestmark = pytest.mark.anyio


async def test_open_orders_are_counted_with_their_age_and_ended_ones_for_a_day(
    database: AsyncDatabase[Document],
) -> None:
    orders = MongoOrders(database, Outbox(database[ORDERS], event_message))
    minute, day = timedelta(minutes=1), timedelta(days=1)
    for number, (status, age) in enumerate(
        (
            *(("pending", 3 * day), ("pending", 2 * minute), ("created", minute)),
            *(("completed", 2 * day), ("completed", minute), ("cancelled", minute)),
        )
    ):
        assert await orders.insert(created(f"o{number}", at=NOON - age))
        await database[ORDERS].update_one({"_id": f"o{number}"}, {"$set": {"status": status}})
    refused = {"$set": {"status": "cancelled", "refused": True}}
    assert await orders.insert(created("refused", at=NOON))
    await database[ORDERS].update_one({"_id": "refused"}, refused)

    await orders.measure(NOON)

    numbers = {
        status: value_of("orders", {"status": status})
        for status in ("created", "pending", "completed", "cancelled")
    }
    assert numbers == {"created": 1, "pending": 2, "completed": 1, "cancelled": 1}
    oldest = "orders_oldest_age_seconds"
    assert value_of(oldest, {"status": "pending"}) == (3 * day).total_seconds()
    assert value_of(oldest, {"status": "created"}) == minute.total_seconds()

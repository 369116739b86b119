"""How many payments have each status, and how old the oldest is."""

from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from svc_payments.messages import event_message
from svc_payments.store import PAYMENTS, MongoPayments
from tests.contract.svc_payments.test_payments import begun
from tests.support.metrics import value_of
from tests.unit.svc_payments.world import NOON

pytestmark = pytest.mark.anyio

STATUSES = ("pending", "requires_action", "succeeded", "failed", "refunded")


async def test_open_payments_are_counted_with_their_age_and_ended_ones_for_a_day(
    database: AsyncDatabase[Document],
) -> None:
    payments = MongoPayments(database, Outbox(database[PAYMENTS], event_message))
    for number, (status, age) in enumerate((("succeeded", 25), ("pending", 30), ("failed", 1))):
        payment = begun(f"p{number}", order_id=f"o{number}", at=NOON - timedelta(hours=age))
        assert await payments.insert(payment)
        await database[PAYMENTS].update_one({"_id": payment.id}, {"$set": {"status": status}})

    await payments.measure(NOON)

    numbers = [value_of("payments", {"status": status}) for status in STATUSES]
    assert numbers == [1, 0, 0, 1, 0]
    oldest = "payments_oldest_age_seconds"
    assert value_of(oldest, {"status": "pending"}) == timedelta(hours=30).total_seconds()
    assert value_of(oldest, {"status": "requires_action"}) == 0

"""The payments in MongoDB: one document an attempt, changed only from one version to the next.

In a cluster they stay on one shard: an order's claim and a user's key are unique over all of them.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.mongo.client import Document, Index
from chassis.mongo.statuses import StatusMetrics
from chassis.outbox import versioned
from chassis.outbox.outbox import Outbox
from chassis.telemetry.metrics import Measured
from svc_payments.model.payment import OPEN, Change, Payment, PaymentStatus
from svc_payments.store.documents import OPTIONAL, payment_document, payment_of

PAYMENTS = "payments"
INDEXES = (
    # Only payments that are open or have succeeded have a claim: one for an order.
    Index(PAYMENTS, (("claim", 1),), unique=True, sparse=True),
    Index(PAYMENTS, (("user_id", 1), ("key", 1)), unique=True),
    Index(PAYMENTS, (("stripe_id", 1),), sparse=True),
    Index(PAYMENTS, (("order_id", 1), ("created_at", -1), ("_id", -1))),
    Index(PAYMENTS, (("attend_at", 1),), sparse=True),
    # Metrics.
    Index(PAYMENTS, (("status", 1), ("created_at", 1))),
)

METRICS = StatusMetrics("payments", {each.value: each in OPEN for each in PaymentStatus})


class MongoPayments:
    """The payments; the write of a version carries its events in the same document."""

    def __init__(self, database: AsyncDatabase[Document], outbox: Outbox) -> None:
        self._payments = database[PAYMENTS]
        self._outbox = outbox

    async def insert(self, payment: Payment) -> bool:
        """Keep a new payment; False where its order's claim is held, or its user has its key."""
        try:
            await self._payments.insert_one(payment_document(payment))
        except DuplicateKeyError:
            return False
        return True

    async def save(self, change: Change) -> bool:
        """Write the next version with its events; False where another was written first."""
        document = payment_document(change.payment)
        return await versioned.save_next(self._outbox, document, OPTIONAL, change.events)

    async def lease(self, payment: Payment, until: datetime | None) -> bool:
        """Have the others look after it only then; False where another worker did so first."""
        update = {"$set": {"attend_at": until}} if until else {"$unset": {"attend_at": ""}}
        result = await self._payments.update_one(
            {"_id": payment.id, "version": payment.version, "attend_at": payment.attend_at}, update
        )
        return result.modified_count == 1

    async def get(self, payment_id: str) -> Payment | None:
        """The payment as it is now."""
        return await self._one({"_id": payment_id})

    async def by_key(self, user_id: str, key: str) -> Payment | None:
        """The user's payment with this idempotency key."""
        return await self._one({"user_id": user_id, "key": key})

    async def by_stripe_id(self, stripe_id: str) -> Payment | None:
        """The payment of this PaymentIntent, once that is known."""
        return await self._one({"stripe_id": stripe_id})

    async def claiming(self, order_id: str) -> Payment | None:
        """The payment that holds the order's claim: it is open or has succeeded."""
        return await self._one({"claim": order_id})

    async def claims(self, order_ids: Sequence[str]) -> Mapping[str, Payment]:
        """Of those orders that have one, the payment that holds the claim."""
        found = self._payments.find({"claim": {"$in": list(order_ids)}}, {"outbox": 0})
        return {each["order_id"]: payment_of(each) async for each in found}

    async def of_order(self, order_id: str, limit: int) -> Sequence[Payment]:
        """All payments of an order, newest first."""
        found = self._payments.find({"order_id": order_id}, {"outbox": 0})
        newest = found.sort([("created_at", -1), ("_id", -1)]).limit(limit)
        return [payment_of(each) async for each in newest]

    async def due(self, now: datetime, limit: int) -> Sequence[Payment]:
        """Payments to look after, longest due first."""
        found = self._payments.find({"attend_at": {"$lte": now}}, {"outbox": 0})
        return [payment_of(each) async for each in found.sort("attend_at", 1).limit(limit)]

    @property
    def gauges(self) -> Collection[Measured]:
        """What `measure` sets."""
        return METRICS.gauges

    async def measure(self, now: datetime) -> None:
        """Count all payments for the metrics."""
        await METRICS.ask(self._payments, now)

    async def _one(self, query: Mapping[str, Any]) -> Payment | None:
        document = await self._payments.find_one(query, {"outbox": 0})
        return payment_of(document) if document else None

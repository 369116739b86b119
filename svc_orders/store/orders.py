"""The orders in MongoDB: one document an order, changed only from one version to the next.

One index for every query, and those that keep keys unique. The shard key in a cluster is `user_id`,
as the unique index begins with it.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.currencies import Money
from chassis.mongo.client import Document, Index, beyond
from chassis.mongo.statuses import StatusMetrics
from chassis.outbox import versioned
from chassis.outbox.outbox import Outbox
from chassis.telemetry.metrics import Measured
from svc_orders.model.order import OPEN, Change, Order, OrderStatus
from svc_orders.store.documents import OPTIONAL, order_document, order_of
from svc_orders.usecases.ports import BestSeller, DayRevenue, Filter, Page, Position, Stats

ORDERS = "orders"
INDEXES = (
    Index(ORDERS, (("user_id", 1), ("key", 1)), unique=True),
    # Only orders of carts have one of the client's keys, and each gives it up when it is cancelled.
    Index(ORDERS, (("user_id", 1), ("client_key", 1))),
    # Lists and counts. `refused` comes first as it is always given.
    Index(ORDERS, (("refused", 1), ("created_at", -1), ("_id", -1))),
    Index(ORDERS, (("refused", 1), ("user_id", 1), ("created_at", -1), ("_id", -1))),
    Index(ORDERS, (("refused", 1), ("user_id", 1), ("status", 1), ("created_at", -1), ("_id", -1))),
    Index(ORDERS, (("refused", 1), ("status", 1), ("created_at", -1), ("_id", -1))),
    # Sweeps.
    Index(ORDERS, (("status", 1), ("leased_until", 1))),
    Index(ORDERS, (("status", 1), ("expires_at", 1), ("_id", 1))),
    Index(ORDERS, (("release_due_at", 1),), sparse=True),
    Index(ORDERS, (("reconcile_at", 1),), sparse=True),
    # Figures.
    Index(ORDERS, (("status", 1), ("completed_day", 1))),
)

METRICS = StatusMetrics(
    "orders", {each.value: each in OPEN for each in OrderStatus}, where={"refused": False}
)

# Lists do without it, and it may be long.
WITHOUT_TIMELINE = {"timeline": 0, "outbox": 0}


class MongoOrders:
    """The orders; the write of a version carries its events in the same document."""

    def __init__(self, database: AsyncDatabase[Document], outbox: Outbox) -> None:
        self._orders = database[ORDERS]
        self._outbox = outbox

    async def insert(self, order: Order) -> bool:
        """Keep a new order; False where its user has one with its key."""
        try:
            await self._orders.insert_one(order_document(order))
        except DuplicateKeyError:
            return False
        return True

    async def save(self, change: Change) -> bool:
        """Write the next version with its events; False where another was written first."""
        document = order_document(change.order)
        return await versioned.save_next(self._outbox, document, OPTIONAL, change.events)

    async def lease(self, order: Order, until: datetime) -> bool:
        """Take over the reserving; False where the order or its lease has changed since."""
        result = await self._orders.update_one(
            {"_id": order.id, "version": order.version, "leased_until": order.leased_until},
            {"$set": {"leased_until": until}},
        )
        return result.modified_count == 1

    async def get(self, order_id: str) -> Order | None:
        """The order as it is now."""
        return await self._one({"_id": order_id})

    async def by_key(self, user_id: str, key: str) -> Order | None:
        """The user's order with this key."""
        return await self._one({"user_id": user_id, "key": key})

    async def by_client_key(self, user_id: str, client_key: str) -> Order | None:
        """The user's order of a cart that was made with this key of the client's."""
        return await self._one({"user_id": user_id, "client_key": client_key})

    async def still_open(self, order_ids: Sequence[str]) -> Set[str]:
        """Those of them that are created or pending."""
        found = self._orders.find(
            {"_id": {"$in": list(order_ids)}, "status": {"$in": [each.value for each in OPEN]}},
            {"_id": 1},
        )
        return {document["_id"] async for document in found}

    async def abandoned(self, now: datetime, limit: int) -> Sequence[Order]:
        """Created orders whose lease has run out, longest ago first."""
        return await self._due("leased_until", now, limit, OrderStatus.CREATED)

    async def expiring(self, until: datetime, after: Order | None, limit: int) -> Sequence[Order]:
        """Pending orders whose time is over by then, longest ago first, from after that one on."""
        query: Document = {"status": OrderStatus.PENDING.value, "expires_at": {"$lte": until}}
        if after is not None:
            query = {"$and": [query, beyond("expires_at", after.expires_at, after.id)]}
        found = self._orders.find(query, {"outbox": 0}).sort([("expires_at", 1), ("_id", 1)])
        return [order_of(document) async for document in found.limit(limit)]

    async def to_reconcile(self, now: datetime, limit: int) -> Sequence[Order]:
        """Cancelled orders whose end is to be reported to the payments again, longest ago first."""
        return await self._due("reconcile_at", now, limit)

    async def to_release(self, now: datetime, limit: int) -> Sequence[Order]:
        """Orders whose release is due, longest ago first."""
        return await self._due("release_due_at", now, limit)

    async def forget_refused(self, before: datetime, limit: int) -> int:
        """Delete refused orders that were made before then and owe no release; how many."""
        where = {
            "refused": True,
            "created_at": {"$lt": before},
            "release_due_at": {"$exists": False},
        }
        found = self._orders.find(where, {"_id": 1}).limit(limit)
        ids = [document["_id"] async for document in found]
        if ids:
            await self._orders.delete_many({"_id": {"$in": ids}})
        return len(ids)

    async def page(self, where: Filter, after: Position | None, limit: int) -> Page:
        """A page of orders, without their timelines."""
        matching = query = _query(where)
        if after is not None:
            behind = beyond("created_at", after.created_at, after.order_id, descending=True)
            query = {"$and": [query, behind]}
        newest = [("created_at", -1), ("_id", -1)]
        found = self._orders.find(query, WITHOUT_TIMELINE).sort(newest).limit(limit + 1)
        orders = [order_of(document) async for document in found]
        page = tuple(orders[:limit])
        if after is not None:
            total = after.total
        elif len(orders) > limit:
            total = await self._orders.count_documents(matching)
        else:
            total = len(orders)
        last = page[-1] if len(orders) > limit else None
        return Page(page, total, Position(last.created_at, last.id, total) if last else None)

    async def stats(self, since_day: str) -> Stats:
        """Counts over all time; revenue, and at most 10 best sellers, from `since_day` on."""
        return await read_stats(self._orders, since_day)

    @property
    def gauges(self) -> Collection[Measured]:
        """What `measure` sets."""
        return METRICS.gauges

    async def measure(self, now: datetime) -> None:
        """Count all orders for the metrics."""
        await METRICS.ask(self._orders, now)

    async def _one(self, query: Mapping[str, Any]) -> Order | None:
        document = await self._orders.find_one(query, {"outbox": 0})
        return order_of(document) if document else None

    async def _due(
        self, field: str, now: datetime, limit: int, status: OrderStatus | None = None
    ) -> Sequence[Order]:
        query: Document = {"status": status.value} if status else {}
        query[field] = {"$lte": now}
        found = self._orders.find(query, {"outbox": 0}).sort(field, 1).limit(limit)
        return [order_of(document) async for document in found]


def _query(where: Filter) -> Document:
    query: Document = {"refused": False}
    if where.user_id is not None:
        query["user_id"] = where.user_id
    if where.status is not None:
        query["status"] = where.status.value
    span = {"$gte": where.since, "$lt": where.until}
    if span := {bound: time for bound, time in span.items() if time is not None}:
        query["created_at"] = span
    return query


BEST_SELLERS = 10

BY_STATUS: Sequence[Document] = (
    {"$match": {"refused": False}},
    {"$group": {"_id": "$status", "count": {"$sum": 1}}},
)
REVENUE: Sequence[Document] = (
    {
        "$group": {
            "_id": {"day": "$completed_day", "currency": "$total.currency"},
            "revenue": {"$sum": "$total.amount_minor"},
            "orders": {"$sum": 1},
        }
    },
    {"$sort": {"_id.day": 1, "_id.currency": 1}},
)
SOLD: Sequence[Document] = (
    {"$unwind": "$items"},
    {
        "$group": {
            "_id": {"product_id": "$items.product_id", "currency": "$items.price.currency"},
            "title": {"$last": "$items.title"},
            "quantity": {"$sum": "$items.quantity"},
            "revenue": {"$sum": {"$multiply": ["$items.price.amount_minor", "$items.quantity"]}},
        }
    },
    {"$sort": {"quantity": -1, "revenue": -1, "_id.product_id": 1}},
    {"$limit": BEST_SELLERS},
)


async def read_stats(orders: AsyncCollection[Document], since_day: str) -> Stats:
    """Counts over all time; the rest over what was completed from `since_day` on and still is."""
    completed = {"status": OrderStatus.COMPLETED.value, "completed_day": {"$gte": since_day}}
    matching = ({"$match": completed},)
    counts = await _rows(orders, BY_STATUS)
    days = await _rows(orders, (*matching, *REVENUE))
    sold = await _rows(orders, (*matching, *SOLD))
    return Stats(
        by_status={OrderStatus(row["_id"]): row["count"] for row in counts},
        revenue_by_day=tuple(
            DayRevenue(
                row["_id"]["day"], Money(row["revenue"], row["_id"]["currency"]), row["orders"]
            )
            for row in days
        ),
        best_sellers=tuple(
            BestSeller(
                row["_id"]["product_id"],
                row["title"],
                row["quantity"],
                Money(row["revenue"], row["_id"]["currency"]),
            )
            for row in sold
        ),
    )


async def _rows(
    orders: AsyncCollection[Document], pipeline: Sequence[Document]
) -> list[dict[str, Any]]:
    return await (await orders.aggregate(list(pipeline))).to_list()

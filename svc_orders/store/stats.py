"""Figures over the orders, by aggregation."""

from collections.abc import Sequence
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from chassis.currencies import Money
from chassis.mongo.client import Document
from svc_orders.model.order import OrderStatus
from svc_orders.usecases.ports import BestSeller, DayRevenue, Stats

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

"""What payments keep of other contexts, in MongoDB: replicas, and which webhooks were handled.

One document for each; of a replica the newer version wins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from pymongo.asynchronous.database import AsyncDatabase

from chassis.currencies import Money
from chassis.mongo.client import Document, Index
from chassis.mongo.replica import NewerVersions, Replica
from svc_payments.model.orders import Order
from svc_payments.store.documents import items_of

ORDERS = "orders"
TITLES = "titles"
PROCESSED_EVENTS = "notices"
# Stripe repeats a webhook for three days.
KEPT_SECONDS = 30 * 24 * 3600
INDEXES = (Index(PROCESSED_EVENTS, (("at", 1),), expire_after_seconds=KEPT_SECONDS),)


class MongoOrders:
    """The replica of the orders."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._orders = database[ORDERS]
        self._newer = NewerVersions(self._orders)

    async def put(self, order: Order) -> None:
        """Keep it, unless the replica has this version or a newer one."""
        document = asdict(order)
        document["items"] = list(document["items"])
        await self._newer.put(document.pop("id"), document)

    async def get(self, order_id: str) -> Order | None:
        """The order in the version that is known."""
        # Not from memory: whether an order can be paid has to be known as it is.
        document = await self._orders.find_one({"_id": order_id})
        return _order_of(document) if document else None


class MongoTitles:
    """The replica of the products' titles."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._titles = Replica(database[TITLES], _title_of)

    async def put(
        self, product_id: str, title: str, version: int, details_version: int = 0
    ) -> None:
        """Keep it, unless the replica has this version or a newer one."""
        fields: Document = {"title": title, "version": version}
        await self._titles.put(product_id, fields, details_version)

    async def get(self, product_ids: Sequence[str]) -> Mapping[str, str]:
        """Titles by product id, of those that are known."""
        return await self._titles.get(product_ids)


class MongoProcessedEvents:
    """One document a webhook event, kept for a month."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._processed = database[PROCESSED_EVENTS]

    async def contains(self, event_id: str) -> bool:
        """Whether it was dealt with."""
        return await self._processed.find_one({"_id": event_id}) is not None

    async def add(self, event_id: str, at: datetime) -> None:
        """It was dealt with."""
        await self._processed.update_one({"_id": event_id}, {"$set": {"at": at}}, upsert=True)


def _title_of(document: Document) -> str:
    title: str = document["title"]
    return title


def _order_of(document: Document) -> Order:
    return Order(
        id=document["_id"],
        user_id=document["user_id"],
        is_pending=document["is_pending"],
        total=Money(**document["total"]),
        items=items_of(document["items"]),
        version=document["version"],
        expires_at=document["expires_at"],
        # Documents from before it was kept have none.
        number=document.get("number", ""),
    )

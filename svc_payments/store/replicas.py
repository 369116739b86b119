"""What payments know of other contexts, in MongoDB: one document a thing; newer versions win."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from pymongo.asynchronous.database import AsyncDatabase

from chassis.currencies import Money
from chassis.mongo.client import Document
from chassis.outbox import optimistic
from svc_payments.model.orders import Order
from svc_payments.store.documents import items_of

ORDERS = "orders"
TITLES = "titles"


class MongoOrders:
    """The replica of the orders."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._orders = database[ORDERS]

    async def put(self, order: Order) -> None:
        """Keep it, unless the replica has this version or a newer one."""
        document = asdict(order)
        document["items"] = list(document["items"])
        await optimistic.put_newer(self._orders, document.pop("id"), document)

    async def get(self, order_id: str) -> Order | None:
        """The order in the version that is known."""
        document = await self._orders.find_one({"_id": order_id})
        return _order_of(document) if document else None


class MongoTitles:
    """The replica of the products' titles."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._titles = database[TITLES]

    async def put(self, product_id: str, title: str, version: int) -> None:
        """Keep it, unless the replica has this version or a newer one."""
        await optimistic.put_newer(self._titles, product_id, {"title": title, "version": version})

    async def get(self, product_ids: Sequence[str]) -> Mapping[str, str]:
        """Titles by product id, of those that are known."""
        found = self._titles.find({"_id": {"$in": list(product_ids)}})
        return {document["_id"]: document["title"] async for document in found}


def _order_of(document: Document) -> Order:
    return Order(
        id=document["_id"],
        user_id=document["user_id"],
        is_pending=document["is_pending"],
        total=Money(**document["total"]),
        items=items_of(document["items"]),
        version=document["version"],
        expires_at=document["expires_at"],
        # Orders that were heard of before it was kept have none.
        number=document.get("number", ""),
    )

"""What accounts have ordered and not paid, in MongoDB: one document an account.

{_id: user id, version, held: [{order_id, items: [{product_id, quantity}]}]}
"""

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.mongo.client import Document
from svc_orders.model.unpaid import Unpaid, UnpaidOrder

UNPAID = "unpaid"


class MongoUnpaidOrders:
    """Written only over the version that was read."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._unpaid = database[UNPAID]

    async def get(self, user_id: str) -> Unpaid:
        """The account's; none in version 0 where it never ordered."""
        document = await self._unpaid.find_one({"_id": user_id})
        if document is None:
            return Unpaid(user_id)
        return Unpaid(user_id, tuple(map(_held_of, document["held"])), document["version"])

    async def save(self, unpaid: Unpaid) -> bool:
        """Write the next version; False where another was written first."""
        fields: Document = {
            "version": unpaid.version + 1,
            "held": list(map(_held_document, unpaid.held)),
        }
        if not unpaid.version:
            try:
                await self._unpaid.insert_one({"_id": unpaid.user_id} | fields)
            except DuplicateKeyError:
                return False
            return True
        before = {"_id": unpaid.user_id, "version": unpaid.version}
        return (await self._unpaid.update_one(before, {"$set": fields})).matched_count == 1

    async def add(self, user_id: str, order: UnpaidOrder, limit: int) -> bool:
        """Add an order where one write can tell that there is room; see UnpaidOrders."""
        has_room = {
            "_id": user_id,
            "held.order_id": {"$ne": order.order_id},
            "held.items.product_id": {"$nin": order.product_ids},
            f"held.{limit - 1}": {"$exists": False},
        }
        update = {"$push": {"held": _held_document(order)}, "$inc": {"version": 1}}
        try:
            await self._unpaid.update_one(has_room, update, upsert=True)
        except DuplicateKeyError:
            return False
        return True


def _held_document(held: UnpaidOrder) -> Document:
    return {
        "order_id": held.order_id,
        "items": [
            {"product_id": product_id, "quantity": quantity} for product_id, quantity in held.items
        ],
    }


def _held_of(document: Document) -> UnpaidOrder:
    items = ((item["product_id"], item["quantity"]) for item in document["items"])
    return UnpaidOrder(document["order_id"], tuple(items))

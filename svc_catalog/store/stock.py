"""The port StockStore on MongoDB: each step is one conditional write of one product.

A write that changes figures which can be seen also grows the version and announces the product,
unless it is deleted: then nobody may hear of it again, and its stock is only kept right.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo import Document
from chassis.outbox import Outbox
from svc_catalog.model.products import Product
from svc_catalog.model.stock import CLOSED_KEPT, NOTHING, Standing, State, StockChange
from svc_catalog.store.documents import COLLECTION, PROJECTION, product_of

TOPIC = "product.updated"

# The tombstone that the array filter picks. Not the positional `$`: the queries look into other
# arrays as well, and then MongoDB does not say which one it stands for.
_TOMBSTONE = "closed.$[tombstone]"


class MongoStockStore:
    """Reservations on their products.

    Args:
        database: The catalog's.
        outbox: Of the products, rendering them late.
    """

    def __init__(self, database: AsyncDatabase[Document], outbox: Outbox) -> None:
        self._products = database[COLLECTION]
        self._outbox = outbox

    async def find(self, product_id: str) -> Product | None:
        """See StockStore."""
        document = await self._products.find_one({"_id": product_id}, PROJECTION)
        return product_of(document) if document else None

    async def reserve(
        self, product_id: str, order_id: str, quantity: int, at: datetime
    ) -> Product | None:
        """See StockStore."""
        document = await self._announced(
            _standing_at(product_id, order_id, NOTHING)
            | {"available": {"$gte": quantity}, "deleted": False},
            {
                "$inc": {"reserved": quantity, "available": -quantity},
                "$push": {"reservations": {"order_id": order_id, "quantity": quantity, "at": at}},
            },
        )
        return product_of(document) if document else None

    async def standing(
        self, product_id: str, order_id: str, payment_id: str = ""
    ) -> Standing | None:
        """See StockStore."""
        of_order = {"$elemMatch": {"order_id": order_id}}
        document = await self._products.find_one(
            {"_id": product_id},
            {
                "reservations": of_order,
                "closed": of_order,
                "restocks": {"$elemMatch": {"payment_id": payment_id}},
            },
        )
        if document is None:
            return None
        for held in document.get("reservations", ()):
            return Standing(State.RESERVED, held["quantity"])
        for closed in document.get("closed", ()):
            return Standing(State(closed["outcome"]), closed["quantity"])
        return Standing(State.RESTOCKED) if document.get("restocks") else NOTHING

    async def change(
        self,
        product_id: str,
        order_id: str,
        before: Standing,
        change: StockChange,
        at: datetime,
        payment_id: str = "",
    ) -> bool:
        """See StockStore."""
        query = _standing_at(product_id, order_id, before)
        if payment_id:
            query["restocks.payment_id"] = {"$ne": payment_id}
        update = _update(order_id, before, change, at, payment_id)
        picked = [{"tombstone.order_id": order_id}] if before.closed else None
        if change.quantity or change.reserved:
            if await self._announced(query | {"deleted": False}, update, picked) is not None:
                return True
            query["deleted"] = True
        result = await self._products.update_one(query, update, array_filters=picked)
        return result.matched_count > 0

    async def _announced(
        self, query: Document, update: Document, picked: Sequence[Document] | None = None
    ) -> Mapping[str, Any] | None:
        """Do `update` with a new version and its event; the document after it, if it was done."""
        return await self._outbox.find_one_and_update(
            query,
            update | {"$inc": update["$inc"] | {"version": 1}},
            [self._outbox.late_entry(query["_id"], TOPIC)],
            projection=PROJECTION,
            array_filters=picked,
        )


def _standing_at(product_id: str, order_id: str, standing: Standing) -> Document:
    match standing.state:
        case State.NONE:
            where: Document = {
                "reservations.order_id": {"$ne": order_id},
                "closed.order_id": {"$ne": order_id},
            }
        case State.RESERVED:
            held = {"order_id": order_id, "quantity": standing.quantity}
            where = {"reservations": {"$elemMatch": held}}
        case outcome:
            where = {"closed": {"$elemMatch": {"order_id": order_id, "outcome": outcome.value}}}
    return {"_id": product_id} | where


def _update(
    order_id: str, before: Standing, change: StockChange, at: datetime, payment_id: str
) -> Document:
    update: Document = {}
    push: Document = {}
    if change.quantity or change.reserved:
        update["$inc"] = {
            "quantity": change.quantity,
            "reserved": change.reserved,
            "available": change.available,
        }
    if before.state is State.RESERVED:
        update["$pull"] = {"reservations": {"order_id": order_id}}
    if before.closed:
        update["$set"] = {f"{_TOMBSTONE}.outcome": change.after.state.value, f"{_TOMBSTONE}.at": at}
    elif change.after.closed:
        tombstone = {
            "order_id": order_id,
            "outcome": change.after.state.value,
            "quantity": change.after.quantity,
            "at": at,
        }
        push["closed"] = {"$each": [tombstone], "$slice": -CLOSED_KEPT}
    if payment_id:
        restocked = {"payment_id": payment_id, "at": at}
        push["restocks"] = {"$each": [restocked], "$slice": -CLOSED_KEPT}
    return update | ({"$push": push} if push else {})

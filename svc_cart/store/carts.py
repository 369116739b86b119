"""The port CartStore on MongoDB.

{_id, owner, version, merging_into, expires_at (guests only),
 lines: [{product_id, quantity, price: {amount_minor, currency}, added_at, begun}],
 merged: [guest's cart id], generation, checkouts: [order id, the newest],
 outbox: [entry]}

Sharded by a hashed `owner`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.currencies import Money
from chassis.mongo.client import Document, Index
from chassis.outbox.outbox import Outbox
from svc_cart.model.cart import Cart, Line
from svc_cart.model.checkouts import CartCheckedOut

CARTS = "carts"
INDEXES = (
    Index(CARTS, (("owner", 1),), unique=True),
    # Only guests' carts have it, each with its own time.
    Index(CARTS, (("expires_at", 1),), expire_after_seconds=0),
)

# A cart has one order at a time that waits to be paid, and it is the newest: an older one is not
# recorded again, however many there were.
CHECKOUTS_KEPT = 20


class MongoCartStore:
    """Carts in their collection.

    Args:
        database: The cart's.
        outbox: Of the carts.
    """

    def __init__(self, database: AsyncDatabase[Document], outbox: Outbox) -> None:
        self._carts = database[CARTS]
        self._outbox = outbox

    async def find(self, owner: str) -> Cart | None:
        """See CartStore."""
        document = await self._carts.find_one({"owner": owner}, {"outbox": 0, "checkouts": 0})
        return _cart_of(document) if document else None

    async def save(self, cart: Cart) -> Cart | None:
        """See CartStore."""
        saved = replace(cart, version=cart.version + 1)
        if not cart.version:
            return saved if await self._insert(saved) else None
        result = await self._carts.update_one(
            {"_id": cart.id, "version": cart.version, "merging_into": ""},
            {"$set": _contents(saved)},
        )
        return saved if result.matched_count else None

    async def seal(self, owner: str, merging_into: str) -> Cart | None:
        """See CartStore."""
        document = await self._carts.find_one_and_update(
            {"owner": owner, "merging_into": {"$in": ["", merging_into]}},
            # The new version makes writes fail that began before this.
            {"$set": {"merging_into": merging_into}, "$inc": {"version": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return _cart_of(document) if document else None

    async def delete(self, cart_id: str) -> None:
        """See CartStore."""
        await self._carts.delete_one({"_id": cart_id})

    async def record_checkout(self, event: CartCheckedOut) -> None:
        """See CartStore."""
        entries = self._outbox.entries(event.cart_id, [event])
        generation = event.order.purchase.generation
        await self._outbox.update_one(
            {
                "_id": event.cart_id,
                # Carts that were written before there were generations lack the first one.
                "generation": {"$in": [generation] if generation else [generation, None]},
                "checkouts": {"$ne": event.order.id},
            },
            {"$push": {"checkouts": {"$each": [event.order.id], "$slice": -CHECKOUTS_KEPT}}},
            entries,
        )

    async def _insert(self, cart: Cart) -> bool:
        try:
            await self._carts.insert_one(
                {"_id": cart.id, "owner": cart.owner, "merging_into": ""} | _contents(cart)
            )
        except DuplicateKeyError:
            return False
        return True


def _contents(cart: Cart) -> Document:
    contents: Document = {
        "version": cart.version,
        "lines": [
            {
                "product_id": line.product_id,
                "quantity": line.quantity,
                "price": {
                    "amount_minor": line.price.amount_minor,
                    "currency": line.price.currency,
                },
                "added_at": line.added_at,
                "begun": line.begun,
            }
            for line in cart.lines
        ],
        "merged": list(cart.merged),
        "generation": cart.generation,
    }
    return contents | ({"expires_at": cart.expires_at} if cart.expires_at else {})


def _cart_of(document: Mapping[str, Any]) -> Cart:
    return Cart(
        id=document["_id"],
        owner=document["owner"],
        lines=tuple(
            Line(
                line["product_id"],
                line["quantity"],
                Money(**line["price"]),
                line["added_at"],
                line.get("begun", 0),
            )
            for line in document["lines"]
        ),
        version=document["version"],
        merged=tuple(document["merged"]),
        generation=document.get("generation", 0),
        merging_into=document["merging_into"],
        expires_at=document.get("expires_at"),
    )

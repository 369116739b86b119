"""The port StockStore on MongoDB: each step is one conditional write of one product.

A write that changes figures which can be seen also grows the version and announces the product,
unless it is deleted: then no one may hear of it again, and its stock is only kept right.

The tombstones of the last minutes are in the product, so that one write closes an order and moves
its stock. Older ones are in a collection of their own, where time alone ends them: a tombstone is
looked for in the product first, then there, and is put there before it leaves the product.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from svc_catalog.model.products import Product
from svc_catalog.model.stock import (
    NOTHING,
    Reservation,
    Standing,
    State,
    StockChange,
    StockLine,
)
from svc_catalog.store.announcements import write_announced
from svc_catalog.store.documents import COLLECTION, PROJECTION, product_of
from svc_catalog.store.tombstones import Tombstones

# More than a shop has unpaid at a time; a document of so many is far from MongoDB's limit.
MAX_RESERVATIONS = 50_000

# What array filters pick. Not the positional `$`: the queries look into other arrays as well, and
# then MongoDB does not say which one it stands for.
_TOMBSTONE = "closed.$[tombstone]"
_TOKEN = "reservations.$[held].token"  # noqa: S105 - a path, no secret


class MongoStockStore:
    """Reservations on their products.

    Args:
        database: The catalog's.
        outbox: Of the products, rendering them late.
    """

    def __init__(self, database: AsyncDatabase[Document], outbox: Outbox) -> None:
        self._products = database[COLLECTION]
        self._tombstones = Tombstones(database)
        self._outbox = outbox

    async def find(self, product_id: str) -> Product | None:
        """See StockStore."""
        document = await self._products.find_one({"_id": product_id}, PROJECTION)
        return product_of(document) if document else None

    async def reserve(
        self, order_id: str, line: StockLine, token: str, at: datetime
    ) -> Product | None:
        """See StockStore."""
        if await self._tombstones.standing(line.product_id, order_id) is not None:
            return None
        held = {"order_id": order_id, "quantity": line.quantity, "token": token, "at": at}
        document = await write_announced(
            self._outbox,
            _standing_at(line.product_id, order_id, NOTHING)
            | {
                "available": {"$gte": line.quantity},
                "deleted": False,
                f"reservations.{MAX_RESERVATIONS - 1}": {"$exists": False},
            },
            {
                "$inc": {"reserved": line.quantity, "available": -line.quantity},
                "$push": {"reservations": held},
            },
        )
        return product_of(document) if document else None

    async def adopt(self, order_id: str, line: StockLine, token: str) -> Product | None:
        """See StockStore."""
        held = Standing(State.RESERVED, line.quantity)
        document = await self._products.find_one_and_update(
            _standing_at(line.product_id, order_id, held),
            {"$set": {_TOKEN: token}},
            array_filters=[{"held.order_id": order_id}],
            projection=PROJECTION,
        )
        return product_of(document) if document else None

    async def standing(self, product_id: str, order_id: str) -> Standing | None:
        """See StockStore."""
        of_order = {"$elemMatch": {"order_id": order_id}}
        document = await self._products.find_one(
            {"_id": product_id}, {"reservations": of_order, "closed": of_order}
        )
        if document is None:
            return None
        for held in document.get("reservations", ()):
            return Standing(State.RESERVED, held["quantity"], held.get("token", ""))
        for closed in document.get("closed", ()):
            return Standing(State(closed["outcome"]), closed["quantity"])
        return await self._tombstones.standing(product_id, order_id) or NOTHING

    async def change(
        self, product_id: str, order_id: str, before: Standing, change: StockChange, at: datetime
    ) -> bool:
        """See StockStore."""
        query = _standing_at(product_id, order_id, before)
        if change.available < 0:
            query["available"] = {"$gte": -change.available}
        update = _update(order_id, before, change, at)
        picked = [{"tombstone.order_id": order_id}] if _is_in_product(before) else []
        if await write_announced(self._outbox, query | {"deleted": False}, update, picked):
            return True
        query["deleted"] = True
        result = await self._products.update_one(query, update, array_filters=picked or None)
        return result.matched_count > 0

    async def archive(self, before: datetime) -> None:
        """See StockStore."""
        old = {"closed.at": {"$lte": before}}
        async for product in self._products.find(old, {"closed": 1}):
            closed = [each for each in product["closed"] if each["at"] <= before]
            await self._tombstones.keep(product["_id"], closed)
            # Those that were seen. One that has changed since has a younger time, and stays.
            names = [each["order_id"] for each in closed]
            gone = {"order_id": {"$in": names}, "at": {"$lte": before}}
            await self._products.update_one({"_id": product["_id"]}, {"$pull": {"closed": gone}})

    async def held_since(self, before: datetime) -> AsyncIterator[Reservation]:
        """See StockStore."""
        old = {"reservations.at": {"$lte": before}}
        async for product in self._products.find(old, {"reservations": 1}):
            for held in product["reservations"]:
                if held["at"] <= before:
                    line = StockLine(product["_id"], held["quantity"])
                    yield Reservation(held["order_id"], line)


def _is_in_product(standing: Standing) -> bool:
    return standing.closed and not standing.archived


def _standing_at(product_id: str, order_id: str, standing: Standing) -> Document:
    if standing.state is State.RESERVED:
        held: Document = {"order_id": order_id, "quantity": standing.quantity}
        if standing.token:
            held["token"] = standing.token
        where: Document = {"reservations": {"$elemMatch": held}}
    elif _is_in_product(standing):
        tombstone = {"order_id": order_id, "outcome": standing.state.value}
        where = {"closed": {"$elemMatch": tombstone}}
    else:
        where = {
            "reservations.order_id": {"$ne": order_id},
            "closed.order_id": {"$ne": order_id},
        }
    return {"_id": product_id} | where


def _update(order_id: str, before: Standing, change: StockChange, at: datetime) -> Document:
    update: Document = {
        "$inc": {
            "quantity": change.quantity,
            "reserved": change.reserved,
            "available": change.available,
        }
    }
    if before.state is State.RESERVED:
        update["$pull"] = {"reservations": {"order_id": order_id}}
    outcome: dict[str, Any] = {"outcome": change.after.state.value, "at": at}
    if _is_in_product(before):
        update["$set"] = {f"{_TOMBSTONE}.{name}": value for name, value in outcome.items()}
    elif change.after.closed:
        tombstone = {"order_id": order_id, "quantity": change.after.quantity} | outcome
        update["$push"] = {"closed": tombstone}
    return update

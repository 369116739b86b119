"""The port StockStore on MongoDB: each step of an order is one conditional write of one product.

A write that changes figures which can be seen also grows the version and announces the product,
unless it is deleted: then no one may hear of it again, and its stock is only kept right.

The same write puts the reservation, as it is by then, into the product: an entry of `recent`. So
that a product stays as small as it is, however many orders it has, entries move out into documents
of their own: they are kept there first, and leave the product in a write that also grows its
`moved`. A look for an order's reservation looks at the product, and if that has no entry of it,
at its document; and what is then written requires that the product still has no entry of the order,
and `moved` as it was when they saw the product. Where both hold, nothing has left the product since
the look at the document, so the document still said the truth. No clock has a part in it, and a
process that dies between any two of these writes leaves what the next one finds as it was.
"""

from collections.abc import AsyncIterator
from datetime import datetime

import structlog
from cachetools import LRUCache
from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from svc_catalog.model.products import Product
from svc_catalog.model.stock import (
    HeldLine,
    Reservation,
    State,
    StockChange,
    StockLine,
    hold,
)
from svc_catalog.store.announcements import write_announced
from svc_catalog.store.documents import COLLECTION, PROJECTION, product_of
from svc_catalog.store.earlier_form import convert
from svc_catalog.store.reservations import Reservations, reservation_of

log = structlog.get_logger(__name__)

# Entries that one process writes before it moves them out, and that a product has at most, however
# many processes write and whichever of them dies.
MOVED_AT, MAX_RECENT = 32, 500
# Products of which a process remembers `moved`, and how many entries it has written.
MAX_REMEMBERED = 10_000

_SEEN = {**PROJECTION, "moved": True}
# What an array filter picks. Not the positional `$`: the queries look into the outbox as well, and
# then MongoDB does not say which of the arrays it stands for.
_ENTRY = "recent.$[entry]"


class MongoStockStore:
    """Stock on its products, and reservations beside them.

    Args:
        database: The catalog's.
        outbox: Of the products, rendering them late.
        remembered: How many products to know something of without a look.
    """

    def __init__(
        self,
        database: AsyncDatabase[Document],
        outbox: Outbox,
        remembered: int = MAX_REMEMBERED,
    ) -> None:
        self._database = database
        self._products = database[COLLECTION]
        self._reservations = Reservations(database)
        self._outbox = outbox
        self._moved: LRUCache[str, int] = LRUCache(remembered)
        # Of a product that was forgotten the count begins anew, and its entries stay for longer: at
        # most until there are MAX_RECENT, which the write itself sees to. What is refused then
        # looks at the product, as does whatever finds no `moved` of it, and that moves them out.
        self._written: LRUCache[str, int] = LRUCache(remembered)

    async def find(self, product_id: str) -> Product | None:
        """See StockStore."""
        document = await self._products.find_one({"_id": product_id}, PROJECTION)
        return product_of(document) if document else None

    async def reserve(
        self, order_id: str, line: StockLine, token: str, at: datetime
    ) -> Product | None:
        """See StockStore."""
        seen = self._moved.get(line.product_id)
        if seen is None:
            before = await self.reservation(line.product_id, order_id)
        elif seen:
            before = await self._reservations.get(line.product_id, order_id, seen)
        else:
            # Nothing has ever left the product.
            before = Reservation(seen=seen)
        if before is None or before.state is not State.NONE:
            return None
        held = hold(before, line.quantity, token)
        return await self.change(line.product_id, order_id, before, held, at) if held else None

    async def reservation(self, product_id: str, order_id: str) -> Reservation | None:
        """See StockStore."""
        document = await self._with_recent(product_id)
        if document is None:
            return None
        for entry in document["recent"]:
            if entry["order_id"] == order_id:
                return reservation_of(entry)
        seen: int = document["moved"]
        if not seen:
            return Reservation(seen=seen)
        return await self._reservations.get(product_id, order_id, seen)

    async def change(
        self, product_id: str, order_id: str, before: Reservation, change: StockChange, at: datetime
    ) -> Product | None:
        """See StockStore."""
        query: Document = {"_id": product_id}
        if before.seen is None:
            query["recent.id"] = _entry_id(order_id, before.step)
        else:
            query |= {
                "recent.order_id": {"$ne": order_id},
                "moved": before.seen,
                f"recent.{MAX_RECENT - 1}": {"$exists": False},
            }
        if change.available < 0:
            query["available"] = {"$gte": -change.available}
        if change.after.state is State.RESERVED and change.is_visible:
            query["deleted"] = False
        update, picked = _update(order_id, before, change, at)
        document = await self._write(query, update, picked, change)
        if document is None:
            return None
        self._moved[product_id] = document["moved"]
        if before.seen is not None:
            await self._count_entry(product_id)
        return product_of(document)

    async def archive(self, before: datetime) -> None:
        """See StockStore."""
        old = {"recent.at": {"$lte": before}}
        async for product in self._products.find(old, {"recent": True, "moved": True}):
            await self._move_out(product)

    async def held_since(self, before: datetime) -> AsyncIterator[HeldLine]:
        """See StockStore."""
        await self.archive(before)
        async for each in self._reservations.held_since(before):
            yield each

    async def _write(
        self, query: Document, update: Document, picked: list[Document], change: StockChange
    ) -> Document | None:
        if change.is_visible:
            document = await write_announced(
                self._outbox, query | {"deleted": False}, update, picked, _SEEN
            )
            if document is not None or "deleted" in query:
                return document
            query = query | {"deleted": True}
        return await self._products.find_one_and_update(
            query,
            update,
            projection=_SEEN,
            array_filters=picked or None,
            return_document=ReturnDocument.AFTER,
        )

    async def _count_entry(self, product_id: str) -> None:
        """Move entries out once this process has written many.

        What fails is tried again with the next ones.
        """
        self._written[product_id] = written = self._written.get(product_id, 0) + 1
        if written < MOVED_AT:
            return
        del self._written[product_id]
        try:
            await self._with_recent(product_id)
        except PyMongoError as error:
            # The step that was written counts, whatever becomes of this.
            log.warning("entries stay", product_id=product_id, error=type(error).__name__)

    async def _with_recent(self, product_id: str) -> Document | None:
        """The product's `recent` and `moved`, after many entries have been moved out."""
        wanted = {"recent": True, "moved": True}
        document = await self._products.find_one({"_id": product_id}, wanted)
        while document is not None and "moved" not in document:
            await convert(self._database, product_id)
            document = await self._products.find_one({"_id": product_id}, wanted)
        if document is not None and len(document["recent"]) >= MOVED_AT:
            await self._move_out(document)
            document = await self._products.find_one({"_id": product_id}, wanted)
        if document is not None:
            self._moved[product_id] = document["moved"]
        return document

    async def _move_out(self, product: Document) -> None:
        """Keep the entries of a product as it was read, and take out those that are as they were.

        Of several who do so at a time one takes them out.
        """
        product_id, entries = product["_id"], product["recent"]
        await self._reservations.keep(product_id, entries)
        kept = {"id": {"$in": [each["id"] for each in entries]}}
        document = await self._products.find_one_and_update(
            {"_id": product_id, "moved": product["moved"]},
            {"$pull": {"recent": kept}, "$inc": {"moved": 1}},
            projection={"moved": True},
            return_document=ReturnDocument.AFTER,
        )
        if document is not None:
            self._moved[product_id] = document["moved"]


def _entry_id(order_id: str, step: int) -> str:
    return f"{order_id}/{step}"


def _update(
    order_id: str, before: Reservation, change: StockChange, at: datetime
) -> tuple[Document, list[Document]]:
    """The operators of a step, and their array filters."""
    step = before.step + 1
    entry: Document = {
        "id": _entry_id(order_id, step),
        "order_id": order_id,
        "state": change.after.state.value,
        "quantity": change.after.quantity,
        "token": change.after.token,
        "at": at,
        "step": step,
    }
    figures = {
        "quantity": change.quantity,
        "reserved": change.reserved,
        "available": change.available,
    }
    update: Document = {"$inc": {name: by for name, by in figures.items() if by}}
    if not update["$inc"]:
        del update["$inc"]
    if before.seen is not None:
        return update | {"$push": {"recent": entry}}, []
    return update | {"$set": {_ENTRY: entry}}, [{"entry.id": _entry_id(order_id, before.step)}]

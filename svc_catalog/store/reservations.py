"""Reservations that left their products, one document each; kept for ever, as Kafka keeps events.

{_id: "<product>/<order>", product_id, order_id, state, quantity, token, at, step,
 held_at (while it is reserved)}

A reader of the topics from their beginning finds that each order has ended.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from chassis.mongo.client import Document, Index, duplicates_of
from svc_catalog.model.stock import HeldLine, Reservation, State, StockLine

RESERVATIONS = "reservations"

# Only what is held has it.
INDEXES = (Index(RESERVATIONS, (("held_at", 1),), sparse=True),)


class Reservations:
    """The reservations that have left their products.

    Args:
        database: The catalog's.
    """

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._reservations = database[RESERVATIONS]

    async def get(self, product_id: str, order_id: str, seen: int) -> Reservation:
        """The reservation, for one who saw the product's `moved` before."""
        found = await self._reservations.find_one({"_id": _id(product_id, order_id)})
        return reservation_of(found, seen) if found else Reservation(seen=seen)

    async def keep(self, product_id: str, entries: Sequence[Document]) -> None:
        """Keep these of a product; none in the place of a later step of the same order."""
        if not entries:
            return
        try:
            await self._reservations.bulk_write(
                [_kept(product_id, each) for each in entries], ordered=False
            )
        except BulkWriteError as error:
            # An upsert that finds this step or a later one kept already.
            duplicates_of(error)

    async def held_since(self, before: datetime) -> AsyncIterator[HeldLine]:
        """What is held and was before then."""
        async for each in self._reservations.find({"held_at": {"$lte": before}}):
            yield HeldLine(each["order_id"], StockLine(each["product_id"], each["quantity"]))


def reservation_of(document: Document, seen: int | None = None) -> Reservation:
    """What a document says, or an entry of a product."""
    return Reservation(
        State(document["state"]),
        document["quantity"],
        document["token"],
        document["step"],
        seen,
    )


def _kept(product_id: str, entry: Document) -> UpdateOne:
    fields = {
        name: entry[name] for name in ("order_id", "state", "quantity", "token", "at", "step")
    }
    update: Document = {"$set": fields | {"product_id": product_id}}
    if entry["state"] == State.RESERVED:
        update["$set"]["held_at"] = entry["at"]
    else:
        update["$unset"] = {"held_at": ""}
    earlier = {"_id": _id(product_id, entry["order_id"]), "step": {"$lt": entry["step"]}}
    return UpdateOne(earlier, update, upsert=True)


def _id(product_id: str, order_id: str) -> str:
    return f"{product_id}/{order_id}"

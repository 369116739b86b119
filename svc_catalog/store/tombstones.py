"""How orders ended with products; kept for as long as Kafka keeps what asks for it: for ever.

Whoever reads the topics again from their beginning finds that each order has ended.

{_id: "<product>/<order>", outcome, quantity, at}
"""

from collections.abc import Sequence

from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from chassis.mongo.client import Document, duplicates_of
from svc_catalog.model.stock import Standing, State

TOMBSTONES = "tombstones"


class Tombstones:
    """The tombstones that have left their products.

    Args:
        database: The catalog's.
    """

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._tombstones = database[TOMBSTONES]

    async def standing(self, product_id: str, order_id: str) -> Standing | None:
        """How the order ended with the product; None where nothing is known of it."""
        found = await self._tombstones.find_one({"_id": _id(product_id, order_id)})
        if found is None:
            return None
        return Standing(State(found["outcome"]), found["quantity"], archived=True)

    async def keep(self, product_id: str, closed: Sequence[Document]) -> None:
        """Keep these of a product; none in the place of a younger one of the same order."""
        writes = [
            UpdateOne(
                {"_id": _id(product_id, each["order_id"]), "at": {"$lt": each["at"]}},
                {"$set": {name: each[name] for name in ("outcome", "quantity", "at")}},
                upsert=True,
            )
            for each in closed
        ]
        if not writes:
            return
        try:
            await self._tombstones.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            # An upsert that finds this one or a younger one kept already.
            duplicates_of(error)


def _id(product_id: str, order_id: str) -> str:
    return f"{product_id}/{order_id}"

"""The port CategoryStore on MongoDB: one spelling of each category.

{_id: normalised name, name}
"""

from collections.abc import Mapping
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.mongo.client import Document
from svc_catalog.model.words import normalised
from svc_catalog.store.documents import COLLECTION

CATEGORIES = "categories"


class MongoCategoryStore:
    """Categories by what they are called, whatever the case and accents.

    Args:
        database: The catalog's.
    """

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._categories = database[CATEGORIES]
        self._products = database[COLLECTION]

    async def find(self, name: str) -> str:
        """See CategoryStore."""
        found = await self._categories.find_one({"_id": normalised(name)})
        return str(found["name"]) if found else name

    async def keep(self, name: str, product_id: str) -> str:
        """See CategoryStore."""
        one = {"_id": normalised(name)}
        try:
            kept = await self._categories.find_one_and_update(
                one,
                {"$setOnInsert": {"name": name}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:  # another call was first
            kept = await self._categories.find_one(one)
        spelling = str(kept["name"]) if kept else name
        if spelling == name or await self._members(spelling) != [product_id]:
            return spelling
        await self._categories.update_one(one, {"$set": {"name": name}})
        return name

    async def learn(self) -> None:
        """See CategoryStore."""
        if await self._categories.find_one({}, {"_id": True}) is not None:
            return
        pipeline: list[Mapping[str, Any]] = [
            {"$match": {"deleted": False}},
            {"$group": {"_id": "$category", "count": {"$sum": 1}}},
            {"$sort": {"count": -1, "_id": 1}},
        ]
        async for each in await self._products.aggregate(pipeline):
            await self.keep(each["_id"], "")

    async def _members(self, category: str) -> list[str]:
        """The ids of some products that are in it: of all, where it is one."""
        query = {"deleted": False, "category": category}
        found = self._products.find(query, {"_id": True}).limit(2)
        return [document["_id"] async for document in found]

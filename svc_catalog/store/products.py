"""The port ProductStore on MongoDB."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document, Index, beyond
from chassis.outbox.outbox import Outbox
from svc_catalog.model.products import MAX_QUANTITY, Product
from svc_catalog.model.search import LEVELS, Filters, Position, Sort
from svc_catalog.store.announcements import write_announced
from svc_catalog.store.documents import (
    COLLECTION,
    DERIVED_BY,
    PROJECTION,
    SORT_FIELDS,
    derived,
    details_document,
    fields_document,
    new_document,
    product_of,
    versions_document,
)
from svc_catalog.store.searches import any_level_query, level_query

# Idempotency keys of edits that are kept, a product. Only admins have any.
EDITS_KEPT = 100

# Of what a search finds, so many are counted at most.
COUNTED = 10_000
# What a page may cost the database: words that are common, but not together, are looked for long,
# and so are the few products of a narrow range of prices, in the order of another field.
LONGEST_MS = 2_000


def _list_index(narrowed_by: str, sort: str, direction: int) -> Index:
    narrowing = ((narrowed_by, 1),) if narrowed_by else ()
    keys = (("deleted", 1), *narrowing, (sort, direction), ("_id", direction))
    return Index(COLLECTION, keys)


# A list is in one of three orders (both price orders walk one index, in either direction), and
# most narrowly filtered by category or by words; what else filters it is looked at on the way.
_LISTS = tuple(
    _list_index(narrowed_by, sort, direction)
    for narrowed_by in ("", "category", "terms")
    for sort, direction in (("created_at", -1), ("price.amount_minor", 1), ("title_key", 1))
)

INDEXES = (
    *_LISTS,
    _list_index("main_terms", "created_at", -1),
    Index(COLLECTION, (("derived_by", 1),)),
    # A sweep. A product without any is not in it.
    Index(COLLECTION, (("recent.at", 1),), sparse=True),
)


class MongoProductStore:
    """Products in their collection.

    Args:
        database: The catalog's.
        outbox: Of the products, rendering them late.
    """

    def __init__(self, database: AsyncDatabase[Document], outbox: Outbox) -> None:
        self._products = database[COLLECTION]
        self._outbox = outbox

    async def find(self, product_id: str) -> Product | None:
        """See ProductStore."""
        document = await self._products.find_one({"_id": product_id}, PROJECTION)
        return product_of(document) if document else None

    async def insert(self, product: Product) -> None:
        """See ProductStore."""
        entries = [self._outbox.deferred_entry(product.id, "product.created")]
        document = new_document(product)
        await self._products.insert_one(document | {"outbox": entries})
        self._outbox.nudge(product.id, entries, document)

    async def replace(self, product: Product) -> bool:
        """See ProductStore."""
        fields = fields_document(product.fields) | versions_document(product)
        document = await write_announced(
            self._outbox,
            {"_id": product.id, "version": product.version - 1, "deleted": False},
            # The version holds `reserved` as well: what is available can be written outright.
            {"$set": fields | {"available": product.available}},
        )
        return document is not None

    async def edit(
        self, before: Product, after: Product, version: int | None, key: str
    ) -> Product | None:
        """See ProductStore."""
        change = after.fields.quantity - before.fields.quantity
        query: Document = {"_id": before.id, "deleted": False}
        update: Document = {"$inc": {"quantity": change, "available": change}}
        if after.details_version != before.details_version:
            known = before.details_version
            query["details_version"] = {"$in": [known, None]} if known == 1 else known
            update["$set"] = details_document(after)
        if change < 0:
            query["available"] = {"$gte": -change}
        if change > 0:
            query["quantity"] = {"$lte": MAX_QUANTITY - change}
        if version is not None:
            query["version"] = version
        if key:
            query["edits"] = {"$ne": key}
            update["$push"] = {"edits": {"$each": [key], "$slice": -EDITS_KEPT}}
        document = await write_announced(self._outbox, query, update)
        return product_of(document) if document else None

    async def has_edit(self, product_id: str, key: str) -> bool:
        """See ProductStore."""
        query = {"_id": product_id, "edits": key}
        return await self._products.find_one(query, {"_id": True}) is not None

    async def delete(self, product_id: str) -> None:
        """See ProductStore."""
        await self._outbox.find_one_and_update(
            {"_id": product_id, "deleted": False},
            {"$set": {"deleted": True}, "$inc": {"version": 1}},
            [self._outbox.deferred_entry(product_id, "product.deleted")],
            projection=PROJECTION,
        )

    async def currency(self) -> str | None:
        """See ProductStore."""
        found = self._products.find({"deleted": False}, {"price.currency": True})
        async for document in found.sort([("created_at", 1), ("_id", 1)]).limit(1):
            return str(document["price"]["currency"])
        return None

    async def outdated(self, limit: int) -> Sequence[Product]:
        """See ProductStore."""
        # Those from before there was a number have none.
        query = {"$or": [{"derived_by": {"$lt": DERIVED_BY}}, {"derived_by": None}]}
        cursor = self._products.find(query, PROJECTION).limit(limit)
        return [product_of(document) async for document in cursor]

    async def derive(self, product: Product) -> bool:
        """See ProductStore."""
        as_read = {"_id": product.id, "version": product.version}
        written = await self._products.update_one(as_read, {"$set": derived(product.fields)})
        return written.matched_count > 0

    async def page(
        self, filters: Filters, sort: Sort, after: Position | None, limit: int
    ) -> Sequence[Product]:
        """See ProductStore."""
        if sort is not Sort.RELEVANCE or filters.search is None:
            return await self._list(_query(filters), sort, after, limit)
        found: list[Product] = []
        for level in range(after.level if after else 0, len(LEVELS)):
            matching = level_query(filters.search, level)
            if matching is not None:
                behind = after if after and after.level == level else None
                query = _query(filters, matching)
                found += await self._list(query, sort, behind, limit - len(found))
            if len(found) == limit:
                break
        return found

    async def _list(
        self, query: Document, sort: Sort, after: Position | None, limit: int
    ) -> list[Product]:
        field, direction = SORT_FIELDS[sort], -1 if sort.descending else 1
        if after is not None:
            query |= beyond(field, after.key, after.id, descending=sort.descending)
        cursor = (
            self._products.find(query, PROJECTION)
            .sort([(field, direction), ("_id", direction)])
            .limit(limit)
            .max_time_ms(LONGEST_MS)
        )
        return [product_of(document) async for document in cursor]

    async def counts(self, filters: Filters) -> Mapping[str, int]:
        """See ProductStore."""
        bounds = [{"$limit": COUNTED}] if filters.search else []
        pipeline: list[Mapping[str, Any]] = [
            {"$match": _query(filters, but_category=True)},
            *bounds,
            {"$group": {"_id": "$category", "count": {"$sum": 1}}},
            {"$sort": {"_id": 1}},
        ]
        cursor = await self._products.aggregate(
            pipeline, maxTimeMS=LONGEST_MS if filters.search else None
        )
        return {each["_id"]: each["count"] async for each in cursor}


def _query(
    filters: Filters, matching: Document | None = None, *, but_category: bool = False
) -> Document:
    query: Document = {"deleted": False}
    if filters.category and not but_category:
        query["category"] = filters.category
    bounds = {"$gte": filters.min_price, "$lte": filters.max_price}
    price = {operator: bound for operator, bound in bounds.items() if bound is not None}
    if price:
        query["price.amount_minor"] = price
    if filters.in_stock is not None:
        query["available"] = {"$gt": 0} if filters.in_stock else {"$lte": 0}
    if filters.search is not None:
        query["$and"] = [matching or any_level_query(filters.search)]
    return query

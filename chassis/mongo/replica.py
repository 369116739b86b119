"""Copies of what other services own: the newest version of each wins, whichever event comes first.

Most are asked for again and again, so they are kept in memory for a moment. What this process
takes in counts at once; what another replica of the service takes in, a second later.
"""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Generic, TypeVar

from cachetools import TTLCache
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from chassis.mongo.client import Document

T = TypeVar("T")

KEPT_SECONDS = 1.0
MAX_KEPT = 10_000


class Replica(Generic[T]):
    """Copies in a collection, one document each, with a `version`.

    Args:
        documents: The collection.
        read: Makes a copy of a document.
        monotonic: Seconds on a clock that never goes back.
    """

    def __init__(
        self,
        documents: AsyncCollection[Document],
        read: Callable[[Document], T],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._documents = documents
        self._read = read
        self._kept: TTLCache[str, T] = TTLCache(MAX_KEPT, KEPT_SECONDS, monotonic)
        self._writes = 0

    async def get(self, ids: Collection[str]) -> Mapping[str, T]:
        """Those that are known, by id."""
        found = {each: copy for each in ids if (copy := self._kept.get(each)) is not None}
        missing = [each for each in ids if each not in found]
        if not missing:
            return found
        writes = self._writes
        async for document in self._documents.find({"_id": {"$in": missing}}):
            found[document["_id"]] = self._read(document)
        if writes == self._writes:
            self._kept.update({each: found[each] for each in missing if each in found})
        return found

    async def put(self, document_id: str, fields: Document) -> None:
        """Write `fields`, `version` among them, unless this version or a newer one is known."""
        try:
            await put_newer(self._documents, document_id, fields)
        finally:
            # Also after an error: it may have been written. What is being read may be older.
            self._writes += 1
            self._kept.pop(document_id, None)


async def put_newer(
    replicas: AsyncCollection[Document], document_id: str, fields: Document
) -> None:
    """Write `fields`, `version` among them, unless the replica has this version or a newer one."""
    older = {"_id": document_id, "version": {"$lt": fields["version"]}}
    try:
        await replicas.update_one(older, {"$set": fields}, upsert=True)
    except DuplicateKeyError:
        # It is there in this version or a newer one, or another process was first to insert an
        # older one.
        await replicas.update_one(older, {"$set": fields})

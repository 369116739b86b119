"""Copies of what other services own: the newest version of each wins, whichever event comes first.

Most are asked for again and again, so they are kept in memory for a moment. What this process
takes in counts at once; what another replica of the service takes in, a second later. The events of
one original come to one process, so a copy that is kept and hears of its next version is the
newest, and is kept on without being read: those that are asked for most are those that change.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Generic, TypeVar

from cachetools import LRUCache, TTLCache
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from chassis.mongo.client import Document, duplicates_of
from chassis.tasks import Together
from chassis.telemetry import traces

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
        self._newer = NewerVersions(documents)
        self._read = read
        # What was written is there in this one or a later one.
        self._details: LRUCache[str, int] = LRUCache(MAX_KEPT)
        # What is older was read before, or while, this one was written.
        self._newest: LRUCache[str, int] = LRUCache(MAX_KEPT)
        self._kept: TTLCache[str, Document] = TTLCache(MAX_KEPT, KEPT_SECONDS, monotonic)

    async def get(self, ids: Collection[str]) -> Mapping[str, T]:
        """Those that are known, by id."""
        found = {each: document for each in ids if (document := self._kept.get(each)) is not None}
        missing = [each for each in ids if each not in found]
        if missing:
            async for document in self._documents.find({"_id": {"$in": missing}}):
                found[document["_id"]] = document
                self._keep(document)
        return {each: self._read(document) for each, document in found.items()}

    async def put(self, document_id: str, fields: Document, details_version: int = 0) -> None:
        """Write `fields`, `version` among them, unless this version or a newer one is known.

        Args:
            document_id: Of the copy.
            fields: Of the copy; some may be left as they are.
            details_version: Where it is the one that this process has written before, `fields`
                differ in nothing but `version`, and nothing is written. 0 where that is not known.
        """
        if details_version and self._details.get(document_id) == details_version:
            if (kept := self._kept.get(document_id)) is not None:
                self._keep(kept)
            return
        version = fields["version"]
        self._newest[document_id] = max(version, self._newest.get(document_id, 0))
        try:
            await self._newer.put(document_id, fields)
        except BaseException:
            # It may have been written.
            self._kept.pop(document_id, None)
            raise
        if details_version:
            self._details[document_id] = details_version
        kept = self._kept.get(document_id)
        if kept is None or kept["version"] >= version:
            return
        if kept.keys() <= {"_id", *fields}:
            self._kept[document_id] = {**fields, "_id": document_id}
        else:
            # What was left as it is may be newer than what is kept of it.
            self._kept.pop(document_id, None)

    def _keep(self, document: Document) -> None:
        document_id = document["_id"]
        if document["version"] >= self._newest.get(document_id, 0):
            self._kept[document_id] = document


class NewerVersions:
    """Writes versions of documents, unless this one or a newer one is there.

    What is put while others are written is written together next.
    """

    def __init__(self, documents: AsyncCollection[Document]) -> None:
        self._documents = documents
        self._put = Together(self._put_all)

    async def put(self, document_id: str, fields: Document) -> None:
        """Write `fields`, `version` among them."""
        await self._put((document_id, fields, traces.traceparent()))

    async def _put_all(self, puts: Sequence[tuple[str, Document, str]]) -> Sequence[None]:
        with traces.together("put", (trace for _, _, trace in puts)):
            await self._write(puts)
        return [None] * len(puts)

    async def _write(self, puts: Sequence[tuple[str, Document, str]]) -> None:
        newest: dict[str, Document] = {}
        # A version may have some of the fields only: the others are those of the one before.
        for document_id, fields, _ in sorted(puts, key=lambda each: each[1]["version"]):
            newest[document_id] = newest.get(document_id, {}) | fields
        places = list(newest.items())
        try:
            await self._documents.bulk_write(
                [_unless_newer(*each, upsert=True) for each in places], ordered=False
            )
        except BulkWriteError as error:
            # It is there in this version or a newer one, or another process was first to insert an
            # older one.
            again = [places[place] for place in duplicates_of(error)]
            await self._documents.bulk_write(
                [_unless_newer(*each, upsert=False) for each in again], ordered=False
            )


def _unless_newer(document_id: str, fields: Document, *, upsert: bool) -> UpdateOne:
    older = {"_id": document_id, "version": {"$lt": fields["version"]}}
    return UpdateOne(older, {"$set": fields}, upsert=upsert)

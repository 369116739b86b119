"""The outbox inside an aggregate's document: its events are written with what they tell of.

The write that changes a document also pushes `entries` onto `outbox` of the same document, so
there is an event exactly where there was a change. A nudge then has them published at once; what
a crash or an outage left behind, the sweep of `chassis.outbox.relay` finds.

    await outbox.update_one({"_id": order.id, ...}, {...}, outbox.entries(order.id, events))
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from google.protobuf.message import Message
from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor

from chassis.clock import Clock, utcnow
from chassis.contract.topics import topic_of
from chassis.ids import NewId, new_id
from chassis.mongo.client import Document, Index
from chassis.telemetry.traces import traceparent

log = structlog.get_logger(__name__)

DomainEvent = Any
Encode = Callable[[DomainEvent], Message]
EncodeDeferred = Callable[[Mapping[str, Any], str], Message]

FIELD = "outbox"


@dataclass(frozen=True)
class OutboxEntry:
    """An event that is to be published, and the document whose outbox holds it."""

    document_id: Any
    id: str
    topic: str
    key: str
    at: datetime
    data: bytes
    trace: str = ""
    behind: bool = False
    """Whether its outbox held other entries when it was written: those are to leave first."""


class Outbox:
    """The events of one collection's documents.

    Args:
        collection: whose documents have an `outbox`.
        encode: makes the message of a domain event; its annotation names the topic.
        encode_deferred: makes the message of a deferred entry from the document as it is when the
            entry is published, and the topic.
        gathers: Whether events gather for a moment after each batch that was published. The first
            after a silence leaves at once; of many, each costs less, here and at each consumer.
    """

    def __init__(
        self,
        collection: AsyncCollection[Document],
        encode: Encode,
        *,
        encode_deferred: EncodeDeferred | None = None,
        gathers: bool = False,
        clock: Clock = utcnow,
        new_id: NewId = new_id,
    ) -> None:
        self.collection = collection
        self.gathers = gathers
        self._encode = encode
        self._encode_deferred = encode_deferred
        self._clock = clock
        self._new_id = new_id
        self._listener: Callable[[Sequence[OutboxEntry]], None] | None = None

    @property
    def index(self) -> Index:
        """Holds only the documents with waiting events, so that the sweep reads nothing else."""
        return Index(self.collection.name, ((f"{FIELD}.at", 1),), sparse=True)

    @property
    def needs_document(self) -> bool:
        """Whether entries may have to be encoded from their document."""
        return self._encode_deferred is not None

    async def update_one(
        self, query: Document, update: Document, entries: Sequence[Document]
    ) -> bool:
        """The collection's `update_one` that also pushes `entries`, and then nudges.

        Args:
            query: Names the document by its `_id`, with the conditions of the write.
            update: What else the write does; operators only.
            entries: May be none.

        Returns:
            Whether the document was found, and so was written.
        """
        # The write itself shows the first entry that was there before: what is read a moment
        # later may have been published, or pushed, in between.
        pushed = [entry["id"] for entry in entries]
        document = await self.collection.find_one_and_update(
            query,
            _pushing(update, entries),
            projection={"_id": True, FIELD: {"$elemMatch": {"id": {"$nin": pushed}}}},
            return_document=ReturnDocument.AFTER,
        )
        if document is None:
            return False
        self.nudge(query["_id"], entries, behind=FIELD in document)
        return True

    async def find_one_and_update(
        self,
        query: Document,
        update: Document,
        entries: Sequence[Document],
        *,
        projection: Mapping[str, bool],
        array_filters: Sequence[Document] | None = None,
    ) -> Document | None:
        """As `update_one`, for deferred entries: `projection` has to show what they are made from.

        Deferred entries are never behind others: whichever is published tells of the newest state.

        Returns:
            The document after the write; None where it was not found.
        """
        document = await self.collection.find_one_and_update(
            query,
            _pushing(update, entries),
            projection=projection,
            array_filters=array_filters,
            return_document=ReturnDocument.AFTER,
        )
        if document is not None:
            self.nudge(query["_id"], entries, document)
        return document

    def entries(self, key: str, events: Sequence[DomainEvent]) -> list[Document]:
        """What a write pushes.

        Args:
            key: the aggregate's id; events of one key keep their order within a topic.
            events: what happened, in order.
        """
        messages = map(self._encode, events)
        return [
            self._entry(key, topic_of(type(message))) | {"data": message.SerializeToString()}
            for message in messages
        ]

    def deferred_entry(self, key: str, topic: str) -> Document:
        """An entry without data: its message is made from the document when it is published."""
        if self._encode_deferred is None:
            raise ValueError("an outbox without `encode_deferred` cannot encode deferred entries")
        return self._entry(key, topic)

    def read(self, query: Document) -> AsyncCursor[Document]:
        """The documents that `query` finds, as far as their entries are made from them."""
        return self.collection.find(query, None if self.needs_document else {FIELD: True})

    def nudge(
        self,
        document_id: Any,
        entries: Sequence[Document],
        document: Mapping[str, Any] | None = None,
        *,
        behind: bool = False,
    ) -> None:
        """Publish `entries` at once, from memory; for right after the write.

        Never waits and never raises: what goes wrong here is found by the sweep.

        Args:
            document_id: the written document's `_id`.
            entries: those the write pushed.
            document: as it is after the write; deferred entries need it, or wait for the sweep.
            behind: whether the outbox held other entries before the write.
        """
        if self._listener is not None and entries:
            waiting = self.waiting(document_id, entries, document)
            self._listener(
                [replace(each, behind=behind) for each in waiting] if behind else waiting
            )

    def on_nudge(self, listener: Callable[[Sequence[OutboxEntry]], None] | None) -> None:
        """Have `listener` called with what is nudged; the relay does, while it runs."""
        self._listener = listener

    def waiting(
        self,
        document_id: Any,
        entries: Sequence[Document],
        document: Mapping[str, Any] | None,
    ) -> list[OutboxEntry]:
        """`entries` ready to be published, in order; without those that cannot be encoded."""
        found = []
        for entry in entries:
            data = entry.get("data")
            if data is None and document is not None:
                data = self._encoded_deferred(document, entry)
            if data is not None:
                found.append(
                    OutboxEntry(
                        document_id=document_id,
                        id=entry["id"],
                        topic=entry["topic"],
                        key=entry["key"],
                        at=entry["at"],
                        data=data,
                        trace=entry.get("trace", ""),
                    )
                )
        return found

    def _entry(self, key: str, topic: str) -> Document:
        entry = {"id": self._new_id(), "topic": topic, "key": key, "at": self._clock()}
        trace = traceparent()
        return entry | {"trace": trace} if trace else entry

    def _encoded_deferred(self, document: Mapping[str, Any], entry: Document) -> bytes | None:
        if self._encode_deferred is None:
            log.error("outbox entry without data", collection=self.collection.name, id=entry["id"])
            return None
        try:
            return self._encode_deferred(document, entry["topic"]).SerializeToString()
        except Exception:
            # A fault of one document's encoder must not hold back the events of all others.
            log.exception("outbox entry not encoded", topic=entry["topic"], id=entry["id"])
            return None


def _pushing(update: Document, entries: Sequence[Document]) -> Document:
    if not entries:
        return update
    return update | {"$push": update.get("$push", {}) | {FIELD: {"$each": entries}}}

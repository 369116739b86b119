"""Events that Kafka rejects for good: taken out of their outbox, kept where an operator sees them.

In its outbox such an event would be tried again and again, and older than all that follow.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import structlog
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import Clock, utcnow
from chassis.mongo.client import Document, Index, beyond
from chassis.outbox.outbox import OutboxEntry

log = structlog.get_logger(__name__)

COLLECTION = "rejected_events"
INDEXES = (Index(COLLECTION, (("rejected_at", 1), ("_id", 1))),)

# When the last event of a page was rejected, and its id.
Position = tuple[datetime, str]


@dataclass(frozen=True)
class RejectedEvent:
    """An event that Kafka rejected; `waiting` is the entry that its outbox had."""

    waiting: OutboxEntry
    rejected_at: datetime


class RejectedEvents:
    """The rejected events of a service in its own database; `INDEXES` are theirs."""

    def __init__(self, database: AsyncDatabase[Document], clock: Clock = utcnow) -> None:
        self._events = database[COLLECTION]
        self._clock = clock

    async def keep(self, rejected: Sequence[OutboxEntry]) -> None:
        """Keep `rejected`; one that is here already stays as it is.

        Raises:
            pymongo.errors.PyMongoError: Some may not be kept: leave them in their outboxes.
        """
        now = self._clock()
        writes = [
            UpdateOne({"_id": each.id}, {"$setOnInsert": _document(each, now)}, upsert=True)
            for each in rejected
        ]
        if writes:
            await self._events.bulk_write(writes, ordered=False)
        for each in rejected:
            log.error("event rejected by kafka and set aside", topic=each.topic, event_id=each.id)

    async def page(
        self, size: int, after: Position | None
    ) -> tuple[list[RejectedEvent], Position | None]:
        """At most `size` after that position, oldest first, and where the next page starts."""
        wanted = beyond("rejected_at", *after) if after is not None else {}
        found = self._events.find(wanted).sort([("rejected_at", 1), ("_id", 1)]).limit(size + 1)
        events = [_event(each) async for each in found]
        last = events[size - 1] if len(events) > size else None
        return events[:size], (last.rejected_at, last.waiting.id) if last else None

    async def count(self) -> int:
        """How many there are."""
        return await self._events.count_documents({})

    async def estimate(self) -> int:
        """The same without looking at each, and so wrong for a moment after a crash."""
        return await self._events.estimated_document_count()

    async def get(self, event_id: str) -> RejectedEvent | None:
        """The event of that id."""
        document = await self._events.find_one({"_id": event_id})
        return _event(document) if document else None

    async def remove(self, event_id: str) -> bool:
        """Remove it; False where it was not there."""
        return (await self._events.delete_one({"_id": event_id})).deleted_count == 1


def _document(waiting: OutboxEntry, now: datetime) -> Document:
    fields = {name: value for name, value in asdict(waiting).items() if name != "id"}
    return fields | {"rejected_at": now}


def _event(document: Document) -> RejectedEvent:
    fields: dict[str, Any] = {name: value for name, value in document.items() if name != "_id"}
    rejected_at = fields.pop("rejected_at")
    return RejectedEvent(OutboxEntry(id=document["_id"], **fields), rejected_at)

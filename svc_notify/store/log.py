"""The logs of all audiences.

A message is written with the sequence number after the latest. The unique index on (audience,
sequence) lets one of several writers have it; the others take the next. Only then is `latest` of
the audience raised, so it never is ahead of the log. It may be behind, where a writer died in
between: then the next writer meets the number as taken and goes on from there, and the event's
redelivery, which always comes, raises it. So numbers go on where they were, even when all
messages of an audience have expired.
"""

from collections.abc import AsyncIterator
from datetime import datetime

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.clock import Clock
from chassis.ids import NewId
from chassis.mongo import Document, Index
from svc_notify.model.message import Draft, Message
from svc_notify.store.documents import document, message

INDEXES = (
    Index("messages", (("audience", 1), ("sequence", 1)), unique=True),
    Index("messages", (("audience", 1), ("event_id", 1)), unique=True),
    Index("messages", (("added_at", 1),)),
    Index("messages", (("expires_at", 1),), expire_after_seconds=0),
)


class MongoMessageLog:
    """The logs; see the port `MessageLog`."""

    def __init__(self, database: AsyncDatabase[Document], clock: Clock, new_id: NewId) -> None:
        self._messages = database["messages"]
        self._audiences = database["audiences"]
        self._clock = clock
        self._new_id = new_id

    async def append(self, draft: Draft) -> Message | None:
        """Write it at the end of its audience's log; None where its event is there already."""
        sequence = await self._raised(draft.audience)
        while True:
            sequence += 1
            new = document(draft, self._new_id(), sequence, self._clock())
            try:
                await self._messages.insert_one(new)
            except DuplicateKeyError:
                same = {"audience": draft.audience, "event_id": draft.event_id}
                if there := await self._messages.find_one(same, {"sequence": 1}):
                    await self._raise(draft.audience, there["sequence"])
                    return None
            else:
                await self._raise(draft.audience, sequence)
                return message(new)

    async def read(self, audience: str, *, after: int, limit: int) -> list[Message]:
        """Messages of an audience after a sequence number, oldest first."""
        query = {"audience": audience, "sequence": {"$gt": after}}
        cursor = self._messages.find(query).sort("sequence", 1).limit(limit)
        return [message(found) async for found in cursor]

    async def latest(self, audience: str) -> int:
        """The newest sequence number of an audience, expired or not; 0 where it has none."""
        raised = await self._raised(audience)
        top = await self._messages.find_one(
            {"audience": audience}, {"sequence": 1}, sort=[("sequence", -1)]
        )
        return max(raised, top["sequence"] if top else 0)

    async def added_since(self, time: datetime) -> AsyncIterator[Message]:
        """Messages of every audience written at `time` or later, in about that order."""
        async with self._messages.find({"added_at": {"$gte": time}}).sort("added_at", 1) as cursor:
            async for found in cursor:
                yield message(found)

    async def _raised(self, audience: str) -> int:
        found = await self._audiences.find_one({"_id": audience})
        return found["latest"] if found else 0

    async def _raise(self, audience: str, sequence: int) -> None:
        await self._audiences.update_one(
            {"_id": audience}, {"$max": {"latest": sequence}}, upsert=True
        )

"""The inboxes: those messages to one user that stay until they expire."""

from collections.abc import Collection, Sequence

from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document, Index
from svc_notify.model.announcements import user_audience
from svc_notify.model.message import Message
from svc_notify.store.documents import message

INDEXES = (
    Index("messages", (("audience", 1), ("inbox", 1), ("sequence", -1))),
    Index("messages", (("audience", 1), ("unread", 1))),
)


class MongoInbox:
    """The inboxes; see the port `Inbox`."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._messages = database["messages"]

    async def page(self, user_id: str, *, before: int | None, limit: int) -> list[Message]:
        """Newest first, those before a sequence number."""
        query: Document = {"audience": user_audience(user_id), "inbox": True}
        if before is not None:
            query["sequence"] = {"$lt": before}
        cursor = self._messages.find(query).sort("sequence", -1).limit(limit)
        return [message(found) async for found in cursor]

    async def count(self, user_id: str, ids: Collection[str] | None = None) -> int:
        """How many there are; where ids are given, how many of these."""
        query: Document = {"audience": user_audience(user_id), "inbox": True}
        if ids is not None:
            query["_id"] = {"$in": list(ids)}
        return await self._messages.count_documents(query)

    async def unread(self, user_id: str) -> int:
        """How many of them the user has not seen."""
        query = {"audience": user_audience(user_id), "unread": True}
        return await self._messages.count_documents(query)

    async def mark_read(self, user_id: str, ids: Sequence[str] | None) -> None:
        """The user has seen these, or, where None is given, all; other users' ids do nothing."""
        query: Document = {"audience": user_audience(user_id), "unread": True}
        if ids is not None:
            query["_id"] = {"$in": list(ids)}
        await self._messages.update_many(query, {"$set": {"unread": False}})

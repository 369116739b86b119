"""Which webhooks were dealt with, in MongoDB."""

from datetime import datetime

from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document, Index

NOTICES = "notices"
# Stripe repeats a webhook for three days.
NOTICES_KEPT_SECONDS = 30 * 24 * 3600
INDEXES = (Index(NOTICES, (("at", 1),), expire_after_seconds=NOTICES_KEPT_SECONDS),)


class MongoNotices:
    """One document a webhook event, kept for a month."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._notices = database[NOTICES]

    async def contains(self, event_id: str) -> bool:
        """Whether it was dealt with."""
        return await self._notices.find_one({"_id": event_id}) is not None

    async def add(self, event_id: str, at: datetime) -> None:
        """It was dealt with."""
        await self._notices.update_one({"_id": event_id}, {"$set": {"at": at}}, upsert=True)

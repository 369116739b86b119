"""Leases: which of a service's replicas does what only one should."""

from datetime import timedelta

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.clock import Clock, utcnow
from chassis.mongo.client import Document

COLLECTION = "leases"
LIFETIME = timedelta(seconds=10)


class Lease:
    """One lease, as one replica sees it.

    A replica that stops without giving it back is followed by another after `LIFETIME`. Clocks
    that differ may let two hold it for a while, so what it guards must bear that.

    Args:
        database: The service's own.
        name: What is leased.
        owner: This replica; no two have the same.
    """

    def __init__(
        self, database: AsyncDatabase[Document], name: str, owner: str, *, clock: Clock = utcnow
    ) -> None:
        self._leases = database[COLLECTION]
        self._name = name
        self._owner = owner
        self._clock = clock

    async def take(self) -> bool:
        """Take it, or hold it for longer; False while another replica has it."""
        now = self._clock()
        free = {"_id": self._name, "$or": [{"owner": self._owner}, {"until": {"$lte": now}}]}
        mine = {"$set": {"owner": self._owner, "until": now + LIFETIME}}
        try:
            await self._leases.update_one(free, mine, upsert=True)
        except DuplicateKeyError:
            return False
        return True

    async def give_back(self) -> None:
        """Let another replica take it at once."""
        await self._leases.delete_one({"_id": self._name, "owner": self._owner})

"""Sessions in the collection `sessions`.

Documents go with their expiry, some time after they are of no use. Shard key: `_id`; a
user's list then asks every shard, each through its index.

Documents of before refresh tokens named their session have no `generation`; the token that is live
in them is found by its hash once more, and is followed by one that does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document, Index
from svc_auth.model.session import RECENT_ROTATIONS, Session
from svc_auth.model.user import User

# A day later than needed: the end of a session is repeated for as long as its tokens live.
_KEPT_SECONDS = 24 * 60 * 60

INDEXES = (
    Index("sessions", (("current", 1),), unique=True),
    Index("sessions", (("user_id", 1), ("_id", -1))),
    Index("sessions", (("ended_at", 1),)),
    Index("sessions", (("expires_at", 1),), expire_after_seconds=_KEPT_SECONDS),
)

_FIELDS = (
    *("user_id", "epoch", "user_agent", "created_at", "last_used_at", "expires_at"),
    *("chain_key", "current", "generation", "rotations", "replayed", "ended_at"),
)


class MongoSessions:
    """The sessions; see the port `Sessions`."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._sessions = database["sessions"]

    async def add(self, session: Session) -> None:
        """Keep a new session."""
        document = {name: getattr(session, name) for name in _FIELDS}
        await self._sessions.insert_one({"_id": session.id, **document})

    async def get(self, session_id: str) -> Session | None:
        """The session of this id, ended or not."""
        return _session(await self._sessions.find_one({"_id": session_id}))

    async def find(self, token_hash: bytes) -> Session | None:
        """The session whose live refresh token this is; for tokens that name no session."""
        return _session(await self._sessions.find_one({"current": token_hash}))

    async def rotate(self, old: Session, new: Session) -> bool:
        """Keep `new` where the current token is still that of `old` and it has not ended."""
        rotations = {"$each": [new.rotations[-1]], "$slice": -RECENT_ROTATIONS}
        result = await self._sessions.update_one(
            {"_id": old.id, "current": old.current, "ended_at": None},
            {
                "$set": {
                    "current": new.current,
                    "generation": new.generation,
                    "last_used_at": new.last_used_at,
                    "expires_at": new.expires_at,
                },
                "$push": {"rotations": rotations},
                "$unset": {"used": ""},  # of documents of before
            },
        )
        return result.matched_count == 1

    async def note_replay(self, session: Session) -> bool:
        """Note that the token before the current one was exchanged again long after."""
        result = await self._sessions.update_one(
            {"_id": session.id, "current": session.current, "ended_at": None},
            {"$set": {"replayed": session.generation - 1}},
        )
        return result.matched_count == 1

    async def end(self, session_ids: Sequence[str], at: datetime) -> bool:
        """End sessions; False where all of them had ended before."""
        if not session_ids:
            return False
        result = await self._sessions.update_many(
            {"_id": {"$in": list(session_ids)}, "ended_at": None}, {"$set": {"ended_at": at}}
        )
        return result.matched_count > 0

    async def ended_since(self, since: datetime) -> list[str]:
        """Ids of the sessions that were ended at `since` or later."""
        cursor = self._sessions.find({"ended_at": {"$gte": since}}, {"_id": 1})
        return [document["_id"] async for document in cursor]

    async def page(
        self, user_id: str, now: datetime, *, before: str | None, limit: int
    ) -> list[Session]:
        """A user's live sessions, newest first, after the one of id `before`."""
        query = _live(user_id, now)
        if before is not None:
            query["_id"] = {"$lt": before}
        cursor = self._sessions.find(query).sort("_id", -1).limit(limit)
        return [_shown(document) async for document in cursor]

    async def count(self, user_id: str, now: datetime) -> int:
        """How many live sessions a user has."""
        return await self._sessions.count_documents(_live(user_id, now))

    async def outdated(self, user: User, now: datetime) -> list[str]:
        """Ids of live sessions of older epochs, without the kept one."""
        query = _live(user.id, now) | {
            "epoch": {"$lt": user.epoch},
            "_id": {"$ne": user.kept_session},
        }
        return [document["_id"] async for document in self._sessions.find(query, {"_id": 1})]


def _live(user_id: str, now: datetime) -> Document:
    return {"user_id": user_id, "expires_at": {"$gt": now}, "ended_at": None}


def _session(document: Mapping[str, Any] | None) -> Session | None:
    return None if document is None else _shown(document)


def _shown(document: Mapping[str, Any]) -> Session:
    values = {name: document[name] for name in _FIELDS if name in document}
    values["rotations"] = tuple(values.get("rotations", ()))
    return Session(id=document["_id"], **values)

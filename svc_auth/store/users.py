"""Accounts in the collection `users`.

Beside the fields of `User` a document has `grams` and `search`, what it is found by, and `due`
while sessions of an older epoch have yet to be ended one by one, and `holds` that keep an admin's
rights as they are. Shard key: `_id`; the unique
email would then move to a collection of its own.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.mongo.client import Document, Index
from svc_auth.model.refusals import EmailTaken
from svc_auth.model.search import fold, grams, needed_grams
from svc_auth.model.user import Role, User
from svc_auth.usecases.ports import Change, Changed, Hold, Unchanged, UserFilter

INDEXES = (
    Index("users", (("email", 1),), unique=True),
    Index("users", (("grams", 1), ("_id", -1))),
    Index("users", (("role", 1), ("_id", -1))),
    Index("users", (("is_blocked", 1), ("_id", -1))),
    Index("users", (("due", 1),), sparse=True),
    Index("users", (("epoch_began_at", 1),)),
)

_FIELDS = (
    *("email", "password_hash", "name", "phone", "address", "role", "is_blocked"),
    *("created_at", "epoch", "epoch_began_at", "kept_session"),
    *("rights_changed_at", "rights_changed_by"),
)


class MongoUsers:
    """The accounts; see the port `Users`."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._users = database["users"]

    async def add(self, user: User) -> None:
        """Keep a new account; EmailTaken where its email has one, also under concurrency."""
        document = {name: getattr(user, name) for name in _FIELDS}
        document |= {"_id": user.id, "role": user.role.value}
        try:
            await self._users.insert_one(document | _found_by(user.email, user.name))
        except DuplicateKeyError as error:
            raise EmailTaken from error

    async def get(self, user_id: str) -> User | None:
        """The account of this id."""
        return _user(await self._users.find_one({"_id": user_id}, _SHOWN))

    async def find(self, email: str) -> User | None:
        """The account of this normal email."""
        return _user(await self._users.find_one({"email": email}, _SHOWN))

    async def update_profile(
        self, user_id: str, *, name: str | None, phone: str | None, address: str | None
    ) -> User | None:
        """Change what is not None; the account after it, None where there is none."""
        given = {"name": name, "phone": phone, "address": address}
        changes = {field: value for field, value in given.items() if value is not None}
        if name is not None:
            # The email, which the search terms are made of too, never changes.
            user = await self.get(user_id)
            changes |= _found_by(user.email, name) if user else {}
        if not changes:
            return await self.get(user_id)
        return await self._change({"_id": user_id}, {"$set": changes})

    async def rehash(self, user_id: str, old_hash: str, new_hash: str) -> None:
        """Keep the same password under another hash, unless it has been changed meanwhile."""
        await self._users.update_one(
            {"_id": user_id, "password_hash": old_hash}, {"$set": {"password_hash": new_hash}}
        )

    async def change_password(
        self, user_id: str, old_hash: str, new_hash: str, *, keep_session: str, at: datetime
    ) -> User | None:
        """Set another password and end all sessions but one; None where `old_hash` is stale."""
        return await self._change(
            {"_id": user_id, "password_hash": old_hash},
            _next_epoch({"password_hash": new_hash}, at, keep_session),
        )

    async def hold_rights(self, user_id: str, hold: Hold) -> User | None:
        """Keep an admin's rights as they are; None where they are no admin, or blocked."""
        return await self._change(
            {"_id": user_id, "role": Role.ADMIN.value, "is_blocked": False},
            {"$push": {"holds": {"id": hold.id, "until": hold.until}}},
        )

    async def release_rights(self, user_id: str, hold: Hold) -> None:
        """Let the rights be changed again, unless another hold is on them."""
        await self._users.update_one({"_id": user_id}, {"$pull": {"holds": {"id": hold.id}}})

    async def block(self, change: Change) -> Changed:
        """Block an account that is not, and end its sessions."""
        update = _next_epoch({"is_blocked": True, **_rights_changed(change)}, change.at)
        return await self._change_rights(change, {"is_blocked": False}, update)

    async def unblock(self, change: Change) -> Changed:
        """Let a blocked account in again."""
        update = {"$set": {"is_blocked": False, **_rights_changed(change)}}
        return await self._change_rights(change, {"is_blocked": True}, update)

    async def set_role(self, change: Change, role: Role) -> Changed:
        """Change a role to another, and end the sessions."""
        update = _next_epoch({"role": role.value, **_rights_changed(change)}, change.at)
        return await self._change_rights(change, {"role": {"$ne": role.value}}, update)

    async def page(self, wanted: UserFilter, *, before: str | None, limit: int) -> list[User]:
        """Accounts, newest first, that come after the one of id `before`."""
        query = _query(wanted)
        if before is not None:
            query["_id"] = {"$lt": before}
        cursor = self._users.find(query, _SHOWN).sort("_id", -1).limit(limit)
        return [_shown(document) async for document in cursor]

    async def count(self, wanted: UserFilter) -> int:
        """How many accounts there are."""
        query = _query(wanted)
        if not query:
            return await self._users.estimated_document_count()
        return await self._users.count_documents(query)

    async def due(self) -> list[User]:
        """Accounts with sessions of an older epoch that have yet to be ended one by one."""
        cursor = self._users.find({"due": {"$gt": _NEVER}}, _SHOWN).limit(_SWEEP)
        return [_shown(document) async for document in cursor]

    async def settled(self, user: User) -> None:
        """The sessions before this epoch have been ended one by one."""
        await self._users.update_one({"_id": user.id, "epoch": user.epoch}, {"$unset": {"due": ""}})

    async def changed_since(self, since: datetime) -> list[User]:
        """Accounts whose epoch began at `since` or later."""
        cursor = self._users.find({"epoch_began_at": {"$gte": since}}, _SHOWN)
        return [_shown(document) async for document in cursor]

    async def _change_rights(self, change: Change, differs: Document, update: Document) -> Changed:
        """Make a change where there is one to make and no hold is on the account."""
        wanted = {"_id": change.user_id, **differs}
        changed = await self._change(
            wanted | {"$nor": [{"holds.until": {"$gt": change.at}}]}, update
        )
        if changed is not None:
            return changed, True
        document = await self._users.find_one({"_id": change.user_id}, _SHOWN)
        if document is None:
            return Unchanged.NOT_THERE
        if await self._users.find_one(wanted, {"_id": 1}) is not None:
            return Unchanged.HELD
        return _shown(document), False

    async def _change(self, query: Document, update: Document) -> User | None:
        return _user(
            await self._users.find_one_and_update(
                query, update, projection=_SHOWN, return_document=ReturnDocument.AFTER
            )
        )


_SWEEP = 500
_NEVER = datetime.fromtimestamp(0, UTC)
_SHOWN = dict.fromkeys(_FIELDS, 1)


def _next_epoch(changes: Mapping[str, Any], at: datetime, kept_session: str = "") -> Document:
    began = {"epoch_began_at": at, "kept_session": kept_session, "due": at}
    return {"$set": {**changes, **began}, "$inc": {"epoch": 1}}


def _rights_changed(change: Change) -> Document:
    return {"rights_changed_at": change.at, "rights_changed_by": change.by}


def _found_by(email: str, name: str) -> Document:
    # The line break keeps a query from matching the end of one and the start of the other.
    return {"grams": grams([email, name]), "search": f"{fold(email)}\n{fold(name)}"}


def _query(wanted: UserFilter) -> Document:
    query: Document = {}
    if needed := needed_grams(wanted.query):
        query["$and"] = [{"grams": gram} for gram in needed]
        query["search"] = {"$regex": re.escape(fold(wanted.query))}
    if wanted.role is not None:
        query["role"] = wanted.role.value
    if wanted.blocked is not None:
        query["is_blocked"] = wanted.blocked
    return query


def _user(document: Mapping[str, Any] | None) -> User | None:
    return None if document is None else _shown(document)


def _shown(document: Mapping[str, Any]) -> User:
    # Accounts of before may lack the fields that came later.
    values = {name: document[name] for name in _FIELDS if name in document}
    return User(**(values | {"id": document["_id"], "role": Role(document["role"])}))

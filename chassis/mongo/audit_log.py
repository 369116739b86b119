"""Who did what to whom, in a service's own database: records that are only ever added.

What is to be done is recorded before it is done, and how it ended after that, as a record of its
own. So nothing is done that no record tells of, whenever the process ends, and no record is ever
changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import Clock, utcnow
from chassis.ids import new_id
from chassis.mongo.client import Document, Index, beyond

COLLECTION = "audit"
# An outcome has an action and no time: with a time that is asked for, only actions are found.
INDEXES = (
    Index(COLLECTION, (("at", 1), ("_id", 1))),
    Index(COLLECTION, (("actors", 1), ("at", 1), ("_id", 1))),
    Index(COLLECTION, (("subject_id", 1), ("at", 1), ("_id", 1))),
    Index(COLLECTION, (("action", 1), ("at", 1), ("_id", 1))),
)

OK = "OK"
# Of an action whose end was not recorded: it is under way, or its process has ended.
UNKNOWN = "UNKNOWN"
# What is older than all records.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)

Position = tuple[datetime, str]
"""When the last action of a page was done, and its id."""


@dataclass(frozen=True)
class Actor:
    """Who did it: a person, or a process of the shop."""

    kind: str
    id: str
    email: str = ""


@dataclass(frozen=True)
class Action:
    """What was done.

    Attributes:
        actor: By whom.
        name: The RPC, such as `BlockUser`.
        subject_kind: To what, such as `user`.
        subject_id: Its id; empty where it gets one by what is done.
        changes: What was asked for: field -> value.
        request_id: The HTTP request; empty outside any.
        trace_id: The trace; empty outside any.
        address: Of the client, where it is known.
        id: Its own, given when it is recorded.
        at: When it was recorded.
        outcome: `OK`, `UNKNOWN`, or the reason why it was refused.
    """

    actor: Actor
    name: str
    subject_kind: str
    subject_id: str
    changes: Mapping[str, str] = field(default_factory=dict)
    request_id: str = ""
    trace_id: str = ""
    address: str = ""
    id: str = ""
    at: datetime | None = None
    outcome: str = UNKNOWN


@dataclass(frozen=True)
class Filters:
    """Which actions are wanted; what is empty does not matter.

    Attributes:
        actor: Id or email of who did it.
        subject_id: What it was done to.
        name: The RPC.
        since: Done at this time or later.
        before: Done before this time.
    """

    actor: str = ""
    subject_id: str = ""
    name: str = ""
    since: datetime | None = None
    before: datetime | None = None


class AuditLog:
    """The audit log of a service; `INDEXES` are its. All raise pymongo.errors.PyMongoError."""

    def __init__(self, database: AsyncDatabase[Document], clock: Clock = utcnow) -> None:
        self._records = database[COLLECTION]
        self._clock = clock

    async def begin(self, action: Action) -> str:
        """Record that `action` is about to be done; its id."""
        fields = asdict(action)
        action_id = new_id()
        del fields["id"], fields["outcome"]
        actors = [each for each in (action.actor.id, action.actor.email) if each]
        name = fields.pop("name")
        await self._records.insert_one(
            {"_id": action_id, **fields, "at": self._clock(), "action": name, "actors": actors}
        )
        return action_id

    async def end(self, action_id: str, outcome: str, made: str = "") -> None:
        """Record how it ended.

        Args:
            action_id: As `begin` gave it.
            outcome: `OK`, or the reason why it was refused.
            made: The id of what was made by it.
        """
        record = {"_id": _end_of(action_id), "outcome": outcome, "ended_at": self._clock()}
        # Found by its id as the action is, whose record was there before the id was.
        await self._records.insert_one(record | ({"subject_id": made} if made else {}))

    async def page(
        self, filters: Filters, size: int, after: Position | None
    ) -> tuple[list[Action], Position | None]:
        """At most `size` after that position, newest first, and where the next page starts."""
        newest = self._records.find(_query(filters, after)).sort([("at", -1), ("_id", -1)])
        found = [each async for each in newest.limit(size + 1)]
        if len(found) <= size:
            found += await self._makings(filters, after)
        ends = {
            each["_id"]: each
            async for each in self._records.find(
                {"_id": {"$in": [_end_of(each["_id"]) for each in found[:size]]}}
            )
        }
        actions = [_action(each, ends.get(_end_of(each["_id"]), {})) for each in found[:size]]
        last = found[size - 1] if len(found) > size else None
        return actions, (last["at"], last["_id"]) if last else None

    async def count(self, filters: Filters) -> int:
        """How many actions fit."""
        found = await self._records.count_documents(_query(filters))
        return found + len(await self._makings(filters))

    async def _makings(self, filters: Filters, after: Position | None = None) -> list[Document]:
        """What the subject was made by, which was before all else that was done to it."""
        if not filters.subject_id:
            return []
        ends = self._records.find({"subject_id": filters.subject_id, "at": None}, {"_id": True})
        made_by = [each["_id"].removesuffix(_END) async for each in ends.limit(1)]
        wanted = _query(replace(filters, subject_id=""), after)
        return [each async for each in self._records.find({"_id": {"$in": made_by}, **wanted})]


_END = ".end"


def _end_of(action_id: str) -> str:
    return action_id + _END


def _query(filters: Filters, after: Position | None = None) -> Document:
    at: Document = {"$gte": filters.since or _EVER}
    if filters.before is not None:
        at["$lt"] = filters.before
    wanted: Document = {"at": at}
    if filters.actor:
        wanted["actors"] = filters.actor
    if filters.name:
        wanted["action"] = filters.name
    if filters.subject_id:
        wanted["subject_id"] = filters.subject_id
    return {**wanted, **beyond("at", *after, descending=True)} if after is not None else wanted


def _action(record: Document, end: Document) -> Action:
    fields: dict[str, Any] = {name: value for name, value in record.items() if name != "actors"}
    return Action(
        **fields
        | {
            "id": fields.pop("_id"),
            "name": fields.pop("action"),
            "actor": Actor(**fields["actor"]),
            "subject_id": fields["subject_id"] or end.get("subject_id", ""),
            "outcome": end.get("outcome", UNKNOWN),
        }
    )

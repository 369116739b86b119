"""Dead letters: events that a consumer gave up, kept where an operator can look at them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from chassis.events import Event
from chassis.ids import NewId, new_id
from chassis.kafka.cloudevents import Header, event_of
from chassis.mongo.client import Document, Index, beyond

COLLECTION = "dead_letters"
# Its one document is written to find out whether the database takes writes.
PROBES = "probes"
FIRST_REPLAY = timedelta(seconds=30)
LONGEST_REPLAY = timedelta(hours=1)
# So many failures of a letter are kept, the last ones.
MOST_FAILURES = 20
INDEXES = (
    Index(COLLECTION, (("group", 1), ("event_id", 1)), unique=True),
    Index(COLLECTION, (("failed_at", 1), ("_id", 1))),
    Index(COLLECTION, (("group", 1), ("failed_at", 1), ("_id", 1))),
    Index(COLLECTION, (("replay_at", 1),)),
)

# When the last letter of a page failed, and its id.
Position = tuple[datetime, str]


class FailedAttempt(NamedTuple):
    """A try that failed: when, and why in one line."""

    at: datetime
    error: str


@dataclass(frozen=True)
class DeadLetter:
    """An event that one consumer group gave up.

    Attributes:
        id: Its own; the store gives it.
        group: The group that failed, such as `cart-product-created`.
        topic: Where the event was read.
        event_id: The event's id.
        key: The event's key.
        value: Its message, as it was read.
        headers: Its headers, as they were read.
        error: The last failure, one line.
        attempts: How often it was tried.
        failed_at: When it was given up.
        partition: Where in the topic it lies.
        offset: Where in the partition it lies.
        replay_at: When the service replays it by itself, since its last failure was an outage;
            None where only an operator does.
        history: What went wrong, oldest first; the last `MOST_FAILURES`.
    """

    id: str
    group: str
    topic: str
    event_id: str
    key: str
    value: bytes
    headers: tuple[Header, ...]
    error: str
    attempts: int
    failed_at: datetime
    partition: int
    offset: int
    replay_at: datetime | None = None
    history: tuple[FailedAttempt, ...] = ()

    @property
    def event(self) -> Event:
        """The event as its handler gets it."""
        return event_of(
            self.headers,
            topic=self.topic,
            key=self.key,
            fallback_id=self.event_id,
            fallback_time=self.failed_at,
        )


@dataclass(frozen=True)
class Page:
    """Some letters, oldest first, and where the next page starts; None on the last one."""

    letters: list[DeadLetter]
    next: Position | None


@dataclass(frozen=True)
class Filter:
    """Which letters are meant; None stands for any.

    Attributes:
        group: Of this consumer group.
        since: Given up then or later.
        until: Given up before that.
    """

    group: str | None = None
    since: datetime | None = None
    until: datetime | None = None


ANY = Filter()


class DeadLetterStore(Protocol):
    """Where dead letters are kept."""

    async def keep(self, letter: DeadLetter) -> None:
        """Keep `letter`; one of the same group and event is brought up to date instead."""

    async def check(self) -> None:
        """Raise where none could be kept now, since the database does not take a write."""

    async def due(self, now: datetime, size: int) -> Sequence[DeadLetter]:
        """At most `size` letters that are to be replayed by `now`, longest due first."""

    async def failed_again(
        self, letter_id: str, failure: FailedAttempt, replay_at: datetime | None
    ) -> None:
        """A replay failed; nothing where the letter is not there any more."""

    async def page(self, size: int, after: Position | None, where: Filter = ANY) -> Page:
        """At most `size` of those letters after that position, or from the start."""

    async def count(self, where: Filter = ANY) -> int:
        """How many there are."""

    async def some(self, letter_ids: Sequence[str]) -> Sequence[DeadLetter]:
        """Those of these ids that are there, oldest first."""

    async def count_by_group(self, groups: Collection[str]) -> Mapping[str, int]:
        """How many letters those of `groups` have that have any."""

    async def get(self, letter_id: str) -> DeadLetter | None:
        """The letter of that id."""

    async def remove(self, letter_id: str) -> bool:
        """Remove it; False where it was not there."""

    async def remove_some(self, letter_ids: Sequence[str]) -> int:
        """Remove those of these ids; how many were there."""

    async def remove_all(self, where: Filter) -> int:
        """Remove all of those; how many there were."""


class MongoDeadLetters:
    """Dead letters in the service's own database; `INDEXES` are theirs."""

    def __init__(self, database: AsyncDatabase[Document], new_id: NewId = new_id) -> None:
        self._letters = database[COLLECTION]
        self._probes = database[PROBES]
        self._new_id = new_id

    async def keep(self, letter: DeadLetter) -> None:
        """See `DeadLetterStore`; raises PyMongoError where MongoDB is unreachable."""
        same = {"group": letter.group, "event_id": letter.event_id}
        document = _to_document(letter)
        await self._letters.update_one(
            same, {"$set": document, "$setOnInsert": {"_id": self._new_id()}}, upsert=True
        )

    async def check(self) -> None:
        """See `DeadLetterStore`; raises PyMongoError."""
        try:
            await self._probes.update_one(
                {"_id": COLLECTION}, {"$currentDate": {"at": True}}, upsert=True
            )
        except DuplicateKeyError:
            return  # another was first to insert it

    async def due(self, now: datetime, size: int) -> Sequence[DeadLetter]:
        """See `DeadLetterStore`."""
        found = self._letters.find({"replay_at": {"$lte": now}}).sort("replay_at", 1).limit(size)
        return [_from_document(each) async for each in found]

    async def failed_again(
        self, letter_id: str, failure: FailedAttempt, replay_at: datetime | None
    ) -> None:
        """See `DeadLetterStore`."""
        update = {
            "$set": {"error": failure.error, "replay_at": replay_at},
            "$inc": {"attempts": 1},
            "$push": {"history": {"$each": [failure._asdict()], "$slice": -MOST_FAILURES}},
        }
        await self._letters.update_one({"_id": letter_id}, update)

    async def page(self, size: int, after: Position | None, where: Filter = ANY) -> Page:
        """See `DeadLetterStore`."""
        wanted = _query(where) | (beyond("failed_at", *after) if after is not None else {})
        found = self._letters.find(wanted).sort([("failed_at", 1), ("_id", 1)]).limit(size + 1)
        return page_of([_from_document(each) async for each in found], size)

    async def count(self, where: Filter = ANY) -> int:
        """See `DeadLetterStore`."""
        return await self._letters.count_documents(_query(where))

    async def some(self, letter_ids: Sequence[str]) -> Sequence[DeadLetter]:
        """See `DeadLetterStore`."""
        found = self._letters.find({"_id": {"$in": list(letter_ids)}})
        return sorted([_from_document(each) async for each in found], key=position_of)

    async def count_by_group(self, groups: Collection[str]) -> Mapping[str, int]:
        """See `DeadLetterStore`."""
        of_groups = {"$match": {"group": {"$in": list(groups)}}}
        counts = {"$group": {"_id": "$group", "letters": {"$sum": 1}}}
        found = await self._letters.aggregate([of_groups, counts])
        return {each["_id"]: each["letters"] async for each in found}

    async def get(self, letter_id: str) -> DeadLetter | None:
        """See `DeadLetterStore`."""
        document = await self._letters.find_one({"_id": letter_id})
        return _from_document(document) if document else None

    async def remove(self, letter_id: str) -> bool:
        """See `DeadLetterStore`."""
        return (await self._letters.delete_one({"_id": letter_id})).deleted_count == 1

    async def remove_some(self, letter_ids: Sequence[str]) -> int:
        """See `DeadLetterStore`."""
        result = await self._letters.delete_many({"_id": {"$in": list(letter_ids)}})
        return result.deleted_count

    async def remove_all(self, where: Filter) -> int:
        """See `DeadLetterStore`."""
        return (await self._letters.delete_many(_query(where))).deleted_count


def replay_at(failed_at: datetime, now: datetime) -> datetime:
    """When a letter is to be replayed: when it has lain for as long again, within bounds."""
    return now + min(max(now - failed_at, FIRST_REPLAY), LONGEST_REPLAY)


def page_of(letters: list[DeadLetter], size: int) -> Page:
    """The page that `letters` make, of which there is one more than `size` where more follow."""
    if len(letters) <= size:
        return Page(letters, None)
    return Page(letters[:size], position_of(letters[size - 1]))


def position_of(letter: DeadLetter) -> Position:
    """Where `letter` stands in the list."""
    return letter.failed_at, letter.id


def _query(where: Filter) -> Document:
    query: Document = {"group": where.group} if where.group is not None else {}
    bounds = {"$gte": where.since, "$lt": where.until}
    between = {operator: time for operator, time in bounds.items() if time is not None}
    return query | ({"failed_at": between} if between else {})


def _to_document(letter: DeadLetter) -> Document:
    document = {name: value for name, value in vars(letter).items() if name != "id"}
    document["history"] = [each._asdict() for each in letter.history]
    document["headers"] = [{"name": name, "value": value} for name, value in letter.headers]
    return document


def _from_document(document: Document) -> DeadLetter:
    fields: dict[str, Any] = {name: value for name, value in document.items() if name != "_id"}
    fields["history"] = tuple(FailedAttempt(**each) for each in document.get("history", ()))
    fields["headers"] = tuple((each["name"], each["value"]) for each in document["headers"])
    return DeadLetter(id=document["_id"], **fields)

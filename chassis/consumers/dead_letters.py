"""Dead letters: events that a consumer gave up, kept where an operator can look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

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
INDEXES = (
    Index(COLLECTION, (("group", 1), ("event_id", 1)), unique=True),
    Index(COLLECTION, (("failed_at", 1), ("_id", 1))),
    Index(COLLECTION, (("replay_at", 1),)),
)

# When the last letter of a page failed, and its id.
Position = tuple[datetime, str]


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


class DeadLetterStore(Protocol):
    """Where dead letters are kept."""

    async def keep(self, letter: DeadLetter) -> None:
        """Keep `letter`; one of the same group and event is brought up to date instead."""

    async def check(self) -> None:
        """Raise where none could be kept now, since the database does not take a write."""

    async def due(self, now: datetime, size: int) -> Sequence[DeadLetter]:
        """At most `size` letters that are to be replayed by `now`, longest due first."""

    async def failed_again(self, letter_id: str, error: str, replay_at: datetime | None) -> None:
        """A replay failed; nothing where the letter is not there any more."""

    async def page(self, size: int, after: Position | None) -> Page:
        """At most `size` letters after that position, or from the start."""

    async def count(self) -> int:
        """How many there are."""

    async def get(self, letter_id: str) -> DeadLetter | None:
        """The letter of that id."""

    async def remove(self, letter_id: str) -> bool:
        """Remove it; False where it was not there."""


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

    async def failed_again(self, letter_id: str, error: str, replay_at: datetime | None) -> None:
        """See `DeadLetterStore`."""
        outcome = {"error": error, "replay_at": replay_at}
        await self._letters.update_one(
            {"_id": letter_id}, {"$set": outcome, "$inc": {"attempts": 1}}
        )

    async def page(self, size: int, after: Position | None) -> Page:
        """See `DeadLetterStore`."""
        wanted = beyond("failed_at", *after) if after is not None else {}
        found = self._letters.find(wanted).sort([("failed_at", 1), ("_id", 1)]).limit(size + 1)
        return page_of([_from_document(each) async for each in found], size)

    async def count(self) -> int:
        """See `DeadLetterStore`."""
        return await self._letters.count_documents({})

    async def get(self, letter_id: str) -> DeadLetter | None:
        """See `DeadLetterStore`."""
        document = await self._letters.find_one({"_id": letter_id})
        return _from_document(document) if document else None

    async def remove(self, letter_id: str) -> bool:
        """See `DeadLetterStore`."""
        return (await self._letters.delete_one({"_id": letter_id})).deleted_count == 1


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


def _to_document(letter: DeadLetter) -> Document:
    document = {name: value for name, value in vars(letter).items() if name != "id"}
    document["headers"] = [{"name": name, "value": value} for name, value in letter.headers]
    return document


def _from_document(document: Document) -> DeadLetter:
    fields: dict[str, Any] = {name: value for name, value in document.items() if name != "_id"}
    fields["headers"] = tuple((each["name"], each["value"]) for each in document["headers"])
    return DeadLetter(id=document["_id"], **fields)

"""Dead letters: events that a consumer gave up, kept where an operator can look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import structlog
from google.protobuf.message import DecodeError, Message
from pymongo.asynchronous.database import AsyncDatabase

from chassis.cloudevents import Header, event_of
from chassis.errors import NotFound, Refusal
from chassis.event_topics import group_of
from chassis.events import Event, Subscription
from chassis.ids import NewId, new_id
from chassis.kafka import one_line
from chassis.mongo import Document, Index, beyond

log = structlog.get_logger(__name__)

COLLECTION = "dead_letters"
INDEXES = (
    Index(COLLECTION, (("group", 1), ("event_id", 1)), unique=True),
    Index(COLLECTION, (("failed_at", 1), ("_id", 1))),
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

    @property
    def event(self) -> Event:
        """The event as its handler is told of it."""
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
        self._new_id = new_id

    async def keep(self, letter: DeadLetter) -> None:
        """See `DeadLetterStore`; raises PyMongoError where MongoDB is away."""
        same = {"group": letter.group, "event_id": letter.event_id}
        document = _to_document(letter)
        await self._letters.update_one(
            same, {"$set": document, "$setOnInsert": {"_id": self._new_id()}}, upsert=True
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


class ReplayFailed(Refusal):
    """A dead letter's event could not be handled now either."""

    reason = "REPLAY_FAILED"


class DeadLetters:
    """What operators do with a service's dead letters.

    Args:
        store: Where they are.
        service: Such as `svc_cart`.
        subscriptions: The service's table of handlers.
    """

    def __init__(
        self, store: DeadLetterStore, service: str, subscriptions: Sequence[Subscription]
    ) -> None:
        self._store = store
        self._handlers = {group_of(service, each.topic): each for each in subscriptions}

    async def list(self, page_size: int, position: Position | None = None) -> Page:
        """A page of letters, oldest first."""
        return await self._store.page(page_size, position)

    async def count(self) -> int:
        """How many letters there are."""
        return await self._store.count()

    def message_of(self, letter: DeadLetter) -> Message | None:
        """The event's message; None where it can not be read, or is not taken any more."""
        subscription = self._handlers.get(letter.group)
        try:
            return subscription.message.FromString(letter.value) if subscription else None
        except DecodeError:
            return None

    async def replay(self, letter_id: str) -> None:
        """Handle the event again, and drop the letter where that succeeds.

        Raises:
            NotFound: There is no such letter, or nothing here can handle it.
            ReplayFailed: The handler failed; the letter stays.
        """
        letter = await self._store.get(letter_id)
        if letter is None:
            raise NotFound("There is no such dead letter.")
        message = self.message_of(letter)
        if message is None:
            raise NotFound("The event can not be read, or nothing here handles it any more.")
        try:
            await self._handlers[letter.group].handle(message, letter.event)
        except Exception as error:
            log.warning(
                "replay failed", group=letter.group, event_id=letter.event_id, exc_info=True
            )
            raise ReplayFailed(one_line(error)) from error
        await self._store.remove(letter_id)

    async def drop(self, letter_id: str) -> None:
        """Give the event up.

        Raises:
            NotFound: There is no such letter.
        """
        if not await self._store.remove(letter_id):
            raise NotFound("There is no such dead letter.")


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

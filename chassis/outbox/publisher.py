"""One batch of events from outboxes to Kafka, and out of the outboxes once they are there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from chassis.events import Event
from chassis.kafka.client import Outcome, Record, one_line
from chassis.kafka.cloudevents import headers_of
from chassis.mongo.client import Document
from chassis.outbox.outbox import FIELD, OutboxEntry
from chassis.outbox.rejected_events import RejectedEvents

log = structlog.get_logger(__name__)


class Publisher(Protocol):
    """Where events go; `chassis.kafka.client.Kafka` is one."""

    @property
    def source(self) -> str:
        """The service that publishes."""

    async def publish(self, records: Sequence[Record]) -> list[Outcome]:
        """Publish in order and say for each record what became of it; never raises."""


@dataclass(frozen=True)
class Published:
    """What became of a batch: what may leave its outbox, and whether some found no Kafka."""

    kept: list[OutboxEntry]
    away: bool


class OutboxPublisher:
    """Carries the events of one collection's outboxes."""

    def __init__(self, collection: AsyncCollection[Document], publisher: Publisher) -> None:
        self._collection = collection
        self._publisher = publisher
        self._rejected = RejectedEvents(collection.database)

    async def publish(self, batch: Sequence[OutboxEntry]) -> Published:
        """Publish `batch` in its order, and set aside what Kafka rejects."""
        source = self._publisher.source
        outcomes = await self._publisher.publish([record_of(each, source) for each in batch])
        became = list(zip(batch, outcomes, strict=True))
        kept = [each for each, outcome in became if outcome is Outcome.ACKNOWLEDGED]
        rejected = [each for each, outcome in became if outcome is Outcome.REJECTED]
        try:
            await self._rejected.keep(rejected)
        except PyMongoError as error:
            log.warning("rejected events stay in the outbox", error=one_line(error))
        else:
            kept += rejected
        return Published(kept, away=Outcome.TIMED_OUT in outcomes)

    async def take_out(self, kept: Sequence[OutboxEntry]) -> None:
        """Take the entries of `kept` out of their outboxes, in one round trip.

        Raises:
            pymongo.errors.PyMongoError: Some are still there; they are published again later.
        """
        ids: defaultdict[Any, list[str]] = defaultdict(list)
        for each in kept:
            ids[each.document_id].append(each.id)
        pulls = [
            UpdateOne({"_id": document_id}, {"$pull": {FIELD: {"id": {"$in": done}}}})
            for document_id, done in ids.items()
        ]
        if pulls:
            await self._collection.bulk_write(pulls, ordered=False)


def record_of(waiting: OutboxEntry, source: str) -> Record:
    """The record of a waiting event that `source` publishes."""
    event = Event(
        id=waiting.id,
        topic=waiting.topic,
        key=waiting.key,
        time=waiting.at,
        source=source,
        trace=waiting.trace,
    )
    return Record(waiting.topic, waiting.key, waiting.data, headers_of(event))

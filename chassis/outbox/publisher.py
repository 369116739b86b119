"""One batch of events from outboxes to Kafka, and out of the outboxes once they are there."""

from collections import Counter as Numbers
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog
from prometheus_client import Counter
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from chassis.events import Event
from chassis.kafka.client import Outcome, Record, one_line
from chassis.kafka.cloudevents import headers_of
from chassis.mongo.client import Document
from chassis.outbox.outbox import FIELD, OutboxEntry
from chassis.outbox.rejected_events import RejectedEvents
from chassis.telemetry import traces

log = structlog.get_logger(__name__)

_KAFKA: traces.Attributes = {
    "messaging.system": "kafka",
    "messaging.operation.type": "send",
    "messaging.operation.name": "send",
}


PUBLISHED = Counter(
    "events_published", "Events that Kafka has acknowledged; one may be published again.", ["topic"]
)


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
        if traces.is_on():
            outcomes = await self._sent_in_spans(batch)
        else:
            outcomes = await self._sent(batch)
        became = list(zip(batch, outcomes, strict=True))
        kept = [each for each, outcome in became if outcome is Outcome.ACKNOWLEDGED]
        for topic, number in Numbers(each.topic for each in kept).items():
            PUBLISHED.labels(topic).inc(number)
        rejected = [each for each, outcome in became if outcome is Outcome.REJECTED]
        try:
            await self._rejected.keep(rejected)
        except PyMongoError as error:
            log.warning("rejected events stay in the outbox", error=one_line(error))
        else:
            kept += rejected
        return Published(kept, away=Outcome.TIMED_OUT in outcomes)

    async def _sent(self, batch: Sequence[OutboxEntry]) -> list[Outcome]:
        source = self._publisher.source
        return await self._publisher.publish([record_of(each, source) for each in batch])

    async def _sent_in_spans(self, batch: Sequence[OutboxEntry]) -> list[Outcome]:
        """Each event has its span in its own trace, where what it causes goes on from.

        What is published together has one more span, which points at all of them.
        """
        spans = [_begin_sending(each) for each in batch]
        traced = [
            each if span is None else replace(each, trace=span.traceparent)
            for each, span in zip(batch, spans, strict=True)
        ]
        if len(batch) == 1:
            outcomes = await self._sent(traced)
        else:
            about = {**_KAFKA, "messaging.batch.message_count": len(batch)}
            links = [each.trace for each in traced]
            with traces.span("send", "producer", about, links=links):
                outcomes = await self._sent(traced)
        for span, outcome in zip(spans, outcomes, strict=True):
            if span is not None:
                span.end(None if outcome is Outcome.ACKNOWLEDGED else outcome.name)
        return outcomes

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


def _begin_sending(waiting: OutboxEntry) -> traces.Span | None:
    """The span of an event; None where its trace is not exported, or where it is in none."""
    if not waiting.trace:
        return None
    about = {
        **_KAFKA,
        "messaging.destination.name": waiting.topic,
        "messaging.message.id": waiting.id,
    }
    return traces.begin(f"send {waiting.topic}", "producer", about, parent=waiting.trace)


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

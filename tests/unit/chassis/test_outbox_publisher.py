"""What is published carries its trace on, and what is published together points at all of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chassis.kafka.client import Outcome, Record
from chassis.outbox.outbox import OutboxEntry
from chassis.outbox.publisher import OutboxPublisher
from tests.support.metrics import grows
from tests.support.spans import (
    SAMPLED,
    UNSAMPLED,
    attributes_of,
    parent_of,
    recorded,
    traceparent_of,
)

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Kafka:
    """Says of each record what it is told to."""

    source = "svc_orders"

    def __init__(self, *outcomes: Outcome) -> None:
        self._outcomes = list(outcomes)
        self.sent: list[Record] = []

    async def publish(self, records: Sequence[Record]) -> list[Outcome]:
        self.sent += records
        return self._outcomes


def entry(number: int, trace: str = "") -> OutboxEntry:
    return OutboxEntry(f"d{number}", f"e{number}", "order.created", f"o{number}", NOW, b"", trace)


def publisher(kafka: Kafka) -> OutboxPublisher:
    return OutboxPublisher(cast("Any", SimpleNamespace(database={"rejected_events": None})), kafka)


def traces_of(kafka: Kafka) -> list[str]:
    return [dict(record.headers).get("traceparent", b"").decode() for record in kafka.sent]


async def test_an_event_is_sent_in_its_trace_and_its_consumers_go_on_from_there() -> None:
    kafka = Kafka(Outcome.ACKNOWLEDGED)
    with recorded() as spans:
        await publisher(kafka).publish([entry(1, SAMPLED)])
    span = spans.only()
    assert (span.name, span.kind.name, parent_of(span)) == (
        "send order.created",
        "PRODUCER",
        SAMPLED,
    )
    assert traces_of(kafka) == [traceparent_of(span)]
    assert attributes_of(span) == {
        "messaging.system": "kafka",
        "messaging.operation.type": "send",
        "messaging.operation.name": "send",
        "messaging.destination.name": "order.created",
        "messaging.message.id": "e1",
    }


async def test_what_is_sent_together_has_a_span_that_points_at_each() -> None:
    kafka = Kafka(*[Outcome.ACKNOWLEDGED] * 3)
    with recorded() as spans:
        await publisher(kafka).publish([entry(1, SAMPLED), entry(2, UNSAMPLED), entry(3)])
    batch, sent = spans.ended()
    assert attributes_of(batch)["messaging.batch.message_count"] == 3
    [link] = batch.links
    assert sent.context is not None
    assert link.context.span_id == sent.context.span_id
    assert traces_of(kafka) == [traceparent_of(sent), UNSAMPLED, ""]


async def test_an_event_that_does_not_arrive_says_why() -> None:
    with recorded() as spans:
        await publisher(Kafka(Outcome.TIMED_OUT)).publish([entry(1, SAMPLED)])
    assert spans.only().status.description == "TIMED_OUT"


async def test_what_kafka_has_acknowledged_is_counted_by_topic() -> None:
    kafka = Kafka(Outcome.ACKNOWLEDGED, Outcome.HELD, Outcome.ACKNOWLEDGED)
    with grows("events_published_total", {"topic": "order.created"}, by=2):
        await publisher(kafka).publish([entry(1), entry(2), entry(3)])

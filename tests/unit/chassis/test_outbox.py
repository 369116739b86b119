from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from google.protobuf.message import Message
from pymongo.asynchronous.collection import AsyncCollection
from shop.orders.v1 import events_pb2
from structlog.testing import capture_logs

from chassis.mongo.client import Document, Index
from chassis.outbox.outbox import Outbox, OutboxEntry
from chassis.telemetry import traces
from tests.support.spans import recorded, traceparent_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class NamedCollection:
    """All that an outbox alone needs of a collection."""

    name = "orders"


def encode(event: str) -> Message:
    return events_pb2.OrderCancelled(detail=event)


def encode_late(document: Mapping[str, Any], topic: str) -> Message:
    return events_pb2.OrderCancelled(detail=f"{topic} {document['state']}")


def outbox(late: Callable[[Mapping[str, Any], str], Message] | None = None) -> Outbox:
    ids = iter(f"e{number}" for number in range(10))
    return Outbox(
        cast("AsyncCollection[Document]", NamedCollection()),
        encode,
        encode_deferred=late,
        clock=lambda: NOW,
        new_id=lambda: next(ids),
    )


def details(waiting: Sequence[OutboxEntry]) -> list[str]:
    return [events_pb2.OrderCancelled.FromString(each.data).detail for each in waiting]


def test_an_entry_holds_the_serialized_event() -> None:
    assert outbox().entries("o1", ["first", "second"]) == [
        {
            "id": f"e{number}",
            "topic": "order.cancelled",
            "key": "o1",
            "at": NOW,
            "data": encode(event).SerializeToString(),
        }
        for number, event in enumerate(["first", "second"])
    ]


def test_an_entry_carries_the_trace_it_was_written_in() -> None:
    with recorded() as spans, traces.span("here", "server"):
        [entry] = outbox().entries("o1", ["first"])
    assert entry["trace"] == traceparent_of(spans.only())


def test_what_is_nudged_reaches_the_listener_in_order() -> None:
    box = outbox()
    heard: list[OutboxEntry] = []
    box.on_nudge(heard.extend)
    entries = box.entries("o1", ["first", "second"])
    box.nudge("d1", entries)
    assert details(heard) == ["first", "second"]
    assert [(each.document_id, each.id, each.topic, each.key, each.at) for each in heard] == [
        ("d1", "e0", "order.cancelled", "o1", NOW),
        ("d1", "e1", "order.cancelled", "o1", NOW),
    ]


def test_what_is_nudged_without_a_listener_is_left_to_the_sweep() -> None:
    box = outbox()
    box.nudge("d1", box.entries("o1", ["first"]))
    heard: list[OutboxEntry] = []
    box.on_nudge(heard.extend)
    box.nudge("d1", box.entries("o1", ["second"]))
    box.on_nudge(None)
    box.nudge("d1", box.entries("o1", ["third"]))
    assert details(heard) == ["second"]


def test_a_late_entry_is_encoded_from_the_document_it_is_nudged_with() -> None:
    box = outbox(encode_late)
    heard: list[OutboxEntry] = []
    box.on_nudge(heard.extend)
    entry = box.deferred_entry("o1", "order.cancelled")
    assert "data" not in entry
    box.nudge("d1", [entry], {"_id": "d1", "state": "cancelled"})
    assert details(heard) == ["order.cancelled cancelled"]


def test_a_late_entry_without_its_document_waits_for_the_sweep() -> None:
    box = outbox(encode_late)
    heard: list[OutboxEntry] = []
    box.on_nudge(heard.extend)
    box.nudge("d1", [box.deferred_entry("o1", "order.cancelled")])
    assert heard == []


def test_an_entry_whose_encoding_fails_holds_no_other_back() -> None:
    box = outbox(encode_late)
    entries = [box.deferred_entry("o1", "order.cancelled"), *box.entries("o1", ["second"])]
    waiting = box.waiting("d1", entries, {"without": "state"})
    assert details(waiting) == ["second"]


def test_a_nudge_whose_encoding_fails_does_not_raise() -> None:
    box = outbox(encode_late)
    heard: list[OutboxEntry] = []
    box.on_nudge(heard.extend)
    entries = [box.deferred_entry("o1", "order.cancelled"), *box.entries("o1", ["second"])]
    with capture_logs() as logs:
        box.nudge("d1", entries, {"without": "state"})
    assert details(heard) == ["second"]
    assert [each["event"] for each in logs] == ["outbox entry not encoded"]


def test_deferred_entries_need_their_encoder() -> None:
    with pytest.raises(ValueError, match="encode_deferred"):
        outbox().deferred_entry("o1", "order.cancelled")


def test_the_index_holds_only_documents_with_waiting_events() -> None:
    assert outbox().index == Index("orders", (("outbox.at", 1),), sparse=True)

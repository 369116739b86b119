"""CloudEvents 1.0 in its Kafka binding, binary mode: attributes are headers, the value is data.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from chassis.events import Event

Header = tuple[str, bytes]

CONTENT_TYPE = "application/protobuf"


def headers_of(event: Event) -> list[Header]:
    """The headers that carry `event`; topic and key have places of their own."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_type": event.topic,
        "ce_source": event.source,
        "ce_time": event.time.astimezone(UTC).isoformat(timespec="milliseconds"),
        "content-type": CONTENT_TYPE,
    }
    if event.trace:
        headers["traceparent"] = event.trace
    return [(name, value.encode()) for name, value in headers.items()]


def event_of(
    headers: Sequence[Header], *, topic: str, key: str, fallback_id: str, fallback_time: datetime
) -> Event:
    """The event that `headers` describe.

    Args:
        headers: as Kafka gave them; unknown ones are passed over.
        topic: where it was read.
        key: its record's key.
        fallback_id: its id where a foreign producer gave none.
        fallback_time: its time where it gave none that can be read.
    """
    texts = {name: value.decode(errors="replace") for name, value in headers if value is not None}
    return Event(
        id=texts.get("ce_id") or fallback_id,
        topic=topic,
        key=key,
        time=_time(texts.get("ce_time", "")) or fallback_time,
        source=texts.get("ce_source", ""),
        trace=texts.get("traceparent", ""),
    )


def event_in(record: Any, time: datetime) -> Event:
    """The event that a record of kafka-python is; `time` is its own where it tells none."""
    return event_of(
        record.headers,
        topic=record.topic,
        key=(record.key or b"").decode(errors="replace"),
        fallback_id=f"{record.topic}/{record.partition}/{record.offset}",
        fallback_time=time,
    )


def time_of(record: Any) -> datetime:
    """When Kafka says that a record was written.

    Raises:
        ValueError | OverflowError | OSError: No calendar has it.
    """
    return datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC)


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None

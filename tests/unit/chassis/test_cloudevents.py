from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.events import Event
from chassis.kafka.cloudevents import event_of, headers_of

LATER = datetime(2027, 1, 1, tzinfo=UTC)
EVENT = Event(
    id="e1",
    topic="order.created",
    key="o1",
    time=datetime(2026, 11, 23, 5, 18, 0, 123_000, tzinfo=UTC),
    source="svc_orders",
    trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)


def read(headers: list[tuple[str, bytes]]) -> Event:
    return event_of(
        headers, topic="order.created", key="o1", fallback_id="t/0/7", fallback_time=LATER
    )


def test_headers_are_those_of_the_kafka_binding() -> None:
    assert dict(headers_of(EVENT)) == {
        "ce_specversion": b"1.0",
        "ce_id": b"e1",
        "ce_type": b"order.created",
        "ce_source": b"svc_orders",
        "ce_time": b"2026-11-23T05:18:00.123+00:00",
        "content-type": b"application/protobuf",
        "traceparent": EVENT.trace.encode(),
    }


def test_an_event_outside_a_trace_has_no_traceparent() -> None:
    event = Event("e1", "order.created", "o1", LATER, "svc_orders")
    assert "traceparent" not in dict(headers_of(event))


# The first zones are read from disk, which may take long on a busy machine.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    time=st.datetimes(timezones=st.timezones()).filter(lambda time: 1 < time.year < 9999),
    trace=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_headers_bring_the_event_back(time: datetime, trace: str) -> None:
    time = time.astimezone(UTC).replace(microsecond=123_000)
    event = Event("e1", "order.created", "o1", time, "svc_orders", trace)
    assert read(headers_of(event)) == event


def test_another_offset_is_read_as_utc() -> None:
    east = timezone(timedelta(hours=2))
    event = read([("ce_time", datetime(2026, 1, 1, 2, tzinfo=east).isoformat().encode())])
    assert event.time == datetime(2026, 1, 1, tzinfo=UTC)
    assert event.time.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "time",
    [b"", b"yesterday", b"2026-01-01T00:00:00", b"\xff", b"0001-01-01T00:00:00+01:00"],
)
def test_a_time_that_can_not_be_read_is_the_records(time: bytes) -> None:
    assert read([("ce_time", time)]).time == LATER


def test_an_event_of_a_foreign_producer_is_known_by_its_place() -> None:
    assert read([]) == Event("t/0/7", "order.created", "o1", LATER, "")

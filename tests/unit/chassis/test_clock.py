from datetime import UTC, datetime, timedelta

from bson import BSON, CodecOptions

from chassis.clock import to_milliseconds, utcnow


def test_now_is_aware_and_utc() -> None:
    assert utcnow().utcoffset() == timedelta(0)


def test_now_is_the_present() -> None:
    before = to_milliseconds(datetime.now(UTC))
    assert before <= utcnow() <= datetime.now(UTC)


def test_milliseconds_are_cut_not_rounded() -> None:
    time = datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)
    assert to_milliseconds(time) == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


def test_a_time_is_equal_to_its_copy_in_mongodb() -> None:
    time = to_milliseconds(datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC))
    copy = BSON.encode({"at": time}).decode(CodecOptions(tz_aware=True))
    assert copy["at"] == time

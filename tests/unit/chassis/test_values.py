"""The values that messages share."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc.values import time_of, timestamp_message


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 11, 26, 9, 30, 0, 123456, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=timezone(timedelta(hours=-7))),
    ],
)
def test_a_time_is_the_same_as_a_message(time: datetime) -> None:
    message = timestamp_message(time)
    expected = Timestamp()
    expected.FromDatetime(time)
    assert message == expected
    assert time_of(message) == time


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        timestamp_message(datetime(2026, 11, 26))  # noqa: DTZ001

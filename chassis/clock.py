"""The time, as services take it in: aware, UTC, whole milliseconds."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """The time now, cut to milliseconds: that is what MongoDB keeps of it."""
    return to_milliseconds(datetime.now(UTC))


def to_milliseconds(time: datetime) -> datetime:
    """`time` cut to milliseconds."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)

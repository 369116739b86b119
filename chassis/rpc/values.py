"""The values that messages of all services share: amounts of money, and times."""

from datetime import UTC, datetime

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from shop.money.v1 import money_pb2

from chassis.currencies import Money
from chassis.errors import InvalidField

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 24 * 60 * 60


def money_message(money: Money) -> money_pb2.Money:
    """An amount of money."""
    return money_pb2.Money(amount_minor=money.amount_minor, currency=money.currency)


def money_of(message: money_pb2.Money) -> Money:
    """An amount of money."""
    return Money(message.amount_minor, message.currency)


def timestamp_message(time: datetime) -> Timestamp:
    """A time; `time` is aware."""
    since = time - _EPOCH
    # In a third of the time that FromDatetime takes, and an order has two.
    seconds = since.days * _DAY_SECONDS + since.seconds
    return Timestamp(seconds=seconds, nanos=since.microseconds * 1_000)


def time_of(message: Timestamp) -> datetime:
    """A time, aware and in UTC, cut to microseconds.

    Raises:
        OverflowError, ValueError: It is not in the years 1 to 9999.
    """
    return message.ToDatetime(UTC)


def time_in(request: Message, field: str) -> datetime | None:
    """The time in a field of a request; None where it is not given.

    Raises:
        InvalidField: It is not in the years 1 to 9999.
    """
    if not request.HasField(field):
        return None
    try:
        return time_of(getattr(request, field))
    except (OverflowError, ValueError) as error:
        raise InvalidField(field, "must be a time of the years 1 to 9999") from error

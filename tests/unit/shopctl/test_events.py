"""Events of the contract, as they are shown."""

from datetime import UTC, datetime

import pytest
from rich.text import Text
from shop.orders.v1 import events_pb2, orders_pb2

from chassis.events import Event
from shopctl.commands.events import line_of, messages_by_topic
from tests.unit.shopctl.conftest import Run

EVENT = Event(
    id="e1",
    topic="order.cancelled",
    key="o1",
    time=datetime(2026, 11, 26, 12, 30, tzinfo=UTC),
    source="svc_orders",
)


def test_every_event_of_the_contract_has_its_message() -> None:
    found = messages_by_topic()
    assert found["order.cancelled"] is events_pb2.OrderCancelled
    assert {"cart.checkout", "payment.created", "product.updated"} <= set(found)


def test_an_event_is_decoded() -> None:
    message = events_pb2.OrderCancelled(order=orders_pb2.Order(id="o1"), detail="Expired.")
    shown = line_of(EVENT, message.SerializeToString(), events_pb2.OrderCancelled)
    assert shown.data["data"]["order"]["id"] == "o1"
    assert (shown.data["type"], shown.data["key"]) == ("order.cancelled", "o1")
    assert isinstance(shown.shown, Text)
    assert shown.shown.plain.startswith("12:30:00 order.cancelled o1 {")


def test_what_is_no_such_message_is_shown_without() -> None:
    shown = line_of(EVENT, b"\xff", events_pb2.OrderCancelled)
    assert shown.data["data"] is None
    assert isinstance(shown.shown, Text)
    assert "(cannot be read)" in shown.shown.plain


@pytest.mark.usefixtures("profile")
@pytest.mark.parametrize("arguments", [(), ("--kafka", "127.0.0.1:1", "--topic", "orders.*")])
def test_wrong_usage_names_the_option(run: Run, arguments: tuple[str, ...]) -> None:
    ended = run("events", "tail", *arguments).end()
    assert ended.code == 2
    assert ended.err.split()[1] in {"give", "--topic"}

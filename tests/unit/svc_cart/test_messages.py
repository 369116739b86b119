"""The cart and its orders in protobuf."""

from collections.abc import Sequence

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from shop.cart.v1 import events_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from svc_cart.messages import event_message, order_message, order_of
from svc_cart.model.checkouts import CartCheckedOut, OrderStatus
from tests.unit.svc_cart.samples import NOON, order


def test_a_cart_that_became_an_order() -> None:
    def cents(amount_minor: int) -> money_pb2.Money:
        return money_pb2.Money(amount_minor=amount_minor, currency="USD")

    assert event_message(CartCheckedOut("c1", 4, "u1", order(number="4821-5539-0714"), NOON)) == (
        events_pb2.CartCheckedOut(
            cart_id="c1",
            version=4,
            user_id="u1",
            order_id="o1",
            order_number="4821-5539-0714",
            items=[
                events_pb2.CheckedOutItem(
                    product_id="lamp", title="Lamp", price=cents(1000), quantity=2
                )
            ],
            total=cents(2000),
            checked_out_at=Timestamp(seconds=int(NOON.timestamp())),
        )
    )


def every_field(message: Message) -> bool:
    """Whether all fields of the message, and of those in it, are set."""
    values = [value for _, value in message.ListFields()]
    inner = [each for value in values for each in (value if _is_list(value) else [value])]
    return len(values) == len(message.DESCRIPTOR.fields) and all(
        every_field(each)
        for each in inner
        if isinstance(each, Message) and not isinstance(each, Timestamp)
    )


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def test_an_order_is_answered_as_it_came_with_all_that_it_has() -> None:
    money = money_pb2.Money(amount_minor=1999, currency="USD")
    noon = Timestamp(seconds=int(NOON.timestamp()), nanos=123_000_000)
    message = orders_pb2.Order(
        id="o1",
        user_id="u1",
        user_email="ann@example.com",
        status=orders_pb2.ORDER_STATUS_PENDING,
        items=[orders_pb2.OrderItem(product_id="lamp", title="Lamp", price=money, quantity=2)],
        total=money,
        version=3,
        created_at=noon,
        expires_at=noon,
        timeline=[orders_pb2.TimelineEntry(at=noon, type="order.created", detail="Set aside.")],
        number="4821-5539-0714",
        cart_id="c1",
        cart_generation=4,
        cart_version=5,
    )
    assert every_field(message), "a new field of an order is to be passed on by the cart too"
    assert order_message(order_of(message)) == message


def test_an_order_that_has_ended_has_no_time_to_be_paid() -> None:
    paid = orders_pb2.Order(id="o1", status=orders_pb2.ORDER_STATUS_COMPLETED)
    paid.created_at.FromDatetime(NOON)
    assert not order_message(order_of(paid)).HasField("expires_at")


@pytest.mark.parametrize("number", orders_pb2.OrderStatus.values())
def test_every_status_is_answered_as_it_came(number: orders_pb2.OrderStatus.ValueType) -> None:
    assert order_message(order_of(orders_pb2.Order(status=number))).status == number


def test_a_status_of_a_newer_release_neither_waits_nor_is_paid() -> None:
    newer = orders_pb2.Order.FromString(b"\x20\x63")  # field 4, status, is 99
    placed = order_of(newer)
    assert placed.status is OrderStatus.UNKNOWN
    assert (placed.is_waiting, placed.is_completed) == (False, False)

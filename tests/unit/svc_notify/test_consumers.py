from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message as Protobuf
from shop.cart.v1 import events_pb2 as cart
from shop.catalog.v1 import catalog_pb2
from shop.catalog.v1 import events_pb2 as catalog
from shop.money.v1 import money_pb2
from shop.notify.v1 import notify_pb2
from shop.orders.v1 import events_pb2 as orders
from shop.orders.v1 import orders_pb2
from shop.payments.v1 import events_pb2 as payments
from shop.payments.v1 import payments_pb2

from chassis.events import Event, Subscription
from chassis.telemetry import traces
from svc_notify.consumers import subscriptions
from svc_notify.messages import live_message
from svc_notify.usecases.announce import Announce
from tests.support.clock import START
from tests.support.spans import recorded, traceparent_of
from tests.unit.svc_notify.fakes import FakeMessages

pytestmark = pytest.mark.anyio

TOTAL = money_pb2.Money(amount_minor=3998, currency="USD")
PART = money_pb2.Money(amount_minor=1000, currency="USD")
NUMBER = "4821-5539-0714"
ITEMS = [orders_pb2.OrderItem(product_id="p1", title="Lamp", price=PART, quantity=2)]
PRODUCT = catalog_pb2.Product(id="p1", version=7, title="Lamp", price=PART, available=3)


def order(status: orders_pb2.OrderStatus.ValueType) -> orders_pb2.Order:
    return orders_pb2.Order(
        id="o1", number=NUMBER, user_id="u1", status=status, items=ITEMS, total=TOTAL
    )


def payment(status: payments_pb2.PaymentStatus.ValueType, **more: Any) -> payments_pb2.Payment:
    return payments_pb2.Payment(
        id="pay1", order_id="o1", order_number=NUMBER, status=status, amount=TOTAL, **more
    )


CART_EVENT = cart.CartCheckedOut(
    cart_id="c1",
    user_id="u1",
    order_id="o1",
    order_number=NUMBER,
    items=[cart.CheckedOutItem(product_id="p1", quantity=2)] * 2,
    total=TOTAL,
)
PRODUCT_NOTICE = notify_pb2.ProductNotice(
    product_id="p1", version=7, title="Lamp", price=PART, available=3
)


def order_notice(status: orders_pb2.OrderStatus.ValueType, title: str) -> notify_pb2.OrderNotice:
    return notify_pb2.OrderNotice(
        order_id="o1", order_number=NUMBER, status=status, total=TOTAL, title=title
    )


def payment_notice(
    status: payments_pb2.PaymentStatus.ValueType, title: str, decline_code: str = ""
) -> notify_pb2.PaymentNotice:
    return notify_pb2.PaymentNotice(
        payment_id="pay1",
        order_id="o1",
        order_number=NUMBER,
        status=status,
        amount=TOTAL,
        decline_code=decline_code,
        title=title,
    )


PUBLIC, USER_AND_ADMINS = ["public"], ["user:u1", "admins"]

CASES: dict[str, tuple[Protobuf, list[str], Protobuf]] = {
    "product.created": (catalog.ProductCreated(product=PRODUCT), PUBLIC, PRODUCT_NOTICE),
    "product.updated": (catalog.ProductUpdated(product=PRODUCT), PUBLIC, PRODUCT_NOTICE),
    "product.deleted": (
        catalog.ProductDeleted(product_id="p1", version=8),
        PUBLIC,
        notify_pb2.ProductNotice(product_id="p1", version=8),
    ),
    "cart.checkout": (
        CART_EVENT,
        USER_AND_ADMINS,
        notify_pb2.CheckoutNotice(
            order_id="o1",
            order_number=NUMBER,
            total=TOTAL,
            total_quantity=4,
            title=f"We have your order {NUMBER}",
        ),
    ),
    "order.created": (
        orders.OrderCreated(order=order(orders_pb2.ORDER_STATUS_PENDING)),
        USER_AND_ADMINS,
        order_notice(
            orders_pb2.ORDER_STATUS_PENDING,
            f"Your order {NUMBER} is reserved and waits for your payment",
        ),
    ),
    "order.cancelled": (
        orders.OrderCancelled(
            order=order(orders_pb2.ORDER_STATUS_CANCELLED), was_completed=True, detail="By us."
        ),
        USER_AND_ADMINS,
        order_notice(
            orders_pb2.ORDER_STATUS_CANCELLED,
            f"Your order {NUMBER} was cancelled. By us. Your money is on its way back.",
        ),
    ),
    "order.completed": (
        orders.OrderCompleted(order=order(orders_pb2.ORDER_STATUS_COMPLETED), payment_id="pay1"),
        USER_AND_ADMINS,
        order_notice(orders_pb2.ORDER_STATUS_COMPLETED, f"Your order {NUMBER} is complete"),
    ),
    "payment.created": (
        payments.PaymentCreated(
            payment=payment(payments_pb2.PAYMENT_STATUS_SUCCEEDED), user_id="u1"
        ),
        USER_AND_ADMINS,
        payment_notice(
            payments_pb2.PAYMENT_STATUS_SUCCEEDED,
            f"We have received your payment of $39.98 for order {NUMBER}",
        ),
    ),
    "payment.failed": (
        payments.PaymentFailed(
            payment=payment(payments_pb2.PAYMENT_STATUS_FAILED, decline_code="expired_card"),
            user_id="u1",
        ),
        USER_AND_ADMINS,
        payment_notice(
            payments_pb2.PAYMENT_STATUS_FAILED,
            f"Your card was declined for order {NUMBER}: it has expired",
            "expired_card",
        ),
    ),
    "payment.refunded": (
        payments.PaymentRefunded(
            payment=payment(payments_pb2.PAYMENT_STATUS_SUCCEEDED, refunded=PART), user_id="u1"
        ),
        USER_AND_ADMINS,
        payment_notice(
            payments_pb2.PAYMENT_STATUS_SUCCEEDED,
            f"We have refunded $10.00 of $39.98 for order {NUMBER} to your card",
        ),
    ),
}


@pytest.fixture
def table(messages: FakeMessages) -> dict[str, Subscription]:
    return {each.topic: each for each in subscriptions(Announce(messages))}


def test_every_event_of_the_shop_is_taken(table: dict[str, Subscription]) -> None:
    assert set(table) == set(CASES)


@pytest.mark.parametrize("topic", CASES)
async def test_an_event_becomes_notices(
    topic: str, table: dict[str, Subscription], messages: FakeMessages
) -> None:
    event, audiences, notice = CASES[topic]
    assert type(event) is table[topic].message
    delivered = Event(id="e1", topic=topic, key="k", time=START, source="svc_x")
    for _ in range(2):
        await table[topic].handle(event, delivered)
    shown = [live_message(message) for message in messages.kept]
    assert [each.audience for each in shown] == audiences
    assert {each.type for each in shown} == {topic}
    assert {each.time.ToDatetime(START.tzinfo) for each in shown} == {START}
    unpacked = unpack(shown[0], type(notice))
    assert unpacked == notice


async def test_a_message_goes_on_in_the_trace_of_its_event(
    table: dict[str, Subscription], messages: FakeMessages
) -> None:
    event, _, _ = CASES["order.completed"]
    delivered = Event(id="e1", topic="order.completed", key="k", time=START, source="svc_x")
    with recorded() as spans, traces.span("process order.completed", "consumer"):
        await table["order.completed"].handle(event, delivered)
    assert {live_message(each).traceparent for each in messages.kept} == {
        traceparent_of(spans.only())
    }


def unpack(live: notify_pb2.LiveMessage, notice: Callable[[], Protobuf]) -> Protobuf:
    """The notice in a live message."""
    message = notice()
    assert live.data.Unpack(message)
    return message

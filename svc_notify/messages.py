"""The domain in protobuf: events to announcements, and messages to messages."""

from collections.abc import Callable
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message as Protobuf
from shop.cart.v1 import events_pb2 as cart_events_pb2
from shop.catalog.v1 import catalog_pb2
from shop.catalog.v1 import events_pb2 as catalog_events_pb2
from shop.notify.v1 import notify_pb2
from shop.orders.v1 import events_pb2 as orders_events_pb2
from shop.orders.v1 import orders_pb2
from shop.payments.v1 import events_pb2 as payments_events_pb2
from shop.payments.v1 import payments_pb2

from chassis.rpc.values import money_message, money_of, timestamp_message
from svc_notify.model import announcements
from svc_notify.model.announcements import Announcement
from svc_notify.model.message import Message
from svc_notify.model.notices import (
    CheckoutNotice,
    Notice,
    OrderNotice,
    PaymentNotice,
    ProductNotice,
)

_ORDER_STATUS = "ORDER_STATUS_"
_PAYMENT_STATUS = "PAYMENT_STATUS_"


def product_changed(
    event: catalog_events_pb2.ProductCreated | catalog_events_pb2.ProductUpdated,
) -> Announcement:
    """Of a product as it now is."""
    product: catalog_pb2.Product = event.product
    return announcements.product_changed(
        ProductNotice(
            product.id, product.version, product.title, money_of(product.price), product.available
        )
    )


def product_deleted(event: catalog_events_pb2.ProductDeleted) -> Announcement:
    """Of a product that is no more."""
    return announcements.product_changed(ProductNotice(event.product_id, event.version))


def cart_checked_out(event: cart_events_pb2.CartCheckedOut) -> Announcement:
    """Of a checkout."""
    quantity = sum(item.quantity for item in event.items)
    notice = CheckoutNotice(event.order_id, money_of(event.total), quantity, event.order_number)
    return announcements.cart_checked_out(event.user_id, notice)


def order_created(event: orders_events_pb2.OrderCreated) -> Announcement:
    """Of an order that waits for its payment."""
    return announcements.order_created(event.order.user_id, _order(event.order))


def order_cancelled(event: orders_events_pb2.OrderCancelled) -> Announcement:
    """Of an order that has ended without a sale."""
    return announcements.order_cancelled(
        event.order.user_id,
        _order(event.order),
        was_completed=event.was_completed,
        detail=event.detail,
    )


def order_completed(event: orders_events_pb2.OrderCompleted) -> Announcement:
    """Of an order that is paid."""
    return announcements.order_completed(event.order.user_id, _order(event.order))


def payment_created(event: payments_events_pb2.PaymentCreated) -> Announcement:
    """Of money that was captured."""
    return announcements.payment_created(event.user_id, _payment(event.payment))


def payment_failed(event: payments_events_pb2.PaymentFailed) -> Announcement:
    """Of money that was not."""
    return announcements.payment_failed(event.user_id, _payment(event.payment))


def payment_refunded(event: payments_events_pb2.PaymentRefunded) -> Announcement:
    """Of money that went back."""
    return announcements.payment_refunded(
        event.user_id,
        _payment(event.payment),
        refunded=money_of(event.payment.refunded),
        is_full=event.is_full,
    )


def live_message(message: Message) -> notify_pb2.LiveMessage:
    """As it goes out to gateways."""
    return notify_pb2.LiveMessage(
        audience=message.audience,
        sequence=message.sequence,
        type=message.type,
        time=timestamp_message(message.time),
        data=_data(message.notice),
        traceparent=message.trace,
    )


def notification(message: Message) -> notify_pb2.Notification:
    """As it stands in an inbox, where no notices of products are."""
    notice: Any = message.notice
    return notify_pb2.Notification(
        id=message.id,
        type=message.type,
        time=timestamp_message(message.time),
        title=notice.title,
        order_id=notice.order_id,
        order_number=notice.order_number,
        read=not message.is_unread,
    )


def _data(notice: Notice) -> AnyMessage:
    data = AnyMessage()
    data.Pack(_NOTICES[type(notice)](notice))
    return data


def _order(order: orders_pb2.Order) -> OrderNotice:
    status = orders_pb2.OrderStatus.Name(order.status).removeprefix(_ORDER_STATUS).lower()
    return OrderNotice(order.id, status, money_of(order.total), order.number)


def _payment(payment: payments_pb2.Payment) -> PaymentNotice:
    status = payments_pb2.PaymentStatus.Name(payment.status).removeprefix(_PAYMENT_STATUS).lower()
    return PaymentNotice(
        payment.id,
        payment.order_id,
        status,
        money_of(payment.amount),
        payment.decline_code,
        payment.order_number,
    )


def _product_notice(notice: ProductNotice) -> notify_pb2.ProductNotice:
    return notify_pb2.ProductNotice(
        product_id=notice.product_id,
        version=notice.version,
        title=notice.title,
        price=money_message(notice.price) if notice.price else None,
        available=notice.available,
    )


def _checkout_notice(notice: CheckoutNotice) -> notify_pb2.CheckoutNotice:
    return notify_pb2.CheckoutNotice(
        order_id=notice.order_id,
        total=money_message(notice.total),
        total_quantity=notice.total_quantity,
        title=notice.title,
        order_number=notice.order_number,
    )


def _order_notice(notice: OrderNotice) -> notify_pb2.OrderNotice:
    return notify_pb2.OrderNotice(
        order_id=notice.order_id,
        status=orders_pb2.OrderStatus.Value(_ORDER_STATUS + notice.status.upper()),
        total=money_message(notice.total),
        title=notice.title,
        order_number=notice.order_number,
    )


def _payment_notice(notice: PaymentNotice) -> notify_pb2.PaymentNotice:
    return notify_pb2.PaymentNotice(
        payment_id=notice.payment_id,
        order_id=notice.order_id,
        status=payments_pb2.PaymentStatus.Value(_PAYMENT_STATUS + notice.status.upper()),
        amount=money_message(notice.amount),
        decline_code=notice.decline_code,
        title=notice.title,
        order_number=notice.order_number,
    )


_NOTICES: dict[type[Notice], Callable[[Any], Protobuf]] = {
    ProductNotice: _product_notice,
    CheckoutNotice: _checkout_notice,
    OrderNotice: _order_notice,
    PaymentNotice: _payment_notice,
}

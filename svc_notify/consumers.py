"""The events that are announced to people."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.cart.v1 import events_pb2 as cart
from shop.catalog.v1 import events_pb2 as catalog
from shop.orders.v1 import events_pb2 as orders
from shop.payments.v1 import events_pb2 as payments

from chassis.events import Event, Subscription
from chassis.telemetry.traces import traceparent
from svc_notify import messages
from svc_notify.model.announcements import Announcement
from svc_notify.usecases.announce import Announce


def subscriptions(announce: Announce) -> list[Subscription]:
    """One group for each of the shop's events: `notify-product-created` and so on."""

    def announcing(message: type[Message], of: Callable[[Any], Announcement]) -> Subscription:
        async def handle(message: Any, event: Event) -> None:
            await announce(
                of(message),
                event_id=event.id,
                type=event.topic,
                time=event.time,
                trace=traceparent(),
            )

        return Subscription(message, handle)

    return [
        announcing(catalog.ProductCreated, messages.product_changed),
        announcing(catalog.ProductUpdated, messages.product_changed),
        announcing(catalog.ProductDeleted, messages.product_deleted),
        announcing(cart.CartCheckedOut, messages.cart_checked_out),
        announcing(orders.OrderCreated, messages.order_created),
        announcing(orders.OrderCancelled, messages.order_cancelled),
        announcing(orders.OrderCompleted, messages.order_completed),
        announcing(payments.PaymentCreated, messages.payment_created),
        announcing(payments.PaymentFailed, messages.payment_failed),
        announcing(payments.PaymentRefunded, messages.payment_refunded),
    ]

"""The events that people are told of."""

from collections.abc import Callable
from typing import Any

from google.protobuf.message import Message
from shop.cart.v1 import events_pb2 as cart
from shop.catalog.v1 import events_pb2 as catalog
from shop.orders.v1 import events_pb2 as orders
from shop.payments.v1 import events_pb2 as payments

from chassis.events import Event, Subscription
from svc_notify import messages
from svc_notify.model.facts import Fact
from svc_notify.usecases.announce import Announce


def subscriptions(announce: Announce) -> list[Subscription]:
    """One group for each of the shop's events: `notify-product-created` and so on."""

    def telling(message: type[Message], fact_of: Callable[[Any], Fact]) -> Subscription:
        async def handle(message: Any, event: Event) -> None:
            await announce(fact_of(message), event_id=event.id, type=event.topic, time=event.time)

        return Subscription(message, handle)

    return [
        telling(catalog.ProductCreated, messages.product_changed),
        telling(catalog.ProductUpdated, messages.product_changed),
        telling(catalog.ProductDeleted, messages.product_deleted),
        telling(cart.CartCheckedOut, messages.cart_checked_out),
        telling(orders.OrderCreated, messages.order_created),
        telling(orders.OrderCancelled, messages.order_cancelled),
        telling(orders.OrderCompleted, messages.order_completed),
        telling(payments.PaymentCreated, messages.payment_created),
        telling(payments.PaymentFailed, messages.payment_failed),
        telling(payments.PaymentRefunded, messages.payment_refunded),
    ]

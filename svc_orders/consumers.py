"""What orders do when something has happened elsewhere."""

from collections.abc import Sequence

from shop.catalog.v1 import events_pb2 as catalog
from shop.payments.v1 import events_pb2 as payments
from shop.payments.v1 import payments_pb2

from chassis.events import Event, Subscription
from svc_orders.messages import product_of
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.usecases.event_handlers import FollowPayments, FollowProducts


def subscriptions(
    follow_products: FollowProducts, follow_payments: FollowPayments
) -> Sequence[Subscription]:
    """The events that orders take; each may come twice, late, and in any order."""

    async def product_changed(
        message: catalog.ProductCreated | catalog.ProductUpdated, event: Event
    ) -> None:
        await follow_products.changed(product_of(message.product))

    async def product_deleted(message: catalog.ProductDeleted, event: Event) -> None:
        await follow_products.deleted(message.product_id, message.version)

    async def payment_created(message: payments.PaymentCreated, event: Event) -> None:
        update = _update_of(event, message.payment, "The payment was received.")
        await follow_payments.created(message.payment.order_id, update)

    async def payment_failed(message: payments.PaymentFailed, event: Event) -> None:
        update = _update_of(event, message.payment, message.detail)
        await follow_payments.failed(message.payment.order_id, update)

    async def payment_refunded(message: payments.PaymentRefunded, event: Event) -> None:
        share = "All of the money" if message.is_full else "A part of the money"
        update = _update_of(event, message.payment, f"{share} went back.")
        await follow_payments.refunded(message.payment.order_id, update, is_full=message.is_full)

    return (
        Subscription(catalog.ProductCreated, product_changed, in_any_order=True),
        Subscription(catalog.ProductUpdated, product_changed, in_any_order=True),
        Subscription(catalog.ProductDeleted, product_deleted, in_any_order=True),
        Subscription(payments.PaymentCreated, payment_created),
        Subscription(payments.PaymentFailed, payment_failed),
        Subscription(payments.PaymentRefunded, payment_refunded),
    )


def _update_of(event: Event, payment: payments_pb2.Payment, detail: str) -> PaymentUpdate:
    return PaymentUpdate(event.id, payment.id, detail)

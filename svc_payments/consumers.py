"""What payments do when something has happened elsewhere."""

from collections.abc import Sequence

from shop.catalog.v1 import events_pb2 as catalog
from shop.orders.v1 import events_pb2 as orders

from chassis.events import Event, Subscription
from svc_payments.messages import order_of
from svc_payments.usecases.event_handlers import FollowOrders, FollowProducts


def subscriptions(
    follow_orders: FollowOrders, follow_products: FollowProducts
) -> Sequence[Subscription]:
    """The events that payments take; each may come twice, late, and in any order."""

    async def order_created(message: orders.OrderCreated, event: Event) -> None:
        await follow_orders.created(order_of(message.order))

    async def order_cancelled(message: orders.OrderCancelled, event: Event) -> None:
        await follow_orders.cancelled(order_of(message.order), was_completed=message.was_completed)

    async def product_changed(
        message: catalog.ProductCreated | catalog.ProductUpdated, event: Event
    ) -> None:
        product = message.product
        await follow_products.changed(
            product.id, product.title, product.version, product.details_version
        )

    async def product_deleted(message: catalog.ProductDeleted, event: Event) -> None:
        await follow_products.changed(message.product_id, "", message.version)

    return (
        Subscription(orders.OrderCreated, order_created, in_any_order=True),
        Subscription(orders.OrderCancelled, order_cancelled),
        Subscription(catalog.ProductCreated, product_changed, in_any_order=True),
        Subscription(catalog.ProductUpdated, product_changed, in_any_order=True),
        Subscription(catalog.ProductDeleted, product_deleted, in_any_order=True),
    )

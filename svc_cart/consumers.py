"""What the cart takes from Kafka: event -> use case."""

from collections.abc import Sequence

from shop.catalog.v1 import events_pb2 as catalog
from shop.orders.v1 import events_pb2 as orders

from chassis.events import Event, Subscription
from svc_cart.messages import order_of, product_of
from svc_cart.usecases.event_handlers import FollowOrders, FollowProducts


def subscriptions(
    follow_products: FollowProducts, follow_orders: FollowOrders
) -> Sequence[Subscription]:
    """The events that the cart takes; each may come twice, late, and in any order."""

    async def product_changed(
        message: catalog.ProductCreated | catalog.ProductUpdated, event: Event
    ) -> None:
        await follow_products.changed(product_of(message.product))

    async def product_deleted(message: catalog.ProductDeleted, event: Event) -> None:
        await follow_products.deleted(message.product_id, message.version)

    async def order_completed(message: orders.OrderCompleted, event: Event) -> None:
        if message.order.cart_id:
            await follow_orders.completed(message.order.user_id, order_of(message.order).purchase)

    return (
        Subscription(catalog.ProductCreated, product_changed, in_any_order=True),
        Subscription(catalog.ProductUpdated, product_changed, in_any_order=True),
        Subscription(catalog.ProductDeleted, product_deleted, in_any_order=True),
        Subscription(orders.OrderCompleted, order_completed),
    )

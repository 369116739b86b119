"""The cart's domain in protobuf."""

from shop.cart.v1 import cart_pb2, events_pb2
from shop.catalog.v1 import catalog_pb2
from shop.orders.v1 import orders_pb2

from chassis.rpc.values import money_message, money_of, time_of, timestamp_message
from svc_cart.model.checkouts import (
    CartCheckedOut,
    OrderItem,
    OrderStatus,
    PlacedOrder,
    TimelineEntry,
)
from svc_cart.model.products import Product
from svc_cart.model.refusals import OutOfStock, PriceChange, PriceChanged
from svc_cart.model.views import CartItem, CartView

STATUSES = {
    OrderStatus.CREATED: orders_pb2.ORDER_STATUS_CREATED,
    OrderStatus.PENDING: orders_pb2.ORDER_STATUS_PENDING,
    OrderStatus.COMPLETED: orders_pb2.ORDER_STATUS_COMPLETED,
    OrderStatus.CANCELLED: orders_pb2.ORDER_STATUS_CANCELLED,
    OrderStatus.UNKNOWN: orders_pb2.ORDER_STATUS_UNSPECIFIED,
}
STATUS_OF = {number: status for status, number in STATUSES.items()}


def product_of(message: catalog_pb2.Product) -> Product:
    """What the cart keeps of a product."""
    return Product(
        id=message.id,
        version=message.version,
        title=message.title,
        price=money_of(message.price),
        available=message.available,
        image_url=message.image_url,
    )


def cart_message(cart: CartView) -> cart_pb2.Cart:
    """A cart as it is shown."""
    return cart_pb2.Cart(
        id=cart.id,
        items=map(_item_message, cart.items),
        subtotal=money_message(cart.subtotal),
        total_quantity=cart.total_quantity,
        version=cart.version,
    )


def order_of(message: orders_pb2.Order) -> PlacedOrder:
    """The order that a cart became."""
    return PlacedOrder(
        id=message.id,
        number=message.number,
        user_id=message.user_id,
        user_email=message.user_email,
        status=STATUS_OF.get(message.status, OrderStatus.UNKNOWN),
        items=tuple(
            OrderItem(item.product_id, item.title, money_of(item.price), item.quantity)
            for item in message.items
        ),
        total=money_of(message.total),
        cart_id=message.cart_id,
        cart_generation=message.cart_generation,
        cart_version=message.cart_version,
        version=message.version,
        created_at=time_of(message.created_at),
        expires_at=time_of(message.expires_at) if message.HasField("expires_at") else None,
        timeline=tuple(
            TimelineEntry(time_of(entry.at), entry.type, entry.detail) for entry in message.timeline
        ),
    )


def order_message(order: PlacedOrder) -> orders_pb2.Order:
    """The order, as svc_orders answered it."""
    return orders_pb2.Order(
        id=order.id,
        number=order.number,
        user_id=order.user_id,
        user_email=order.user_email,
        status=STATUSES[order.status],
        items=map(_order_item_message, order.items),
        total=money_message(order.total),
        cart_id=order.cart_id,
        cart_generation=order.cart_generation,
        cart_version=order.cart_version,
        version=order.version,
        created_at=timestamp_message(order.created_at),
        expires_at=timestamp_message(order.expires_at) if order.expires_at else None,
        timeline=[
            orders_pb2.TimelineEntry(
                at=timestamp_message(entry.at), type=entry.type, detail=entry.detail
            )
            for entry in order.timeline
        ],
    )


def price_changes_of(message: orders_pb2.PriceChanged) -> tuple[PriceChange, ...]:
    """The lines of a refusal of svc_orders."""
    return tuple(
        PriceChange(
            line.product_id, line.title, money_of(line.expected_price), money_of(line.price)
        )
        for line in message.lines
    )


def event_message(event: CartCheckedOut) -> events_pb2.CartCheckedOut:
    """A cart became an order."""
    return events_pb2.CartCheckedOut(
        cart_id=event.cart_id,
        version=event.version,
        user_id=event.user_id,
        order_id=event.order.id,
        items=map(_checked_out_item_message, event.order.items),
        total=money_message(event.order.total),
        checked_out_at=timestamp_message(event.at),
        order_number=event.order.number,
    )


def out_of_stock_message(refusal: OutOfStock) -> catalog_pb2.OutOfStock:
    """The detail of OUT_OF_STOCK."""
    return catalog_pb2.OutOfStock(
        lines=[
            catalog_pb2.StockShortage(
                product_id=line.product_id,
                title=line.title,
                requested=line.requested,
                available=line.available,
            )
            for line in refusal.lines
        ]
    )


def price_changed_message(refusal: PriceChanged) -> orders_pb2.PriceChanged:
    """The detail of PRICE_CHANGED."""
    return orders_pb2.PriceChanged(
        lines=[
            orders_pb2.PriceChange(
                product_id=line.product_id,
                title=line.title,
                expected_price=money_message(line.shown),
                price=money_message(line.price),
            )
            for line in refusal.lines
        ]
    )


def _item_message(item: CartItem) -> cart_pb2.CartItem:
    return cart_pb2.CartItem(
        product_id=item.product_id,
        title=item.title,
        price=money_message(item.price),
        previous_price=money_message(item.previous_price) if item.previous_price else None,
        quantity=item.quantity,
        available=item.available,
        image_url=item.image_url,
        subtotal=money_message(item.subtotal),
    )


def _order_item_message(item: OrderItem) -> orders_pb2.OrderItem:
    return orders_pb2.OrderItem(
        product_id=item.product_id,
        title=item.title,
        price=money_message(item.price),
        quantity=item.quantity,
    )


def _checked_out_item_message(item: OrderItem) -> events_pb2.CheckedOutItem:
    return events_pb2.CheckedOutItem(
        product_id=item.product_id,
        title=item.title,
        price=money_message(item.price),
        quantity=item.quantity,
    )

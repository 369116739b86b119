"""The cart's domain in protobuf."""

from collections import Counter

from google.protobuf.timestamp_pb2 import Timestamp
from shop.cart.v1 import cart_pb2, events_pb2
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from svc_cart.model.cart import Sale
from svc_cart.model.checkouts import CartCheckedOut, OrderItem, PlacedOrder
from svc_cart.model.products import Money, Product
from svc_cart.model.refusals import OutOfStock, PriceChange, PriceChanged
from svc_cart.model.views import CartItem, CartView


def money_message(money: Money) -> money_pb2.Money:
    """An amount of money."""
    return money_pb2.Money(amount_minor=money.amount_minor, currency=money.currency)


def money_of(message: money_pb2.Money) -> Money:
    """An amount of money."""
    return Money(message.amount_minor, message.currency)


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
        items=tuple(
            OrderItem(item.product_id, item.title, money_of(item.price), item.quantity)
            for item in message.items
        ),
        total=money_of(message.total),
        is_waiting=message.status
        in {orders_pb2.ORDER_STATUS_CREATED, orders_pb2.ORDER_STATUS_PENDING},
        is_completed=message.status == orders_pb2.ORDER_STATUS_COMPLETED,
        sale=sale_of(message),
        answer=message,
        number=message.number,
    )


def sale_of(message: orders_pb2.Order) -> Sale:
    """What an order of a cart buys."""
    bought: Counter[str] = Counter()
    for item in message.items:
        bought[item.product_id] += item.quantity
    return Sale(message.cart_id, message.cart_generation, bought, message.cart_version)


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
    at = Timestamp()
    at.FromDatetime(event.at)
    return events_pb2.CartCheckedOut(
        cart_id=event.cart_id,
        version=event.version,
        user_id=event.user_id,
        order_id=event.order.id,
        items=[
            orders_pb2.OrderItem(
                product_id=item.product_id,
                title=item.title,
                price=money_message(item.price),
                quantity=item.quantity,
            )
            for item in event.order.items
        ],
        total=money_message(event.order.total),
        checked_out_at=at,
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

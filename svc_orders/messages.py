"""Orders in protobuf."""

from collections.abc import Sequence

from google.protobuf.message import Message
from shop.catalog.v1 import catalog_pb2
from shop.orders.v1 import events_pb2, orders_pb2

from chassis.currencies import Money
from chassis.rpc.values import money_message, money_of, timestamp_message
from svc_orders.model.lines import Item, Line
from svc_orders.model.order import (
    Order,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderEvent,
    OrderStatus,
    number_of,
)
from svc_orders.model.refusals import (
    OutOfStock,
    PriceChanged,
    TooManyUnpaidItems,
    TotalNotChargeable,
)
from svc_orders.model.timeline import TimelineEntry
from svc_orders.usecases.ports import Product, Stats
from svc_orders.usecases.stuck_orders import StuckOrder, StuckReason

STATUSES = {
    OrderStatus.CREATED: orders_pb2.ORDER_STATUS_CREATED,
    OrderStatus.PENDING: orders_pb2.ORDER_STATUS_PENDING,
    OrderStatus.COMPLETED: orders_pb2.ORDER_STATUS_COMPLETED,
    OrderStatus.CANCELLED: orders_pb2.ORDER_STATUS_CANCELLED,
}

STUCK_REASONS = {
    StuckReason.RESERVING: orders_pb2.STUCK_ORDER_REASON_RESERVING,
    StuckReason.EXPIRY: orders_pb2.STUCK_ORDER_REASON_EXPIRY,
    StuckReason.RELEASE: orders_pb2.STUCK_ORDER_REASON_RELEASE,
    StuckReason.REPORT: orders_pb2.STUCK_ORDER_REASON_REPORT,
}


def lines_of(messages: Sequence[orders_pb2.OrderLine]) -> list[Line]:
    """The lines to order."""
    return [
        Line(
            message.product_id,
            message.quantity,
            money_of(message.expected_price) if message.HasField("expected_price") else None,
        )
        for message in messages
    ]


def order_message(order: Order, *, with_timeline: bool = False) -> orders_pb2.Order:
    """An order; its timeline goes only where a single order is asked for."""
    return orders_pb2.Order(
        id=order.id,
        user_id=order.buyer.user_id,
        user_email=order.buyer.email,
        status=STATUSES[order.status],
        items=map(_item_message, order.items),
        total=money_message(order.total),
        version=order.version,
        created_at=timestamp_message(order.created_at),
        expires_at=timestamp_message(order.expires_at) if order.expires_at else None,
        timeline=map(_timeline_message, order.timeline) if with_timeline else (),
        number=number_of(order.id),
        cart_id=order.cart.cart_id if order.cart else "",
        cart_generation=order.cart.generation if order.cart else 0,
        cart_version=order.cart.version if order.cart else 0,
    )


def stuck_message(stuck: StuckOrder) -> orders_pb2.StuckOrder:
    """An order that is late."""
    return orders_pb2.StuckOrder(
        order=order_message(stuck.order),
        reason=STUCK_REASONS[stuck.reason],
        since=timestamp_message(stuck.since),
    )


def event_message(event: OrderEvent) -> Message:
    """The message of a domain event."""
    order = order_message(event.order)
    match event:
        case OrderCreated():
            return events_pb2.OrderCreated(order=order)
        case OrderCancelled():
            return events_pb2.OrderCancelled(
                order=order, was_completed=event.was_completed, detail=event.detail
            )
        case OrderCompleted():
            return events_pb2.OrderCompleted(order=order, payment_id=event.payment_id)


def product_of(message: catalog_pb2.Product) -> Product:
    """What the replica keeps of a product."""
    return Product(
        message.id,
        message.version,
        message.title,
        money_of(message.price),
        details_version=message.details_version,
    )


def out_of_stock_message(refusal: OutOfStock) -> catalog_pb2.OutOfStock:
    """The detail of OUT_OF_STOCK, as the catalog gives it."""
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
                expected_price=money_message(line.expected),
                price=money_message(line.price),
            )
            for line in refusal.lines
        ]
    )


def too_many_unpaid_items_message(refusal: TooManyUnpaidItems) -> orders_pb2.TooManyUnpaidItems:
    """The detail of TOO_MANY_UNPAID_ITEMS."""
    return orders_pb2.TooManyUnpaidItems(
        lines=[orders_pb2.UnpaidItems(**vars(line)) for line in refusal.lines]
    )


def total_not_chargeable_message(refusal: TotalNotChargeable) -> orders_pb2.TotalNotChargeable:
    """The detail of TOTAL_NOT_CHARGEABLE."""
    code = refusal.total.currency
    return orders_pb2.TotalNotChargeable(
        total=money_message(refusal.total),
        minimum=money_message(Money(refusal.minimum, code)),
        maximum=money_message(Money(refusal.maximum, code)),
    )


def stats_message(stats: Stats) -> orders_pb2.GetOrderStatsResponse:
    """The figures; by status in the order of the states."""
    return orders_pb2.GetOrderStatsResponse(
        by_status=[
            orders_pb2.StatusCount(status=STATUSES[status], count=stats.by_status[status])
            for status in OrderStatus
            if status in stats.by_status
        ],
        revenue_by_day=[
            orders_pb2.DayRevenue(
                day=row.day, revenue=money_message(row.revenue), orders=row.orders
            )
            for row in stats.revenue_by_day
        ],
        best_sellers=[
            orders_pb2.BestSeller(
                product_id=row.product_id,
                title=row.title,
                quantity=row.quantity,
                revenue=money_message(row.revenue),
            )
            for row in stats.best_sellers
        ],
    )


def _item_message(item: Item) -> orders_pb2.OrderItem:
    return orders_pb2.OrderItem(
        product_id=item.product_id,
        title=item.title,
        price=money_message(item.price),
        quantity=item.quantity,
    )


def _timeline_message(entry: TimelineEntry) -> orders_pb2.TimelineEntry:
    return orders_pb2.TimelineEntry(
        at=timestamp_message(entry.at), type=entry.type, detail=entry.detail
    )

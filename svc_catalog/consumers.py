"""What the catalog does when something has happened elsewhere."""

from collections.abc import Iterable, Sequence

import structlog
from shop.orders.v1 import events_pb2 as orders
from shop.payments.v1 import events_pb2 as payments

from chassis.events import Event, Subscription
from svc_catalog.model.stock import StockLine
from svc_catalog.usecases.reserve_stock import ReserveStock

log = structlog.get_logger(__name__)


def subscriptions(stock: ReserveStock) -> Sequence[Subscription]:
    """The events that the catalog takes; each may come twice, late, and in any order."""

    async def order_cancelled(message: orders.OrderCancelled, event: Event) -> None:
        # What had been completed was sold; it comes back with the refund, if that says so.
        if not message.was_completed:
            products = [item.product_id for item in message.order.items]
            await stock.release(message.order.id, products)

    async def payment_created(message: payments.PaymentCreated, event: Event) -> None:
        await stock.sell(message.payment.order_id, _lines(message.items))

    async def payment_failed(message: payments.PaymentFailed, event: Event) -> None:
        # The order can be paid with another card, so what it holds stays held until it ends.
        log.debug("reservation stays", order_id=message.payment.order_id)

    async def payment_refunded(message: payments.PaymentRefunded, event: Event) -> None:
        if message.restock and message.is_full:
            await stock.restock(message.payment.order_id, _lines(message.items))

    return (
        Subscription(orders.OrderCancelled, order_cancelled),
        Subscription(payments.PaymentCreated, payment_created),
        Subscription(payments.PaymentFailed, payment_failed),
        Subscription(payments.PaymentRefunded, payment_refunded),
    )


def _lines(items: Iterable[payments.PurchasedItem]) -> Sequence[StockLine]:
    return [StockLine(item.product_id, item.quantity) for item in items]

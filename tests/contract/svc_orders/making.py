"""Orders in every state, made through the port."""

from dataclasses import replace
from datetime import datetime, timedelta

from chassis.errors import Refusal
from svc_orders.model.lines import CartRef, Item, Line
from svc_orders.model.order import Buyer, Change, Order, start
from svc_orders.model.timeline import PaymentUpdate
from tests.contract.svc_orders.conftest import OrdersUnderTest
from tests.unit.svc_orders.world import ANN, LIFETIME, NOON, usd

LEASE = timedelta(seconds=10)
DAY = timedelta(days=1)


def created(
    order_id: str,
    *,
    buyer: Buyer = ANN,
    key: str = "",
    cart: CartRef | None = None,
    at: datetime = NOON,
    **quantities: int,
) -> Order:
    quantities = quantities or {"lamp": 2}
    lines = tuple(Line(product_id, number, usd(1000)) for product_id, number in quantities.items())
    items = tuple(
        Item(each.product_id, each.product_id, usd(1000), each.quantity) for each in lines
    )
    return start(order_id, buyer, key, lines, items, cart=cart, now=at, lease=LEASE)


def certain(change: Change | None) -> Change:
    assert change is not None
    return change


async def placed(orders: OrdersUnderTest, order: Order) -> Order:
    """Keep the order, and make it pending."""
    assert await orders.port.insert(order)
    reserved = {item.product_id: replace(item, title="Title") for item in order.items}
    at = order.created_at
    change = certain(order.place(reserved, at + LIFETIME, at))
    assert await orders.port.save(change)
    return change.order


async def completed(orders: OrdersUnderTest, order: Order, at: datetime) -> Order:
    pending = await placed(orders, order)
    change = certain(pending.paid(PaymentUpdate(f"e-{order.id}", f"p-{order.id}", "Paid."), at))
    assert await orders.port.save(change)
    return change.order


async def refused(orders: OrdersUnderTest, order: Order, refusal: Refusal) -> Order:
    assert await orders.port.insert(order)
    change = certain(order.refuse(refusal, order.created_at))
    assert await orders.port.save(change)
    return change.order

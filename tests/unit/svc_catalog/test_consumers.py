"""What events do to the stock."""

from typing import Any

import pytest
from shop.orders.v1 import events_pb2 as orders
from shop.orders.v1 import orders_pb2
from shop.payments.v1 import events_pb2 as payments
from shop.payments.v1 import payments_pb2

from chassis.events import Event, Subscription
from svc_catalog.consumers import subscriptions
from svc_catalog.model.stock import StockLine
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.reserve_stock import ReserveStock
from tests.unit.svc_catalog.fakes import FakeProductStore
from tests.unit.svc_catalog.samples import NOON, product

pytestmark = pytest.mark.anyio

ITEMS = [payments.PurchasedItem(product_id="lamp", quantity=2)]
PAYMENT = payments_pb2.Payment(id="pay1", order_id="o1")


@pytest.fixture
def store() -> FakeProductStore:
    return FakeProductStore(products={"lamp": product("lamp", quantity=5)})


@pytest.fixture
async def table(store: FakeProductStore) -> dict[str, Subscription]:
    stock = ReserveStock(store, CountProducts(store), lambda: NOON, lambda: "token")
    await stock.reserve("o1", [StockLine("lamp", 2)])
    return {each.topic: each for each in subscriptions(stock)}


async def happen(table: dict[str, Subscription], topic: str, message: Any) -> None:
    event = Event(id="e", topic=topic, key="k", time=NOON, source="test")
    await table[topic].handle(message, event)
    await table[topic].handle(message, event)


def figures(store: FakeProductStore) -> tuple[int, int]:
    return store.products["lamp"].fields.quantity, store.products["lamp"].available


def cancelled(*, was_completed: bool) -> orders.OrderCancelled:
    items = [orders_pb2.OrderItem(product_id="lamp", quantity=2)]
    order = orders_pb2.Order(id="o1", items=items)
    return orders.OrderCancelled(order=order, was_completed=was_completed)


def refunded(*, restock: bool = True, is_full: bool = True) -> payments.PaymentRefunded:
    return payments.PaymentRefunded(payment=PAYMENT, items=ITEMS, restock=restock, is_full=is_full)


async def test_a_cancelled_order_gives_back(
    table: dict[str, Subscription], store: FakeProductStore
) -> None:
    await happen(table, "order.cancelled", cancelled(was_completed=False))
    assert figures(store) == (5, 5)


async def test_a_payment_takes_what_was_held(
    table: dict[str, Subscription], store: FakeProductStore
) -> None:
    await happen(table, "payment.created", payments.PaymentCreated(payment=PAYMENT, items=ITEMS))
    assert figures(store) == (3, 3)
    await happen(table, "order.cancelled", cancelled(was_completed=True))
    assert figures(store) == (3, 3)


async def test_a_failed_payment_leaves_all_as_it_is(
    table: dict[str, Subscription], store: FakeProductStore
) -> None:
    await happen(table, "payment.failed", payments.PaymentFailed(payment=PAYMENT))
    assert figures(store) == (5, 3)


@pytest.mark.parametrize(
    ("refund", "left"),
    [
        (refunded(), 5),
        (refunded(restock=False), 3),
        (refunded(is_full=False), 3),
    ],
    ids=["full with restock", "without restock", "partial"],
)
async def test_a_refund_restocks_where_it_says_so(
    table: dict[str, Subscription],
    store: FakeProductStore,
    refund: payments.PaymentRefunded,
    left: int,
) -> None:
    await happen(table, "payment.created", payments.PaymentCreated(payment=PAYMENT, items=ITEMS))
    await happen(table, "payment.refunded", refund)
    assert figures(store) == (left, left)

"""Stock that an event should have settled, and did not, comes right by itself."""

from datetime import datetime, timedelta

import pytest

from svc_catalog.model.stock import OrderOutcome, StockLine
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.reconcile import ReconcileReservations
from svc_catalog.usecases.reserve_stock import ReserveStock
from tests.unit.svc_catalog.fakes import FakeOrderSource, FakeProductStore
from tests.unit.svc_catalog.samples import NOON, product

pytestmark = pytest.mark.anyio

DUE_AFTER = timedelta(minutes=20)


class Shop:
    """A catalog with two products of ten, whose time is set by hand."""

    def __init__(self) -> None:
        self.now = NOON
        self.store = FakeProductStore(
            products={name: product(name, quantity=10) for name in ("lamp", "vase")}
        )
        self.orders = FakeOrderSource()
        self.stock = ReserveStock(
            self.store, CountProducts(self.store), self.clock, lambda: "token"
        )
        self.reconciliation = ReconcileReservations(
            self.store, self.stock, self.orders, clock=self.clock, due_after=DUE_AFTER
        )

    def clock(self) -> datetime:
        return self.now

    def figures(self, product_id: str = "lamp") -> tuple[int, int]:
        """Quantity and available."""
        found = self.store.products[product_id]
        return found.fields.quantity, found.available


@pytest.fixture
async def shop() -> Shop:
    """Order o1 holds three of both."""
    shop = Shop()
    await shop.stock.reserve("o1", [StockLine("lamp", 3), StockLine("vase", 3)])
    return shop


@pytest.mark.parametrize(
    ("end", "figures"),
    [(OrderOutcome.OPEN, (10, 7)), (OrderOutcome.SOLD, (7, 7)), (OrderOutcome.DEAD, (10, 10))],
)
async def test_an_overdue_reservation_ends_as_its_order_did(
    shop: Shop, end: OrderOutcome, figures: tuple[int, int]
) -> None:
    shop.orders.ends["o1"] = end
    shop.now += DUE_AFTER
    await shop.reconciliation.settle_overdue()
    await shop.reconciliation.settle_overdue()
    assert (shop.figures("lamp"), shop.figures("vase")) == (figures, figures)


async def test_an_order_that_nobody_knows_holds_nothing(shop: Shop) -> None:
    shop.now += DUE_AFTER
    await shop.reconciliation.settle_overdue()
    assert shop.figures() == (10, 10)


async def test_orders_are_asked_once_and_only_about_what_is_old(shop: Shop) -> None:
    shop.now += DUE_AFTER
    await shop.stock.reserve("o2", [StockLine("lamp", 1)])
    shop.orders.ends |= {"o1": OrderOutcome.OPEN, "o2": OrderOutcome.OPEN}
    await shop.reconciliation.settle_overdue()
    assert shop.orders.asked == ["o1"]


async def test_while_the_orders_do_not_answer_all_stays_as_it_is(shop: Shop) -> None:
    shop.now += DUE_AFTER
    shop.orders.is_away = True
    await shop.reconciliation.settle_overdue()
    assert shop.figures() == (10, 7)


async def test_the_lost_event_that_comes_after_all_changes_nothing(shop: Shop) -> None:
    shop.orders.ends["o1"] = OrderOutcome.SOLD
    shop.now += DUE_AFTER
    await shop.reconciliation.settle_overdue()
    await shop.stock.sell("o1", [StockLine("lamp", 3), StockLine("vase", 3)])
    assert shop.figures() == (7, 7)

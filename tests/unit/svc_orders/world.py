"""An orders service on fakes, whose time is set by hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from chassis.currencies import Money
from chassis.mongo.optimistic_locking import PollPolicy
from svc_orders.model.lines import Line
from svc_orders.model.order import Buyer, Order, OrderStatus
from svc_orders.model.unpaid import Limits
from svc_orders.usecases.cancel_order import CancelOrder
from svc_orders.usecases.create_cart_order import CreateCartOrder
from svc_orders.usecases.create_order import BeginOrder, CreateOrder
from svc_orders.usecases.event_handlers import FollowPayments, FollowProducts
from svc_orders.usecases.ports import Product
from svc_orders.usecases.queries import QueryOrders
from svc_orders.usecases.reconcile import ReconcilePayments
from svc_orders.usecases.reserve_stock import AdmitOrder, ReserveStock
from svc_orders.usecases.stuck_orders import StuckOrders
from svc_orders.usecases.sweeps import SweepOrders
from tests.support.interleaving import Turns
from tests.unit.svc_orders.fakes import (
    FakeCatalog,
    FakeOrders,
    FakePayments,
    FakeProducts,
    FakeUnpaid,
    Stocked,
)
from tests.unit.svc_orders.killing import Fuse

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIFETIME = timedelta(minutes=15)
ANN = Buyer("ann", "ann@example.org")
BEN = Buyer("ben", "ben@example.org")


def usd(amount_minor: int) -> Money:
    return Money(amount_minor, "USD")


def product(product_id: str, price: int = 1000, version: int = 1) -> Product:
    return Product(product_id, version, product_id.title(), usd(price))


def lines(**quantities: int) -> list[Line]:
    return [Line(product_id, quantity) for product_id, quantity in quantities.items()]


@dataclass
class Process:
    """One process of the service."""

    create: CreateOrder
    create_of_cart: CreateCartOrder
    cancel: CancelOrder
    reconcile: ReconcilePayments
    sweeps: SweepOrders
    follow_payments: FollowPayments
    follow_products: FollowProducts
    read: QueryOrders
    stuck: StuckOrders


class World:
    """What outlives processes: the database, the catalog, and the time.

    Args:
        looks: How often a call looks after another one with its key.
        stock: How many there are of each product.
    """

    def __init__(self, looks: int = 200, **stock: int) -> None:
        self.now = NOON
        self.looks = looks
        self.orders = FakeOrders()
        self.catalog = FakeCatalog(
            {each: Stocked(product(each), number) for each, number in stock.items()}
        )
        self.unpaid = FakeUnpaid()
        self.limits = Limits(orders=1000, items=1000)
        self.of_network = Limits(orders=0, items=1)
        self.products = FakeProducts(*(each.product for each in self.catalog.stock.values()))
        self.payments = FakePayments()
        self._ids = count(1)
        self.process = self.start()

    def start(self, seen_by: Fuse | Turns | None = None) -> Process:
        """A process; it dies where a fuse says so, or takes turns with another one."""
        on: Callable[..., object] = seen_by.on if seen_by else lambda port: port
        orders: FakeOrders = on(self.orders)  # type: ignore[assignment]  # looks like what it wraps
        products: FakeProducts = on(self.products)  # type: ignore[assignment]
        catalog: FakeCatalog = on(self.catalog)  # type: ignore[assignment]
        payments: FakePayments = on(self.payments)  # type: ignore[assignment]
        follow_payments = FollowPayments(orders, clock=self.clock)
        reconcile = ReconcilePayments(
            orders, payments, follow_payments, clock=self.clock, lifetime=LIFETIME
        )
        unpaid: FakeUnpaid = on(self.unpaid)  # type: ignore[assignment]
        admit = AdmitOrder(
            orders,
            unpaid,
            limits=self.limits,
            of_network=self.of_network,
            pause=lambda _: asyncio.sleep(0),
        )
        reserve = ReserveStock(orders, catalog, admit, clock=self.clock, lifetime=LIFETIME)
        begin = BeginOrder(
            orders,
            products,
            catalog,
            reserve,
            clock=self.clock,
            new_id=self.new_id,
            poll=PollPolicy(self.looks, lambda: asyncio.sleep(0)),
        )
        sweeps = SweepOrders(orders, reserve, clock=self.clock, lifetime=LIFETIME)
        return Process(
            CreateOrder(orders, begin),
            CreateCartOrder(orders, begin, reserve, reconcile, clock=self.clock),
            CancelOrder(orders, reserve, reconcile, clock=self.clock),
            reconcile,
            sweeps,
            follow_payments,
            FollowProducts(products),
            QueryOrders(orders, clock=self.clock),
            StuckOrders(orders, reserve, reconcile, sweeps, clock=self.clock),
        )

    def clock(self) -> datetime:
        return self.now

    def new_id(self) -> str:
        return f"o{next(self._ids):03}"

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    async def sweep(self) -> None:
        """What the background does again and again."""
        sweeps = self.process.sweeps
        await sweeps.finish_abandoned()
        await self.process.reconcile.expire()
        await sweeps.release()

    def only(self) -> Order:
        """The one order there is."""
        (order,) = self.orders.orders.values()
        return order

    def live(self) -> list[Order]:
        """Orders that hold stock."""
        states = {OrderStatus.PENDING, OrderStatus.COMPLETED}
        return [each for each in self.orders.orders.values() if each.status in states]

    def announced(self) -> list[tuple[str, str]]:
        """(event, order id), oldest first."""
        return [(type(each).__name__, each.order.id) for each in self.orders.events]

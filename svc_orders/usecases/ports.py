"""What the use cases need from outside."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chassis.currencies import Money
from chassis.mongo import optimistic_locking
from svc_orders.model.lines import Item, Line
from svc_orders.model.order import Change, Order, OrderStatus
from svc_orders.model.unpaid import Unpaid, UnpaidOrder


class ReservationClosed(Exception):
    """The catalog released the order's reservation for good."""


NO_PRICE = Money(0, "")


@dataclass(frozen=True)
class Product:
    """A product as the replica has it; a deleted one keeps its id and version only.

    `details_version` grows with title and price, but not with the stock; 0 where it is not known.
    """

    id: str
    version: int
    title: str = ""
    price: Money = NO_PRICE
    deleted: bool = False
    details_version: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Filter:
    """Which orders to list; None is any. `since` is included, `until` is not."""

    user_id: str | None = None
    status: OrderStatus | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Position:
    """The order after which a page begins, and how many there were when the list began."""

    created_at: datetime
    order_id: str
    total: int


@dataclass(frozen=True)
class Page:
    """Some orders, newest first; `end` is None on the last page.

    `total` is how many there are in all, counted with the first page of the list.
    """

    orders: tuple[Order, ...]
    total: int
    end: Position | None


@dataclass(frozen=True)
class DayRevenue:
    """What the orders brought in that were completed on a day (UTC) and still are."""

    day: str
    revenue: Money
    orders: int


@dataclass(frozen=True)
class BestSeller:
    """A product, how many were sold of it, and for how much."""

    product_id: str
    title: str
    quantity: int
    revenue: Money


@dataclass(frozen=True)
class Stats:
    """Figures for the admin console."""

    by_status: Mapping[OrderStatus, int]
    revenue_by_day: tuple[DayRevenue, ...]
    best_sellers: tuple[BestSeller, ...]


class Orders(Protocol):
    """The orders. Those that were refused are found by id and key, but never listed or counted."""

    async def insert(self, order: Order) -> bool:
        """Keep a new order; False where its user has one with its key."""

    async def save(self, change: Change) -> bool:
        """Write the next version with its events; False where another was written first."""

    async def lease(self, order: Order, until: datetime) -> bool:
        """Take over the reserving; False where the order or its lease has changed since."""

    async def get(self, order_id: str) -> Order | None:
        """The order as it is now."""

    async def by_key(self, user_id: str, key: str) -> Order | None:
        """The user's order with this key."""

    async def by_client_key(self, user_id: str, client_key: str) -> Order | None:
        """The user's order of a cart that was made with this key of the client's."""

    async def still_open(self, order_ids: Sequence[str]) -> Set[str]:
        """Those of them that are created or pending."""

    async def abandoned(self, now: datetime, limit: int) -> Sequence[Order]:
        """Created orders whose lease has run out, longest ago first."""

    async def expiring(self, until: datetime, after: Order | None, limit: int) -> Sequence[Order]:
        """Pending orders whose time is over by then, longest ago first, from after that one on."""

    async def to_reconcile(self, now: datetime, limit: int) -> Sequence[Order]:
        """Cancelled orders whose end is to be reported to the payments again, longest ago first."""

    async def to_release(self, now: datetime, limit: int) -> Sequence[Order]:
        """Orders whose release is due, longest ago first."""

    async def forget_refused(self, before: datetime, limit: int) -> int:
        """Delete refused orders that were made before then and owe no release; how many."""

    async def page(self, where: Filter, after: Position | None, limit: int) -> Page:
        """A page of orders."""

    async def stats(self, since_day: str) -> Stats:
        """Counts over all time; revenue, and at most 10 best sellers, from `since_day` on."""


class UnpaidOrders(Protocol):
    """What accounts have ordered and not paid."""

    async def get(self, user_id: str) -> Unpaid:
        """The account's; none in version 0 where it never ordered."""

    async def save(self, unpaid: Unpaid) -> bool:
        """Write the next version; False where another was written first."""

    async def add(self, user_id: str, order: UnpaidOrder, limit: int) -> bool:
        """Add an order without a look at the others, where one write can tell that there is room.

        Returns:
            False where nothing was done: the account has `limit` orders, this one, or one that
            holds one of its products.
        """


class Products(Protocol):
    """The replica of the products."""

    async def put(self, product: Product) -> None:
        """Keep it, unless the replica has this version or a newer one."""

    async def get(self, product_ids: Sequence[str]) -> Mapping[str, Product]:
        """Those that are known, by id."""


class Catalog(Protocol):
    """The catalog. Each call raises Unavailable where its outcome is not known."""

    async def product(self, product_id: str) -> Product:
        """The product as it is now; a deleted or unknown one as deleted, of version 0."""

    async def reserve(self, order_id: str, lines: Sequence[Line]) -> Mapping[str, Item]:
        """Reserve all lines or none; the same again changes nothing.

        Returns:
            One item a line, by product id.

        Raises:
            OutOfStock, NotFound: Nothing is reserved.
            OrderFailed: The same call would always fail.
            ReservationClosed: It was released before.
        """

    async def release(self, order_id: str, product_ids: Sequence[str]) -> None:
        """Give back what is reserved, and refuse what comes later.

        Where nothing is reserved nothing happens: who reserves later has to give that back.
        """


class PaymentState(StrEnum):
    """What became of an order's money."""

    NONE = "none"
    OPEN = "open"
    CAPTURED = "captured"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class OrderPayment:
    """The payment of an order, and where it stands; without an id where there is none."""

    state: PaymentState
    payment_id: str = ""


class Payments(Protocol):
    """The payments, which own the money."""

    async def reconcile(self, orders: Sequence[Order]) -> Mapping[str, OrderPayment]:
        """What became of the money of each order, by id; at most 200 of them.

        Of those that are cancelled the payments learn it, as from `order.cancelled`.

        Raises:
            Unavailable: They do not answer.
        """


async def change(orders: Orders, order_id: str, decide: Callable[[Order], Change | None]) -> Order:
    """Apply `decide` to the order as it is, until its result could be written; returns it after.

    Raises:
        NotFound: There is no such order; also whatever `decide` raises.
        Unavailable: Others keep changing the order.
    """
    return await optimistic_locking.change(
        orders, order_id, decide, lambda changed: changed.order, noun="order"
    )

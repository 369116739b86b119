"""The ports of the orders service in memory. Every call yields, so parallel ones interleave."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from chassis.currencies import Money
from chassis.errors import NotFound, Unavailable
from svc_orders.model.lines import Item, Line
from svc_orders.model.order import OPEN, Change, Order, OrderEvent, OrderStatus
from svc_orders.model.refusals import OrderFailed, OutOfStock, Shortage
from svc_orders.model.unpaid import Unpaid, UnpaidOrder
from svc_orders.usecases.ports import (
    BestSeller,
    DayRevenue,
    Filter,
    OrderPayment,
    Page,
    PaymentState,
    Position,
    Product,
    ReservationClosed,
    Stats,
)


class FakeOrders:
    """Orders in a dict; `events` is what was announced, oldest first."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.events: list[OrderEvent] = []

    async def insert(self, order: Order) -> bool:
        await asyncio.sleep(0)
        taken = {(each.buyer.user_id, each.key) for each in self.orders.values()}
        if order.id in self.orders or (order.buyer.user_id, order.key) in taken:
            return False
        self.orders[order.id] = order
        return True

    async def save(self, change: Change) -> bool:
        await asyncio.sleep(0)
        order = change.order
        before = self.orders.get(order.id)
        if before is None or before.version != order.version - 1:
            return False
        self.orders[order.id] = order
        self.events += change.events
        return True

    async def lease(self, order: Order, until: datetime) -> bool:
        await asyncio.sleep(0)
        current = self.orders[order.id]
        seen = (order.version, order.leased_until)
        if (current.version, current.leased_until) != seen:
            return False
        self.orders[order.id] = replace(current, leased_until=until)
        return True

    async def get(self, order_id: str) -> Order | None:
        await asyncio.sleep(0)
        return self.orders.get(order_id)

    async def by_key(self, user_id: str, key: str) -> Order | None:
        await asyncio.sleep(0)
        found = (each for each in self.orders.values() if each.key == key)
        return next((each for each in found if each.buyer.user_id == user_id), None)

    async def by_client_key(self, user_id: str, client_key: str) -> Order | None:
        await asyncio.sleep(0)
        found = (each for each in self.orders.values() if each.client_key == client_key)
        return next((each for each in found if each.buyer.user_id == user_id), None)

    async def still_open(self, order_ids: Sequence[str]) -> Set[str]:
        await asyncio.sleep(0)
        known = {each: self.orders[each] for each in order_ids if each in self.orders}
        return {order_id for order_id, order in known.items() if order.status in OPEN}

    async def abandoned(self, now: datetime, limit: int) -> Sequence[Order]:
        created = [each for each in self.orders.values() if each.status is OrderStatus.CREATED]
        return _due([(each.leased_until, each) for each in created], now, limit)

    async def expiring(self, until: datetime, after: Order | None, limit: int) -> Sequence[Order]:
        await asyncio.sleep(0)
        pending = [
            (each.expires_at, each.id, each)
            for each in self.orders.values()
            if each.status is OrderStatus.PENDING and each.expires_at
        ]
        later = (after.expires_at, after.id) if after and after.expires_at else None
        found = [each for each in pending if each[0] <= until and (not later or each[:2] > later)]
        return [order for *_, order in sorted(found, key=lambda each: each[:2])][:limit]

    async def to_reconcile(self, now: datetime, limit: int) -> Sequence[Order]:
        await asyncio.sleep(0)
        return _due([(each.reconcile_at, each) for each in self.orders.values()], now, limit)

    async def to_release(self, now: datetime, limit: int) -> Sequence[Order]:
        return _due([(each.release_due_at, each) for each in self.orders.values()], now, limit)

    async def forget_refused(self, before: datetime, limit: int) -> int:
        old = [
            each.id
            for each in self.orders.values()
            if each.refusal and each.created_at < before and not each.release_due_at
        ]
        for order_id in old[:limit]:
            del self.orders[order_id]
        return len(old[:limit])

    async def page(self, where: Filter, after: Position | None, limit: int) -> Page:
        found = [each for each in self.orders.values() if _matches(each, where)]
        found.sort(key=_reserve, reverse=True)
        total = len(found) if after is None else after.total
        if after is not None:
            found = [each for each in found if _reserve(each) < (after.created_at, after.order_id)]
        page = tuple(replace(each, timeline=()) for each in found[:limit])
        return Page(
            page, total, Position(*_reserve(page[-1]), total) if len(found) > limit else None
        )

    async def stats(self, since_day: str) -> Stats:
        listed = [each for each in self.orders.values() if each.refusal is None]
        days: dict[tuple[str, str], list[int]] = {}
        sold: dict[tuple[str, str], list[int]] = {}
        titles: dict[str, str] = {}
        for order in sorted(listed, key=_reserve):
            day = order.completed_at.date().isoformat() if order.completed_at else ""
            if order.status is not OrderStatus.COMPLETED or day < since_day:
                continue
            days.setdefault((day, order.total.currency), []).append(order.total.amount_minor)
            for item in order.items:
                titles[item.product_id] = item.title
                figures = sold.setdefault((item.product_id, item.price.currency), [0, 0])
                figures[0] += item.quantity
                figures[1] += item.quantity * item.price.amount_minor
        best = sorted(sold.items(), key=lambda each: (-each[1][0], -each[1][1], each[0]))
        return Stats(
            Counter(each.status for each in listed),
            tuple(
                DayRevenue(day, Money(sum(amounts), currency), len(amounts))
                for (day, currency), amounts in sorted(days.items())
            ),
            tuple(
                BestSeller(product_id, titles[product_id], count, Money(revenue, currency))
                for (product_id, currency), (count, revenue) in best[:10]
            ),
        )


def _due(
    timed: Sequence[tuple[datetime | None, Order]], now: datetime, limit: int
) -> Sequence[Order]:
    due = [(at, order) for at, order in timed if at is not None and at <= now]
    return [order for _, order in sorted(due, key=lambda each: each[0])][:limit]


def _reserve(order: Order) -> tuple[datetime, str]:
    return order.created_at, order.id


def _matches(order: Order, where: Filter) -> bool:
    return (
        order.refusal is None
        and where.user_id in {None, order.buyer.user_id}
        and where.status in {None, order.status}
        and (where.since is None or order.created_at >= where.since)
        and (where.until is None or order.created_at < where.until)
    )


class FakeUnpaid:
    """What accounts have unpaid, in a dict."""

    def __init__(self) -> None:
        self.accounts: dict[str, Unpaid] = {}

    async def get(self, user_id: str) -> Unpaid:
        await asyncio.sleep(0)
        return self.accounts.get(user_id, Unpaid(user_id))

    async def save(self, unpaid: Unpaid) -> bool:
        await asyncio.sleep(0)
        if self.accounts.get(unpaid.user_id, Unpaid("")).version != unpaid.version:
            return False
        self.accounts[unpaid.user_id] = replace(unpaid, version=unpaid.version + 1)
        return True

    async def add(self, user_id: str, order: UnpaidOrder, limit: int) -> bool:
        await asyncio.sleep(0)
        unpaid = self.accounts.get(user_id, Unpaid(user_id))
        shared = {product for each in unpaid.held for product in each.product_ids}
        if unpaid.has(order.order_id) or shared & set(order.product_ids):
            return False
        if len(unpaid.held) >= limit:
            return False
        held = (*unpaid.held, order)
        self.accounts[user_id] = replace(unpaid, held=held, version=unpaid.version + 1)
        return True


class FakeProducts:
    """The product replica in a dict."""

    def __init__(self, *products: Product) -> None:
        self.products = {product.id: product for product in products}

    async def put(self, product: Product) -> None:
        known = self.products.get(product.id)
        if known is None or known.version < product.version:
            self.products[product.id] = product

    async def get(self, product_ids: Sequence[str]) -> Mapping[str, Product]:
        await asyncio.sleep(0)
        return {each: self.products[each] for each in product_ids if each in self.products}


class FakePayments:
    """Payments by order id; `reported` is which orders were said to have ended, with their stock.

    Attributes:
        away: Every call fails.
    """

    def __init__(self) -> None:
        self.payments: dict[str, OrderPayment] = {}
        self.reported: dict[str, bool] = {}
        self.away = False

    async def reconcile(self, orders: Sequence[Order]) -> Mapping[str, OrderPayment]:
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("the payments are away")
        ended = [each for each in orders if each.status is OrderStatus.CANCELLED]
        self.reported |= {each.id: each.completed_at is not None for each in ended}
        none = OrderPayment(PaymentState.NONE)
        return {each.id: self.payments.get(each.id, none) for each in orders}


@dataclass
class Stocked:
    """A product in the fake catalog."""

    product: Product
    available: int


@dataclass
class FakeCatalog:
    """A catalog that keeps its books: what is available, held by an order, and which are closed.

    Attributes:
        away: Every call fails, without an effect.
        silent: Reservations take effect, but their answer is lost.
        failing: Reservations take effect, but their answer is an error for good.
        meanwhile: What happens `before` and `after` a reservation takes effect.
    """

    stock: dict[str, Stocked]
    held: dict[str, dict[str, int]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    away: bool = False
    silent: bool = False
    failing: bool = False
    reservations: int = 0
    meanwhile: Callable[[str], Awaitable[None]] | None = None

    async def product(self, product_id: str) -> Product:
        await self._arrive()
        if product_id not in self.stock:
            return Product(product_id, version=0, deleted=True)
        return self.stock[product_id].product

    async def reserve(self, order_id: str, lines: Sequence[Line]) -> Mapping[str, Item]:
        await self._arrive()
        self.reservations += 1
        if self.meanwhile:
            await self.meanwhile("before")
        if order_id in self.closed:
            raise ReservationClosed(order_id)
        if order_id not in self.held:
            self._hold(order_id, lines)
        if self.meanwhile:
            await self.meanwhile("after")
        if self.silent:
            raise Unavailable("the answer was lost")
        if self.failing:
            raise OrderFailed("the answer was too long")
        items = {}
        for line in lines:
            product = self.stock[line.product_id].product
            items[product.id] = Item(product.id, product.title, product.price, line.quantity)
        return items

    async def release(self, order_id: str, product_ids: Sequence[str]) -> None:
        await self._arrive()
        held = self.held.pop(order_id, {})
        for product_id, quantity in held.items():
            self.stock[product_id].available += quantity
        if held:
            self.closed.add(order_id)

    def _hold(self, order_id: str, lines: Sequence[Line]) -> None:
        short = []
        for line in lines:
            stocked = self.stock.get(line.product_id)
            if stocked is None or stocked.product.deleted:
                raise NotFound(f"There is no product {line.product_id}.")
            if stocked.available < line.quantity:
                title = stocked.product.title
                short.append(Shortage(line.product_id, title, line.quantity, stocked.available))
        if short:
            raise OutOfStock(short)
        for line in lines:
            self.stock[line.product_id].available -= line.quantity
        self.held[order_id] = {line.product_id: line.quantity for line in lines}

    async def _arrive(self) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise Unavailable("the catalog is away")

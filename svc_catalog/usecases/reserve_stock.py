"""Reserving stock for orders, and what becomes of it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from chassis.clock import Clock
from chassis.errors import InvalidField, NotFound, Refusal, Unavailable
from chassis.ids import NewId
from svc_catalog.model.products import Product, no_such_product
from svc_catalog.model.stock import (
    OutOfStock,
    Reservation,
    ReservationClosed,
    Shortage,
    State,
    StockChange,
    StockLine,
    hold,
    release,
    restock,
    sell,
    summed,
    undo,
)
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.ports import StockStore

log = structlog.get_logger(__name__)

Rule = Callable[[Reservation], StockChange | None]

# A write is repeated only where another one came between for the same order, or stock came back
# between the write and the look at why it failed.
ATTEMPTS = 5

# In which order a caller hears of refusals of several lines.
_WORST_FIRST = (ReservationClosed, NotFound, InvalidField, Unavailable)


@dataclass(frozen=True)
class ReservedLine:
    """What an order holds of a product, and the product with the price that holds."""

    product: Product
    quantity: int


@dataclass(frozen=True)
class _Held:
    """A product that the order holds; `fresh`: since this call."""

    product: Product
    fresh: bool


class ReserveStock:
    """The stock of all products.

    Args:
        store: Where it is kept.
        count: Counts products, also by whether they are in stock.
        clock: The time now.
        new_id: Tokens of reservations.
    """

    def __init__(
        self, store: StockStore, count: CountProducts, clock: Clock, new_id: NewId
    ) -> None:
        self._store = store
        self._count = count
        self._clock = clock
        self._new_id = new_id

    async def reserve(self, order_id: str, lines: Iterable[StockLine]) -> Sequence[ReservedLine]:
        """Hold all lines for an order, or none; the same again changes nothing.

        A crash in the middle leaves some lines held: svc_orders, which owns the order, asks again
        or releases it. Where the call fails, only what it held itself is given back, unless
        it has been confirmed to another call since; and the order is not closed: it may ask
        again, for instance once stock has come.

        Returns:
            One line a product.

        Raises:
            OutOfStock: With every short line.
            NotFound: Naming a product that is not there.
            ReservationClosed: The order was released or sold already.
            InvalidField: The order holds another quantity.
        """
        wanted = summed(lines)
        token = self._new_id()
        results = await asyncio.gather(
            *(self._hold(order_id, StockLine(*line), token) for line in wanted.items())
        )
        held = [each for each in results if isinstance(each, _Held)]
        if len(held) < len(wanted):
            fresh = [each.product.id for each in held if each.fresh]
            await self._settle_all(fresh, order_id, partial(undo, token=token))
            raise _refusal(results)
        return [ReservedLine(each.product, wanted[each.product.id]) for each in held]

    async def release(self, order_id: str, product_ids: Iterable[str]) -> None:
        """Give back what an order holds and close it; nothing where it never held anything.

        For orders that ended without being completed: a sale that was heard of is undone.
        """
        await self._settle_all(product_ids, order_id, release)

    async def sell(self, order_id: str, lines: Iterable[StockLine]) -> None:
        """Take what a paid order bought out of the stock; nothing where it was released.

        Raises:
            OutOfStock: The order holds nothing, and so many are not available.
        """
        for product_id, quantity in summed(lines).items():
            await self._settle(product_id, order_id, partial(sell, quantity=quantity))

    async def restock(self, order_id: str, lines: Iterable[StockLine]) -> None:
        """Put back what a completed order had bought, once."""
        for product_id, quantity in summed(lines).items():
            await self._settle(product_id, order_id, partial(restock, quantity=quantity))

    async def _hold(self, order_id: str, line: StockLine, token: str) -> _Held | Shortage | Refusal:
        """Hold one product, or say why not. Not raised: all lines are to be looked at."""
        with self._count.changing_stock():
            product = await self._store.reserve(order_id, line, token, self._clock())
        if product is not None:
            return _Held(product, fresh=True)
        for _ in range(ATTEMPTS):
            answer = await self._hold_or_why_not(order_id, line, token)
            if answer is not None:
                return answer
        return Unavailable("The stock changes too fast; try again.")

    async def _hold_or_why_not(
        self, order_id: str, line: StockLine, token: str
    ) -> _Held | Shortage | Refusal | None:
        """Hold one product after a look at the order's reservation of it. None: try again."""
        reservation = await self._store.reservation(line.product_id, order_id)
        if reservation is None:
            return no_such_product(line.product_id)
        if reservation.closed:
            return ReservationClosed(f"The order {order_id} is closed.")
        if reservation.state is State.NONE:
            product = await self._store.find(line.product_id)
            if product is None or product.deleted:
                return no_such_product(line.product_id)
            if product.available < line.quantity:
                return _shortage(product, line.quantity)
        elif reservation.quantity != line.quantity:
            return InvalidField("quantity", f"must be {reservation.quantity}, as the order has it")
        change = hold(reservation, line.quantity, token)
        if change is None:
            return None
        with self._count.changing_stock():
            held = await self._store.change(
                line.product_id, order_id, reservation, change, self._clock()
            )
        return _Held(held, fresh=change.is_visible) if held is not None else None

    async def _settle_all(self, product_ids: Iterable[str], order_id: str, rule: Rule) -> None:
        for product_id in dict.fromkeys(product_ids):
            await self._settle(product_id, order_id, rule)

    async def _settle(self, product_id: str, order_id: str, rule: Rule) -> None:
        """Apply a rule of the state machine to the reservation; it may change meanwhile."""
        for _ in range(ATTEMPTS):
            before = await self._store.reservation(product_id, order_id)
            change = rule(before) if before is not None else None
            if before is None or change is None:
                return
            now = self._clock()
            with self._count.changing_stock():
                after = await self._store.change(product_id, order_id, before, change, now)
            if after is not None:
                return
            await self._check_available(product_id, -change.available)
        raise Unavailable("The stock changes too fast; try again.")

    async def _check_available(self, product_id: str, needed: int) -> None:
        product = await self._store.find(product_id) if needed > 0 else None
        if product is not None and product.available < needed:
            log.error("sold what is not there", product_id=product_id, quantity=needed)
            raise OutOfStock((_shortage(product, needed),))


def _shortage(product: Product, quantity: int) -> Shortage:
    return Shortage(product.id, product.fields.title, quantity, product.available)


def _refusal(results: Sequence[_Held | Shortage | Refusal]) -> Refusal:
    refusals = [each for each in results if isinstance(each, Refusal)]
    if refusals:
        return min(refusals, key=lambda each: _WORST_FIRST.index(type(each)))
    return OutOfStock(tuple(each for each in results if isinstance(each, Shortage)))

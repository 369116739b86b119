"""From an order that is written down to one whose stock is reserved, or to its refusal."""

from datetime import timedelta

import structlog

from chassis.clock import Clock
from chassis.errors import NotFound, Refusal, Unavailable
from svc_orders.model.order import Order, OrderStatus
from svc_orders.model.refusals import (
    OrderFailed,
    OutOfStock,
    TooManyUnpaidItems,
    TooManyUnpaidOrders,
)
from svc_orders.usecases.admit_order import Admit
from svc_orders.usecases.change_order import change
from svc_orders.usecases.ports import Catalog, Orders, ReservationClosed

log = structlog.get_logger(__name__)

REFUSALS = (OutOfStock, NotFound, OrderFailed, TooManyUnpaidOrders, TooManyUnpaidItems)


class PlaceOrder:
    """Takes a created order to its next state. Whoever holds its lease calls this.

    Every step can be repeated, so a crash after any of them is finished by the next who takes the
    lease: the caller with the same key, or the sweep.
    """

    def __init__(
        self, orders: Orders, catalog: Catalog, admit: Admit, *, clock: Clock, lifetime: timedelta
    ) -> None:
        self._orders = orders
        self._admit = admit
        self._catalog = catalog
        self._clock = clock
        self._lifetime = lifetime

    async def finish(self, order: Order) -> Order:
        """Reserve the order's stock and make it pending.

        Returns:
            The order, which somebody else may have finished or cancelled meanwhile.

        Raises:
            Refusal: It cannot be had; it is undone.
            Unavailable: Whether the stock is reserved is not known; the order stays `created`.
        """
        try:
            await self._admit(order)
            reserved = await self._catalog.reserve(order.id, order.lines)
        except REFUSALS as refusal:
            return outcome(await self.undo(order, refusal))
        except ReservationClosed:
            lost = Unavailable("The order was interrupted; order again.")
            return outcome(await self.undo(order, lost))
        now = self._clock()
        try:
            placed = order.place(reserved, now + self._lifetime, now)
        except Refusal as refusal:
            return outcome(await self.undo(order, refusal))
        if placed is not None and await self._orders.save(placed):
            return placed.order
        current = await self._orders.get(order.id) or order
        if current.status is OrderStatus.CANCELLED:
            # Its release may have come before this reservation: the catalog takes no note of
            # orders that hold nothing.
            await self._give_back(order)
        return outcome(current)

    async def undo(self, order: Order, refusal: Refusal) -> Order:
        """Refuse the order, unless it is past that, and give its stock back."""
        refused = await change(
            self._orders, order.id, lambda current: current.refuse(refusal, self._clock())
        )
        return await self.release(refused)

    async def release(self, order: Order) -> Order:
        """Tell the catalog that the reservation is void, if that is due; the sweep tries again."""
        if order.release_due_at is None:
            return order
        if not await self._give_back(order):
            return order
        return await change(self._orders, order.id, lambda current: current.released())

    async def _give_back(self, order: Order) -> bool:
        """Whether the catalog has heard of it; if not, a sweep of ours or of its own settles it."""
        try:
            await self._catalog.release(order.id, [line.product_id for line in order.lines])
        except Unavailable:
            log.warning("release is put off", order_id=order.id)
            return False
        return True


def outcome(order: Order) -> Order:
    """The order, if it was not refused.

    Raises:
        Refusal: It was.
        Unavailable: It is not finished yet.
    """
    if order.refusal is not None:
        raise order.refusal
    if order.status is OrderStatus.CREATED:
        raise Unavailable("The order is not finished yet; ask again with the same key.")
    return order

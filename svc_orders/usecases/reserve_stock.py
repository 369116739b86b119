"""Reserving the stock of an order that is written down, or refusing it.

Who reserves: one worker at a time, for as long as its lease lasts. A lease is written with the
order, or taken over where it has run out. Both are writes that can take long, so what is left of
the lease is looked at again after them: a worker reserves only where its reservation ends before
another may begin one.

Who may order: no account has more orders unpaid, or holds more by them, than it may, and no network
that orders come from. That is decided in one conditional write on one document of each, so parallel
calls cannot pass the limits together. An order is written before it is admitted and admitted before
it reserves; a step that is repeated finds it admitted. What is held is read only where the write by
itself cannot tell that there is room, and which orders have ended only where there is none.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from chassis.clock import Clock
from chassis.errors import NotFound, Refusal, Unavailable
from chassis.mongo.optimistic_locking import TRIES_OF_MANY, Pause, until_written
from svc_orders.model.order import Order, OrderStatus
from svc_orders.model.refusals import (
    OrderFailed,
    OutOfStock,
    TooManyUnpaidItems,
    TooManyUnpaidOrders,
)
from svc_orders.model.unpaid import Limits, Unpaid, held_by
from svc_orders.usecases.ports import Catalog, Orders, ReservationClosed, UnpaidOrders, change

log = structlog.get_logger(__name__)

REFUSALS = (OutOfStock, NotFound, OrderFailed, TooManyUnpaidOrders, TooManyUnpaidItems)
LEASE = timedelta(seconds=10)
# How long a worker may take from here to the end of its reservation; see peers.catalog.
RESERVING = timedelta(seconds=6)


def has_time_left(leased_until: datetime | None, now: datetime) -> bool:
    """Whether a reservation that begins now ends within the lease."""
    return leased_until is not None and now + RESERVING <= leased_until


async def take_over(orders: Orders, order: Order, clock: Clock) -> bool:
    """Take over a lease that has run out.

    Returns:
        False where it has not, where another worker was first, or where the write took so long
        that no time is left.
    """
    now = clock()
    if order.leased_until is not None and order.leased_until > now:
        return False
    until = now + LEASE
    return await orders.lease(order, until) and has_time_left(until, clock())


class AdmitOrder:
    """Admits orders.

    Args:
        orders: Asked which of an account's orders are still open.
        unpaid: What was admitted.
        limits: For each account.
        of_network: For each network that orders come from; of 0 orders: none.
        pause: Before a write is tried again.
    """

    def __init__(
        self,
        orders: Orders,
        unpaid: UnpaidOrders,
        *,
        limits: Limits,
        of_network: Limits,
        pause: Pause,
    ) -> None:
        self._orders = orders
        self._unpaid = unpaid
        self._limits = limits
        self._of_network = replace(of_network, of_network=True)
        self._pause = pause

    async def __call__(self, order: Order) -> None:
        """Admit the order; repeating it is fine.

        Raises:
            TooManyUnpaidOrders, TooManyUnpaidItems: The account or the network has too much unpaid.
            Unavailable: Others keep being admitted first.
        """
        await self._admit(order, order.buyer.user_id, self._limits)
        if self._of_network.orders and order.buyer.network:
            await self._admit(order, f"network:{order.buyer.network}", self._of_network)

    async def _admit(self, order: Order, user_id: str, limits: Limits) -> None:
        held = held_by(order)
        fits = all(quantity <= limits.items for _, quantity in held.items)
        if fits and await self._unpaid.add(user_id, held, limits.orders):
            return

        async def attempt() -> Unpaid | None:
            unpaid = await self._unpaid.get(user_id)
            if unpaid.has(order.id):
                return unpaid
            try:
                grown = unpaid.plus(order, limits)
            except (TooManyUnpaidOrders, TooManyUnpaidItems):
                ids = [each.order_id for each in unpaid.held]
                current = unpaid.only(await self._orders.still_open(ids))
                grown = current.plus(order, limits)
            return grown if await self._unpaid.save(grown) else None

        await until_written(
            attempt,
            refusal="There are many orders of this account or network at once; try again.",
            tries=TRIES_OF_MANY,
            pause=self._pause,
        )


class ReserveStock:
    """Takes a created order to its next state. Only who holds its lease may call this.

    Every step can be repeated, so a crash after any of them is finished by the next who takes the
    lease: the caller with the same key, or the sweep.
    """

    def __init__(
        self,
        orders: Orders,
        catalog: Catalog,
        admit: AdmitOrder,
        *,
        clock: Clock,
        lifetime: timedelta,
    ) -> None:
        self._orders = orders
        self._admit = admit
        self._catalog = catalog
        self._clock = clock
        self._lifetime = lifetime

    async def __call__(self, order: Order) -> Order:
        """Reserve the order's stock and make it pending.

        Returns:
            The order, which another worker may have finished or cancelled meanwhile.

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
        """Whether the catalog knows of it; if not, a sweep of ours or of its own settles it."""
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

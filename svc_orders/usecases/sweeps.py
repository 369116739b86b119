"""The sweeps over orders: none stays stuck past its time, whatever crashed or was unreachable."""

from datetime import timedelta

import structlog

from chassis.clock import Clock
from chassis.errors import Refusal, Unavailable
from svc_orders.model.order import Order
from svc_orders.usecases.ports import Orders
from svc_orders.usecases.reserve_stock import ReserveStock, take_over

log = structlog.get_logger(__name__)

BATCH = 200
REFUSED_KEPT_FOR = timedelta(days=1)


class SweepOrders:
    """Finishes or ends, in bounded batches, what no caller is looking after any more.

    Any number of processes may sweep at once: leases and versions decide between them.
    """

    def __init__(
        self, orders: Orders, reserve: ReserveStock, *, clock: Clock, lifetime: timedelta
    ) -> None:
        self._orders = orders
        self._reserve = reserve
        self._clock = clock
        self._lifetime = lifetime

    async def finish_abandoned(self) -> None:
        """Go on where a crash or an outage left an order `created`.

        It is finished, so that its key finds it pending; one that is older than a pending order
        may become is undone instead, as no one waits for it.
        """
        for order in await self._orders.abandoned(self._clock(), BATCH):
            try:
                await self.finish(order)
            except Unavailable:
                log.warning("order stays created", order_id=order.id)

    async def finish(self, order: Order) -> None:
        """Finish or undo one that is `created`, unless a worker is at it.

        Raises:
            Unavailable: It stays `created`.
        """
        if not await take_over(self._orders, order, self._clock):
            return
        try:
            if order.created_at + self._lifetime <= self._clock():
                await self._reserve.undo(order, Unavailable("The order was interrupted."))
            else:
                await self._reserve(order)
        except Unavailable:
            raise
        except Refusal as refusal:
            log.info("abandoned order refused", order_id=order.id, reason=refusal.reason)

    async def release(self) -> None:
        """Give back the stock of orders that ended before they were pending."""
        for order in await self._orders.to_release(self._clock(), BATCH):
            await self._reserve.release(order)

    async def forget_refused(self) -> None:
        """Delete what was refused a day ago: no one can ask for it any more."""
        before = self._clock() - REFUSED_KEPT_FOR
        while await self._orders.forget_refused(before, BATCH) == BATCH:
            pass

"""How orders end: cancelled by people, or by the sweeps that leave none stuck past its time."""

from datetime import timedelta

import structlog

from chassis.clock import Clock
from chassis.errors import NotFound, Refusal, Unavailable
from svc_orders.model.order import Order
from svc_orders.usecases.change_order import change
from svc_orders.usecases.order_leases import take_over
from svc_orders.usecases.ports import Orders
from svc_orders.usecases.reconcile import Reconcile
from svc_orders.usecases.reserve_stock import PlaceOrder

log = structlog.get_logger(__name__)

BATCH = 200
REFUSED_KEPT_FOR = timedelta(days=1)


class CancelOrder:
    """Cancels an order on a person's wish.

    One that is pending may have been paid already: the payments are asked, so that a shopper does
    not cancel a paid order, and that the stock of one that an admin cancels comes back.
    """

    def __init__(
        self, orders: Orders, place: PlaceOrder, reconcile: Reconcile, *, clock: Clock
    ) -> None:
        self._orders = orders
        self._place = place
        self._reconcile = reconcile
        self._clock = clock

    async def own(self, user_id: str, order_id: str) -> Order:
        """Cancel one of the user's unpaid orders.

        Raises:
            NotFound: There is none, or it is somebody else's.
            OrderNotCancellable: It is completed or cancelled.
        """
        order = await self._orders.get(order_id)
        if order is None or order.buyer.user_id != user_id or order.refusal is not None:
            raise NotFound("There is no such order.")
        return await self._cancel(order, "Cancelled at the customer's request.", by_admin=False)

    async def any(self, order_id: str, detail: str) -> Order:
        """Cancel anybody's order, a completed one too: what was paid goes back.

        Raises:
            NotFound: There is none.
            OrderNotCancellable: It is cancelled.
        """
        order = await self._orders.get(order_id)
        if order is None:
            raise NotFound("There is no such order.")
        return await self._cancel(order, detail or "Cancelled by the shop.", by_admin=True)

    async def _cancel(self, order: Order, detail: str, *, by_admin: bool) -> Order:
        await self._reconcile.learn(order)
        order = await change(
            self._orders,
            order.id,
            lambda current: current.cancel(detail, self._clock(), by_admin=by_admin),
        )
        return await self._place.release(order)


class Sweeps:
    """Finishes or ends, in bounded batches, what nobody is looking after any more.

    Any number of processes may sweep at once: leases and versions decide between them.
    """

    def __init__(
        self, orders: Orders, place: PlaceOrder, *, clock: Clock, lifetime: timedelta
    ) -> None:
        self._orders = orders
        self._place = place
        self._clock = clock
        self._lifetime = lifetime

    async def finish_abandoned(self) -> None:
        """Go on where a crash or an outage left an order `created`.

        It is finished, so that its key finds it pending; one that is older than a pending order
        may become is undone instead, as nobody waits for it.
        """
        for order in await self._orders.abandoned(self._clock(), BATCH):
            if not await take_over(self._orders, order, self._clock):
                continue
            try:
                if order.created_at + self._lifetime <= self._clock():
                    await self._place.undo(order, Unavailable("The order was interrupted."))
                else:
                    await self._place.finish(order)
            except Unavailable:
                log.warning("order stays created", order_id=order.id)
            except Refusal as refusal:
                log.info("abandoned order refused", order_id=order.id, reason=refusal.reason)

    async def release(self) -> None:
        """Give back the stock of orders that ended before they were pending."""
        for order in await self._orders.to_release(self._clock(), BATCH):
            await self._place.release(order)

    async def forget_refused(self) -> None:
        """Delete what was refused a day ago: nobody can ask for it any more."""
        before = self._clock() - REFUSED_KEPT_FOR
        while await self._orders.forget_refused(before, BATCH) == BATCH:
            pass

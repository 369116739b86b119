"""Cancelling orders on a person's wish."""

from chassis.clock import Clock
from chassis.errors import NotFound
from svc_orders.model.order import Order
from svc_orders.usecases.ports import Orders, change
from svc_orders.usecases.reconcile import ReconcilePayments
from svc_orders.usecases.reserve_stock import ReserveStock


class CancelOrder:
    """Cancels an order on a person's wish.

    One that is pending may have been paid already: the payments are asked, so that a shopper does
    not cancel a paid order, and that the stock of one that an admin cancels comes back.
    """

    def __init__(
        self, orders: Orders, reserve: ReserveStock, reconcile: ReconcilePayments, *, clock: Clock
    ) -> None:
        self._orders = orders
        self._reserve = reserve
        self._reconcile = reconcile
        self._clock = clock

    async def own(self, user_id: str, order_id: str) -> Order:
        """Cancel one of the user's unpaid orders.

        Raises:
            NotFound: There is none, or it is another user's.
            OrderNotCancellable: It is completed or cancelled.
        """
        order = await self._orders.get(order_id)
        if order is None or order.buyer.user_id != user_id or order.refusal is not None:
            raise NotFound("There is no such order.")
        return await self._cancel(order, "Cancelled at the customer's request.", by_admin=False)

    async def any(self, order_id: str, detail: str) -> Order:
        """Cancel any user's order, a completed one too: what was paid goes back.

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
        return await self._reserve.release(order)

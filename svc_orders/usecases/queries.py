"""Looking at orders."""

from datetime import timedelta

from chassis.clock import Clock
from chassis.errors import NotFound
from svc_orders.model.order import Order
from svc_orders.usecases.ports import Filter, Orders, Page, Position, Stats

DEFAULT_DAYS = 30


class QueryOrders:
    """Single orders, pages of them, and figures. Refused orders are shown to no one."""

    def __init__(self, orders: Orders, *, clock: Clock) -> None:
        self._orders = orders
        self._clock = clock

    async def own(self, user_id: str, order_id: str) -> Order:
        """One of the user's orders; NotFound for another user's."""
        order = await self.any(order_id)
        if order.buyer.user_id != user_id:
            raise NotFound("There is no such order.")
        return order

    async def any(self, order_id: str) -> Order:
        """Anyone's order; NotFound where there is none."""
        order = await self._orders.get(order_id)
        if order is None or order.refusal is not None:
            raise NotFound("There is no such order.")
        return order

    async def page(self, where: Filter, after: Position | None, size: int) -> Page:
        """A page of those that match, newest first."""
        return await self._orders.page(where, after, size)

    async def stats(self, days: int) -> Stats:
        """Figures over the last `days` days, today (UTC) included; 0 means 30."""
        since = self._clock() - timedelta(days=(days or DEFAULT_DAYS) - 1)
        return await self._orders.stats(since.date().isoformat())

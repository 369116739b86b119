"""Orders that no sweep could finish in time, and what frees one of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.clock import Clock
from chassis.errors import NotFound
from svc_orders.model.order import Order, OrderStatus
from svc_orders.usecases.ports import Filter, Orders
from svc_orders.usecases.reconcile import ReconcilePayments
from svc_orders.usecases.reserve_stock import ReserveStock
from svc_orders.usecases.sweeps import SweepOrders

# Each sweep comes again within a minute.
STUCK_AFTER = timedelta(minutes=2)
MOST = 100


class StuckReason(StrEnum):
    """What an order waits for."""

    RESERVING = "reserving"
    EXPIRY = "expiry"
    RELEASE = "release"
    REPORT = "report"


@dataclass(frozen=True)
class StuckOrder:
    """An order that waits for something since then."""

    order: Order
    reason: StuckReason
    since: datetime


class StuckOrders:
    """Finds them, and does for one of them what the sweeps would do."""

    def __init__(
        self,
        orders: Orders,
        reserve: ReserveStock,
        reconcile: ReconcilePayments,
        sweeps: SweepOrders,
        *,
        clock: Clock,
    ) -> None:
        self._orders = orders
        self._reserve = reserve
        self._reconcile = reconcile
        self._sweeps = sweeps
        self._clock = clock

    async def list(self) -> list[StuckOrder]:
        """Those that are late, longest late first, at most 100."""
        before = self._clock() - STUCK_AFTER
        created = await self._orders.page(
            Filter(status=OrderStatus.CREATED, until=before), None, MOST
        )
        found = [
            *((order, StuckReason.RESERVING, order.created_at) for order in created.orders),
            *(
                (order, StuckReason.EXPIRY, order.expires_at)
                for order in await self._orders.expiring(before, None, MOST)
            ),
            *(
                (order, StuckReason.RELEASE, order.release_due_at)
                for order in await self._orders.to_release(before, MOST)
            ),
            *(
                (order, StuckReason.REPORT, order.reconcile_at)
                for order in await self._orders.to_reconcile(before, MOST)
            ),
        ]
        stuck = [StuckOrder(order, reason, since) for order, reason, since in found if since]
        return sorted(stuck, key=lambda each: each.since)[:MOST]

    async def free(self, order_id: str) -> Order:
        """Do what is due for one order now; the order after it.

        Raises:
            NotFound: There is none.
            Unavailable: What it needs for that does not answer.
        """
        order = await self._get(order_id)
        if order.status is OrderStatus.CREATED:
            await self._sweeps.finish(order)
        elif order.status is OrderStatus.PENDING:
            await self._reconcile.settle([order])
        order = await self._reserve.release(await self._get(order_id))
        if order.reconcile_at is not None and order.reconcile_at <= self._clock():
            await self._reconcile.report([order])
        return await self._get(order_id)

    async def _get(self, order_id: str) -> Order:
        order = await self._orders.get(order_id)
        if order is None:
            raise NotFound("There is no such order.")
        return order

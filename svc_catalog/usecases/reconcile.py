"""Looking after what is left over: reservations past their order's time."""

from datetime import timedelta

import structlog

from chassis.clock import Clock
from chassis.errors import Refusal, Unavailable
from svc_catalog.model.stock import HeldLine, OrderOutcome
from svc_catalog.usecases.ports import OrderSource, StockStore
from svc_catalog.usecases.reserve_stock import ReserveStock

log = structlog.get_logger(__name__)

# What a product has of its latest orders leaves it when it is this old.
ARCHIVED_AFTER = timedelta(minutes=2)


class ReconcileReservations:
    """Settles what no event has settled: whatever was lost on the way, stock comes right again.

    Any number of processes may do so at once: each step is one of the state machine's.

    Args:
        store: Where reservations are.
        stock: Settles them.
        orders: Who knows how their orders ended.
        clock: The time now.
        due_after: A reservation this old is asked about: longer than an unpaid order may live.
    """

    def __init__(
        self,
        store: StockStore,
        stock: ReserveStock,
        orders: OrderSource,
        *,
        clock: Clock,
        due_after: timedelta,
    ) -> None:
        self._store = store
        self._stock = stock
        self._orders = orders
        self._clock = clock
        self._due_after = due_after

    async def settle_overdue(self) -> None:
        """Ask how the orders of old reservations ended, and settle these accordingly."""
        ends: dict[str, OrderOutcome] = {}
        async for held in self._store.held_since(self._clock() - self._due_after):
            try:
                if held.order_id not in ends:
                    ends[held.order_id] = await self._orders.outcome_of(held.order_id)
                await self._settle(held, ends[held.order_id])
            except Unavailable:
                log.warning("overdue reservations stay", order_id=held.order_id)
                return
            except Refusal:
                log.exception("reservation not settled", order_id=held.order_id)

    async def archive(self) -> None:
        """Move what is old out of products."""
        await self._store.archive(self._clock() - ARCHIVED_AFTER)

    async def _settle(self, held: HeldLine, end: OrderOutcome) -> None:
        match end:
            case OrderOutcome.OPEN:
                return
            case OrderOutcome.SOLD:
                await self._stock.sell(held.order_id, [held.line])
            case OrderOutcome.DEAD:
                await self._stock.release(held.order_id, [held.line.product_id])
        log.warning(
            "overdue reservation settled",
            order_id=held.order_id,
            product_id=held.line.product_id,
            end=end.value,
        )

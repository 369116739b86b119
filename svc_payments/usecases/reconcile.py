"""Answers the owner of the orders what became of their money, and learns of their ends."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.clock import Clock
from svc_payments.model.payment import OrderOutcome, Payment
from svc_payments.usecases.ports import Payments, change


@dataclass(frozen=True)
class OrderToReconcile:
    """An order that is asked about; `end` is set where it was cancelled."""

    order_id: str
    end: OrderOutcome | None = None


class ReconcileOrders:
    """Answers what became of orders' money, and takes their ends as from `order.cancelled`."""

    def __init__(self, payments: Payments, *, clock: Clock) -> None:
        self._payments = payments
        self._clock = clock

    async def __call__(self, orders: Sequence[OrderToReconcile]) -> Sequence[Payment | None]:
        """For each order the payment that is open or was captured, as it is after this."""
        claims = await self._payments.claims([order.order_id for order in orders])
        return [await self._ended(order, claims.get(order.order_id)) for order in orders]

    async def _ended(self, order: OrderToReconcile, payment: Payment | None) -> Payment | None:
        end = order.end
        if payment is None or end is None or payment.order_end is not None:
            return payment
        return await change(self._payments, payment.id, lambda it: it.end_order(end, self._clock()))

"""Asking the owner of the money: events of payments may be late or lost, and so may those to them.

age of an order          what is done
2 minutes, still pending asked every minute: what was paid is completed
its lifetime             asked: completed if it was paid, left alone while a payment is open
5 minutes after its end  the payments are notified of it again, so that the money goes back
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from chassis.clock import Clock
from chassis.errors import Unavailable
from svc_orders.model.order import Order, OrderStatus
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.usecases.event_handlers import FollowPayments
from svc_orders.usecases.ports import OrderPayment, Orders, Payments, PaymentState, change

log = structlog.get_logger(__name__)

BATCH = 200
# Events take milliseconds; who waits so long for an order to be completed has lost one.
CONFIRM_AFTER = timedelta(minutes=2)


class ReconcilePayments:
    """Brings orders to where their money is.

    Args:
        orders: The orders.
        payments: The payments, which own the money.
        follow: What is done about a payment, as when its event arrives.
        clock: The time.
        lifetime: For how long a pending order waits to be paid.
    """

    def __init__(
        self,
        orders: Orders,
        payments: Payments,
        follow: FollowPayments,
        *,
        clock: Clock,
        lifetime: timedelta,
    ) -> None:
        self._orders = orders
        self._payments = payments
        self._follow = follow
        self._clock = clock
        self._lifetime = lifetime

    async def learn(self, order: Order) -> None:
        """Take what the payments say of an order that is pending, if they answer."""
        if order.status is OrderStatus.PENDING:
            with _put_off():
                await self._unpaid([order])

    async def expire(self) -> None:
        """Cancel the pending orders whose time is over, and whose money was not and is not taken.

        Where the payments do not answer, nothing is cancelled yet.
        """
        with _put_off():
            async for orders in self._pending(self._clock()):
                await self.settle(orders)

    async def settle(self, orders: Sequence[Order]) -> None:
        """Bring pending orders to where their money is, and cancel those whose time is over.

        Raises:
            Unavailable: The payments do not answer.
        """
        for order in await self._unpaid(orders):
            await change(self._orders, order.id, lambda it: it.expire(self._clock()))

    async def confirm(self) -> None:
        """Complete the orders that were paid a while ago, should the event be late or lost."""
        with _put_off():
            async for orders in self._pending(self._clock() + self._lifetime - CONFIRM_AFTER):
                await self._unpaid(orders)

    async def report_ends(self) -> None:
        """Tell the payments of ended orders again, should the event be lost."""
        with _put_off():
            orders = await self._orders.to_reconcile(self._clock(), BATCH)
            if orders:
                await self.report(orders)

    async def report(self, orders: Sequence[Order]) -> None:
        """Tell the payments of the ends of orders.

        Raises:
            Unavailable: They do not answer.
        """
        await self._payments.reconcile(orders)
        for order in orders:
            await change(self._orders, order.id, lambda it: it.reconciled())

    async def _pending(self, until: datetime) -> AsyncIterator[Sequence[Order]]:
        orders = await self._orders.expiring(until, None, BATCH)
        while orders:
            yield orders
            orders = await self._orders.expiring(until, orders[-1], BATCH)

    async def _unpaid(self, orders: Sequence[Order]) -> list[Order]:
        """Those that have no payment; those that were paid are brought to where their money is."""
        found = await self._payments.reconcile(orders)
        for order in orders:
            await self._take(order, found[order.id])
        return [order for order in orders if found[order.id].state is PaymentState.NONE]

    async def _take(self, order: Order, payment: OrderPayment) -> None:
        if payment.state not in {PaymentState.CAPTURED, PaymentState.REFUNDED}:
            return
        log.warning("order paid without an event", order_id=order.id, payment_id=payment.payment_id)
        paid = PaymentUpdate(f"asked:{payment.payment_id}", payment.payment_id, PAID)
        if payment.state is PaymentState.CAPTURED:
            await self._follow.created(order.id, paid)
        else:
            back = PaymentUpdate(paid.event_id, paid.payment_id, REFUNDED)
            await self._follow.refunded(order.id, back, is_full=True)


@contextmanager
def _put_off() -> Iterator[None]:
    """Go on the next time where the payments do not answer."""
    try:
        yield
    except Unavailable as unavailable:
        log.warning("orders not reconciled", detail=unavailable.message)


PAID = "The payment was received."
REFUNDED = "All of the money went back."

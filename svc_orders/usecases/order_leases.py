"""Who may reserve for an order: one worker at a time, for as long as its lease lasts.

A lease is written with the order, or taken over where it has run out. Both are writes that can
take long, so what is left of the lease is looked at again after them: a worker reserves only where
its reservation ends before another may begin one.
"""

from datetime import datetime, timedelta

from chassis.clock import Clock
from svc_orders.model.order import Order
from svc_orders.usecases.ports import Orders

LEASE = timedelta(seconds=10)
# How long a worker may take from here to the end of its reservation; see peers.TIMEOUT_SECONDS.
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

"""Changing an order: load, decide, write if nobody else wrote; else look again."""

from collections.abc import Callable

from chassis.errors import NotFound, Unavailable
from svc_orders.model.order import Change, Order
from svc_orders.usecases.ports import Orders

TRIES = 10


async def change(orders: Orders, order_id: str, decide: Callable[[Order], Change | None]) -> Order:
    """Apply `decide` to the order as it is, until its result could be written.

    Returns:
        The order after it; as it is where `decide` found nothing to do.

    Raises:
        NotFound: There is no such order; also whatever `decide` raises.
        Unavailable: Others keep changing the order.
    """
    for _ in range(TRIES):
        order = await orders.get(order_id)
        if order is None:
            raise NotFound(f"There is no order {order_id}.")
        changed = decide(order)
        if changed is None:
            return order
        if await orders.save(changed):
            return changed.order
    raise Unavailable("The order is being changed; try again.")

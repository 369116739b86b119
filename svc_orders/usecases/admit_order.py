"""Letting an order in: no account has more orders unpaid, or holds more by them, than it may.

Decided in one conditional write on one document an account, so parallel calls cannot pass the
limits together. An order is written before it is let in and let in before it reserves; a step that
is repeated finds it let in. Who has ended is looked up only where there is no room.
"""

from chassis.errors import Unavailable
from svc_orders.model.order import Order
from svc_orders.model.refusals import TooManyUnpaidItems, TooManyUnpaidOrders
from svc_orders.model.unpaid import Limits
from svc_orders.usecases.ports import Orders, Pause, UnpaidOrders

# One write of any number always wins, so this many in parallel all get their turn.
TRIES = 60


class Admit:
    """Lets orders in.

    Args:
        orders: Asked which of an account's orders are still open.
        unpaid: What was let in.
        limits: For each account.
        pause: Before a write is tried again, for the how-manieth time.
    """

    def __init__(
        self, orders: Orders, unpaid: UnpaidOrders, *, limits: Limits, pause: Pause
    ) -> None:
        self._orders = orders
        self._unpaid = unpaid
        self._limits = limits
        self._pause = pause

    async def __call__(self, order: Order) -> None:
        """Let the order in; again is fine.

        Raises:
            TooManyUnpaidOrders, TooManyUnpaidItems: The account has too much unpaid.
            Unavailable: Others keep being let in first.
        """
        for attempt in range(1, TRIES + 1):
            unpaid = await self._unpaid.get(order.buyer.user_id)
            if unpaid.has(order.id):
                return
            try:
                grown = unpaid.plus(order, self._limits)
            except (TooManyUnpaidOrders, TooManyUnpaidItems):
                ids = [each.order_id for each in unpaid.held]
                current = unpaid.only(await self._orders.still_open(ids))
                grown = current.plus(order, self._limits)
            if await self._unpaid.save(grown):
                return
            await self._pause(attempt)
        raise Unavailable("There are many orders of this account at once; try again.")

"""Creating an order: at most one live order for an idempotency key, whatever happens."""

from collections.abc import Sequence

from chassis.errors import Unavailable
from svc_orders.model.lines import Line, merged
from svc_orders.model.order import Buyer, Order
from svc_orders.model.refusals import IdempotencyKeyReused
from svc_orders.model.starting import given_key
from svc_orders.usecases.begin_order import BeginOrder
from svc_orders.usecases.ports import Orders

TRIES = 5


class CreateOrder:
    """Makes an order, or finds the one that its key stands for.

    The unique index over user and key lets one of any number of parallel calls write the order;
    the others wait for its outcome and answer that. An order that ends cancelled gives its key up
    in the same write, so the same lines can be ordered again. The body that a key stands for is
    its lines; the prices that were shown guard against surprises and are no part of it.
    """

    def __init__(self, orders: Orders, begin: BeginOrder) -> None:
        self._orders = orders
        self._begin = begin

    async def __call__(self, buyer: Buyer, lines: Sequence[Line], key: str = "") -> Order:
        """Order these lines.

        Returns:
            The order, pending; or as it is by now where the key's order was made before.

        Raises:
            InvalidField, NotFound, OutOfStock, PriceChanged: It cannot be had.
            TooManyUnpaidOrders, TooManyUnpaidItems: The account has too much unpaid.
            IdempotencyKeyReused: The key's order has other lines.
            Unavailable: The outcome is not known; the same key asks again.
        """
        wanted = merged(lines)
        for _ in range(TRIES):
            earlier = await self._orders.by_key(buyer.user_id, given_key(key)) if key else None
            if earlier is not None:
                check_body(earlier, wanted)
                return await self._begin.join(earlier)
            if order := await self._begin(buyer, wanted, key):
                return order
            # Another call was first with this key. Where that order is refused before we look,
            # the key is free again.
        raise Unavailable("Orders with this key keep being refused; try again.")


def check_body(order: Order, wanted: Sequence[Line]) -> None:
    """Check that a key's order is the one that is asked for.

    Raises:
        IdempotencyKeyReused: It has other lines.
    """
    if not has_lines(order, wanted):
        raise IdempotencyKeyReused("The key belongs to an order of other lines.")


def has_lines(order: Order, wanted: Sequence[Line]) -> bool:
    """Whether the order has these products in these quantities."""
    return _quantities(order.lines) == _quantities(wanted)


def _quantities(lines: Sequence[Line]) -> dict[str, int]:
    return {line.product_id: line.quantity for line in lines}

"""Ordering a cart: at most one order of it waits to be paid, however often it is checked out.

What makes such an order unique is the cart and its generation, which grows when an order of it is
paid. So of any number of parallel calls, with whatever keys, one writes the order and the others
find it; and until the cart has learned that it was paid, the paid order is what they find.

A cart that has changed since replaces its waiting order: that is cancelled in one conditional
write, which a payment's completion either precedes, and then the paid order is the answer, or
finds done, and then the money goes back. Only a newer version of the cart replaces, so a call that
was late does not bring back what the cart had before.
"""

from collections.abc import Sequence

from chassis.clock import Clock
from chassis.errors import Refusal, Unavailable
from svc_orders.model.lines import CartRef, Line, merged
from svc_orders.model.order import OPEN, Buyer, Order, cart_key
from svc_orders.model.refusals import CartEmpty
from svc_orders.usecases.create_order import BeginOrder, check_body, has_lines
from svc_orders.usecases.ports import Orders, change
from svc_orders.usecases.reconcile import ReconcilePayments
from svc_orders.usecases.reserve_stock import ReserveStock

TRIES = 30


class CreateCartOrder:
    """Makes the order of a cart, or finds it."""

    def __init__(
        self,
        orders: Orders,
        begin: BeginOrder,
        reserve: ReserveStock,
        reconcile: ReconcilePayments,
        *,
        clock: Clock,
    ) -> None:
        self._reconcile = reconcile
        self._orders = orders
        self._begin = begin
        self._reserve = reserve
        self._clock = clock

    async def __call__(
        self, buyer: Buyer, cart: CartRef, lines: Sequence[Line], client_key: str = ""
    ) -> Order:
        """Order the cart.

        Args:
            buyer: Whose it is.
            cart: The cart.
            lines: All of it, at the prices that were shown. Where it is empty by now, only the
                key can have an order.
            client_key: The client's own key: its order is the answer even after it was paid.

        Returns:
            The order, pending; or as it is by now, where the key's or the cart's was paid.

        Raises:
            CartEmpty: The cart has no lines, and the client's key no order.
            InvalidField, NotFound, OutOfStock, PriceChanged: It cannot be had.
            TooManyUnpaidOrders, TooManyUnpaidItems: The account has too much unpaid.
            IdempotencyKeyReused: The client's key has an order of other lines.
            Unavailable: The outcome is not known; ask again.
        """
        wanted = merged(lines)
        for _ in range(TRIES):
            if keyed := await self._keyed(buyer, client_key):
                # What was ordered leaves the cart once it is paid.
                if wanted:
                    check_body(keyed, wanted)
                return await self._begin.join(keyed)
            if not wanted:
                raise CartEmpty("There is nothing in the cart.")
            order = await self._begun_or_joined(buyer, cart, wanted, client_key)
            # One that was cancelled or replaced meanwhile has given its key up.
            if order is not None and order.key == cart_key(cart):
                return order
        raise Unavailable("The cart is being ordered elsewhere; try again.")

    async def _begun_or_joined(
        self, buyer: Buyer, cart: CartRef, wanted: tuple[Line, ...], client_key: str
    ) -> Order | None:
        """A new order of the cart; else the one that has the cart's key. None: look again.

        Nearly every cart is ordered for the first time, so the write of a new order asks whether
        there is one already, and no look before it. What an older order was made of may be gone
        by now: that says nothing of the older order.
        """
        try:
            draft = await self._begin.draft(buyer, wanted, client_key, cart)
        except Refusal:
            waiting = await self._orders.by_key(buyer.user_id, cart_key(cart))
            if waiting is None:
                raise
        else:
            if order := await self._begin(draft):
                return order
            waiting = await self._orders.by_key(buyer.user_id, cart_key(cart))
            if waiting is None:
                return None
        if _is_outdated(waiting, cart, wanted):
            await self._replace(waiting)
            return None
        return await self._begin.join(await self._confirmed(waiting, cart))

    async def _keyed(self, buyer: Buyer, client_key: str) -> Order | None:
        if not client_key:
            return None
        return await self._orders.by_client_key(buyer.user_id, client_key)

    async def _confirmed(self, order: Order, cart: CartRef) -> Order:
        """The order, with the newer version of the cart if it still waits to be paid.

        Whether it does, the payments are asked first: where its payment's event is late, the cart
        may have the same lines again because they are wanted again.
        """
        if order.cart is None or order.cart.version >= cart.version:
            return order
        await self._reconcile.learn(order)
        return await change(self._orders, order.id, lambda each: each.confirmed(cart))

    async def _replace(self, order: Order) -> None:
        """Cancel the order unless it was paid meanwhile, and give back what it holds.

        The payments are asked first, so that a payment whose event is late counts.
        """
        await self._reconcile.learn(order)
        ended = await change(self._orders, order.id, lambda each: each.replace(self._clock()))
        await self._reserve.release(ended)


def _is_outdated(order: Order, cart: CartRef, wanted: Sequence[Line]) -> bool:
    """Whether the cart has changed since, or shows a lower price than the order has."""
    if order.status not in OPEN or order.cart is None or order.cart.version >= cart.version:
        return False
    return not has_lines(order, wanted) or _is_dearer(order, wanted)


def _is_dearer(order: Order, wanted: Sequence[Line]) -> bool:
    shown = {line.product_id: line.expected_price for line in wanted}
    return any(
        price is not None and item.price.amount_minor > price.amount_minor
        for item in order.items
        for price in [shown[item.product_id]]
    )

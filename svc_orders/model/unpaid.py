"""What one account, or network, has ordered and not paid: how many orders, how much of a product.

Without a limit one account could hold all stock of a product, again and again, and never pay; and
so could one person with many accounts.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from svc_orders.model.lines import Item
from svc_orders.model.order import Order
from svc_orders.model.refusals import TooManyUnpaidItems, TooManyUnpaidOrders, UnpaidItems


@dataclass(frozen=True)
class Limits:
    """How many orders an account may have unpaid, and how many of a product they may hold.

    Attributes:
        of_network: It is not an account, but the network that orders came from.
    """

    orders: int
    items: int
    of_network: bool = False


@dataclass(frozen=True)
class UnpaidOrder:
    """An order that was admitted, and how many of each product it holds: (product id, quantity)."""

    order_id: str
    items: tuple[tuple[str, int], ...]

    @property
    def product_ids(self) -> list[str]:
        """What it holds something of."""
        return [product_id for product_id, _ in self.items]


@dataclass(frozen=True)
class Unpaid:
    """The orders of an account that were admitted.

    Attributes:
        user_id: Whose they are; `network:` and a network for those that came from it.
        held: Oldest first. Orders that have ended stay until room is needed, so it is never too
            little.
        version: Grows with every write; 0 where it was never written.
    """

    user_id: str
    held: tuple[UnpaidOrder, ...] = ()
    version: int = 0

    def has(self, order_id: str) -> bool:
        """Whether the order was admitted."""
        return any(each.order_id == order_id for each in self.held)

    def only(self, open_orders: Collection[str]) -> "Unpaid":
        """These, without the orders that have ended."""
        return replace(self, held=tuple(e for e in self.held if e.order_id in open_orders))

    def plus(self, order: Order, limits: Limits) -> "Unpaid":
        """These and the order.

        Raises:
            TooManyUnpaidOrders: One more than an account may have.
            TooManyUnpaidItems: More of a product than they may hold together.
        """
        if len(self.held) >= limits.orders:
            raise TooManyUnpaidOrders(limits.orders, of_network=limits.of_network)
        lines = [self._line(item, limits.items) for item in order.items]
        if excess := [each for each in lines if each.held + each.requested > each.limit]:
            raise TooManyUnpaidItems(excess)
        return replace(self, held=(*self.held, held_by(order)))

    def _line(self, item: Item, limit: int) -> UnpaidItems:
        held = sum(dict(each.items).get(item.product_id, 0) for each in self.held)
        return UnpaidItems(item.product_id, item.title, item.quantity, held, limit)


def held_by(order: Order) -> UnpaidOrder:
    """What an order holds once it is admitted."""
    return UnpaidOrder(order.id, tuple((item.product_id, item.quantity) for item in order.items))

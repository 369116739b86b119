"""Orders as payments see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chassis.currencies import Money

MAX_DESCRIPTION = 500


@dataclass(frozen=True)
class Item:
    """A line of an order, with the title and price of one that held when it was made."""

    product_id: str
    title: str
    price: Money
    quantity: int


@dataclass(frozen=True)
class Order:
    """An order in the version that is known.

    Attributes:
        is_pending: It waits to be paid.
        expires_at: When it is cancelled unless paid; None once it has ended.
        number: What people call it; empty where that is not known.
    """

    id: str
    user_id: str
    is_pending: bool
    total: Money
    items: tuple[Item, ...]
    version: int
    expires_at: datetime | None
    number: str = ""

    def payable_until(self, now: datetime) -> datetime | None:
        """When its time is over; None where it cannot be paid any more, or not yet."""
        if not self.is_pending or self.expires_at is None or self.expires_at <= now:
            return None
        return self.expires_at


def describe(order: Order, titles: Mapping[str, str]) -> str:
    """What the charge is for, as receipts and Stripe's dashboard show it.

    Args:
        order: The order.
        titles: Titles by product id where newer ones than the order's are known.
    """
    lines = ", ".join(
        f"{item.quantity} × {titles.get(item.product_id) or item.title}" for item in order.items
    )
    return f"Order {order.number or order.id}: {lines}"[:MAX_DESCRIPTION]

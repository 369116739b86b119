"""What becomes of a cart that is checked out."""

from dataclasses import dataclass
from datetime import datetime

from svc_cart.model.cart import Sale
from svc_cart.model.products import Money


@dataclass(frozen=True)
class OrderItem:
    """A line of an order."""

    product_id: str
    title: str
    price: Money
    quantity: int


@dataclass(frozen=True)
class PlacedOrder:
    """The order that a cart became.

    Attributes:
        id: Its id.
        items: What was ordered.
        total: Sum of its lines.
        is_waiting: It waits to be paid, or will in a moment.
        is_completed: It is paid. An order that is neither was paid, and cancelled after that.
        sale: What it bought of which cart.
        answer: The order as svc_orders answered it, to be passed on as it is.
        number: Its number, as people say it.
    """

    id: str
    items: tuple[OrderItem, ...]
    total: Money
    is_waiting: bool
    is_completed: bool
    sale: Sale
    answer: object
    number: str = ""


@dataclass(frozen=True)
class CartCheckedOut:
    """A cart became an order."""

    cart_id: str
    version: int
    user_id: str
    order: PlacedOrder
    at: datetime

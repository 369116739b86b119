"""What becomes of a cart that is checked out."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chassis.currencies import Money
from svc_cart.model.cart import Purchase


class OrderStatus(StrEnum):
    """Where an order stands; UNKNOWN is a status that only a newer release of the orders has."""

    CREATED = "created"
    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OrderItem:
    """A line of an order."""

    product_id: str
    title: str
    price: Money
    quantity: int


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened to an order."""

    at: datetime
    type: str
    detail: str


@dataclass(frozen=True)
class PlacedOrder:
    """The order that a cart became.

    Attributes:
        id: Its id.
        number: As people say it.
        user_id: Whose it is.
        user_email: Their email when it was made.
        status: Where it stands.
        items: What was ordered.
        total: Sum of its lines.
        cart_id: The cart that it was made of.
        cart_generation: The generation that the cart had.
        cart_version: The last version of the cart that was ordered.
        version: The order's own.
        created_at: When it was made.
        expires_at: When it is cancelled unless paid; None once it has ended.
        timeline: What happened to it, oldest first.
    """

    id: str
    number: str
    user_id: str
    user_email: str
    status: OrderStatus
    items: tuple[OrderItem, ...]
    total: Money
    cart_id: str
    cart_generation: int
    cart_version: int
    version: int
    created_at: datetime
    expires_at: datetime | None = None
    timeline: tuple[TimelineEntry, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """It waits to be paid, or will in a moment."""
        return self.status in {OrderStatus.CREATED, OrderStatus.PENDING}

    @property
    def is_completed(self) -> bool:
        """It is paid. An order that neither is nor waits was paid, and cancelled after that."""
        return self.status is OrderStatus.COMPLETED

    @property
    def purchase(self) -> Purchase:
        """What it bought of which cart."""
        bought: Counter[str] = Counter()
        for item in self.items:
            bought[item.product_id] += item.quantity
        return Purchase(self.cart_id, self.cart_generation, bought, self.cart_version)


@dataclass(frozen=True)
class CartCheckedOut:
    """A cart became an order."""

    cart_id: str
    version: int
    user_id: str
    order: PlacedOrder
    at: datetime

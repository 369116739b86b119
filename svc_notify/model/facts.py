"""What has happened, as far as people are told of it.

An order has a number, as people say it; what was said before events had it, has none.
"""

from dataclasses import dataclass

from svc_notify.model.notices import Money


@dataclass(frozen=True)
class ProductChanged:
    """A product was added, changed, or, where it has no price any more, deleted."""

    product_id: str
    version: int
    title: str = ""
    price: Money | None = None
    available: int = 0


@dataclass(frozen=True)
class CartCheckedOut:
    """A cart became an order."""

    user_id: str
    order_id: str
    total: Money
    total_quantity: int
    order_number: str = ""


@dataclass(frozen=True)
class OrderCreated:
    """An order's stock is reserved and it waits to be paid."""

    user_id: str
    order_id: str
    status: str
    total: Money
    order_number: str = ""


@dataclass(frozen=True)
class OrderCancelled:
    """An order ended without a sale, or its sale was undone; `detail` is a sentence: why."""

    user_id: str
    order_id: str
    status: str
    total: Money
    was_completed: bool
    detail: str
    order_number: str = ""


@dataclass(frozen=True)
class OrderCompleted:
    """An order was paid."""

    user_id: str
    order_id: str
    status: str
    total: Money
    order_number: str = ""


@dataclass(frozen=True)
class Payment:
    """A payment as it stands."""

    id: str
    order_id: str
    status: str
    amount: Money
    decline_code: str = ""
    order_number: str = ""


@dataclass(frozen=True)
class PaymentCreated:
    """The money for an order was captured."""

    user_id: str
    payment: Payment


@dataclass(frozen=True)
class PaymentFailed:
    """No money was taken."""

    user_id: str
    payment: Payment


@dataclass(frozen=True)
class PaymentRefunded:
    """Money went back; `refunded` is all that did so far."""

    user_id: str
    payment: Payment
    refunded: Money
    is_full: bool


Fact = (
    ProductChanged
    | CartCheckedOut
    | OrderCreated
    | OrderCancelled
    | OrderCompleted
    | PaymentCreated
    | PaymentFailed
    | PaymentRefunded
)

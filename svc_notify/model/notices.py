"""Notices: what people hear of an event."""

from dataclasses import dataclass

from chassis.currencies import Money


@dataclass(frozen=True)
class ProductNotice:
    """A notice of a product, to everyone.

    Attributes:
        product_id: The product.
        version: Its version.
        title: Its name; empty where it was deleted.
        price: None where it was deleted.
        available: How many can be bought.
    """

    product_id: str
    version: int
    title: str = ""
    price: Money | None = None
    available: int = 0


@dataclass(frozen=True)
class CheckoutNotice:
    """A notice of a checkout; `total_quantity` counts things, not lines."""

    order_id: str
    total: Money
    total_quantity: int
    order_number: str = ""
    title: str = ""


@dataclass(frozen=True)
class OrderNotice:
    """A notice of an order; `status` is the contract's, such as `completed`."""

    order_id: str
    status: str
    total: Money
    order_number: str = ""
    title: str = ""


@dataclass(frozen=True)
class PaymentNotice:
    """A notice of a payment.

    Attributes:
        payment_id: The payment.
        order_id: The order it pays.
        status: The contract's, such as `succeeded`.
        amount: What it takes.
        decline_code: Why it failed, where it did.
        order_number: What people call the order; empty where that is not known.
        title: One line for people.
    """

    payment_id: str
    order_id: str
    status: str
    amount: Money
    decline_code: str = ""
    order_number: str = ""
    title: str = ""


Notice = ProductNotice | CheckoutNotice | OrderNotice | PaymentNotice

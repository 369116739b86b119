"""Products and orders to test with."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chassis.currencies import Money
from svc_cart.model.cart import Cart, Line
from svc_cart.model.checkouts import OrderItem, OrderStatus, PlacedOrder
from svc_cart.model.products import Product

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def usd(amount_minor: int) -> Money:
    """Some cents."""
    return Money(amount_minor, "USD")


def product(product_id: str = "lamp", **changes: Any) -> Product:
    """A product with plenty in stock, with changes."""
    plain = Product(
        id=product_id,
        version=1,
        title=product_id.title(),
        price=usd(1000),
        available=500,
        image_url=f"/media/{product_id}",
    )
    return replace(plain, **changes)


def line(product_id: str = "lamp", quantity: int = 1, amount_minor: int = 1000) -> Line:
    """A line that was shown at a price."""
    return Line(product_id, quantity, usd(amount_minor), NOON)


def cart(*lines: Line, **changes: Any) -> Cart:
    """A cart that was never written, with changes."""
    return replace(Cart("c1", "user:u1", lines), **changes)


def order(order_id: str = "o1", **changes: Any) -> PlacedOrder:
    """An order of the two lamps in the cart c1 that waits to be paid, with changes."""
    plain = PlacedOrder(
        id=order_id,
        number="4821-5539-0714",
        user_id="u1",
        user_email="ann@example.com",
        status=OrderStatus.PENDING,
        items=(OrderItem("lamp", "Lamp", usd(1000), 2),),
        total=usd(2000),
        cart_id="c1",
        cart_generation=0,
        cart_version=0,
        version=2,
        created_at=NOON,
    )
    return replace(plain, **changes)

"""How an order begins, and how its idempotency key is kept."""

from datetime import datetime, timedelta

from svc_orders.model.lines import CartRef, Item, Line, total_of
from svc_orders.model.order import Buyer, Order, OrderStatus


def start(
    order_id: str,
    buyer: Buyer,
    key: str,
    lines: tuple[Line, ...],
    items: tuple[Item, ...],
    *,
    cart: CartRef | None = None,
    now: datetime,
    lease: timedelta,
) -> Order:
    """A new order.

    Args:
        order_id: Its id.
        buyer: Whose it is.
        key: What the client gave; empty for an order that no other call shall find.
        lines: As `lines.merged` returns them.
        items: What the product replica says of these lines.
        cart: The cart that they are, if any: then the cart is what makes the order unique.
        now: When it is made.
        lease: For how long its maker alone reserves its stock.

    Raises:
        InvalidField: The prices are in more than one currency.
    """
    return Order(
        id=order_id,
        buyer=buyer,
        key=cart_key(cart) if cart else given_key(key) if key else f"none:{order_id}",
        cart=cart,
        client_key=key if cart else "",
        status=OrderStatus.CREATED,
        lines=lines,
        items=items,
        total=total_of(items),
        version=1,
        created_at=now,
        leased_until=now + lease,
    )


def given_key(key: str) -> str:
    """A client's key as orders keep it: apart from the keys that we make up ourselves."""
    return f"given:{key}"


def cart_key(cart: CartRef) -> str:
    """The key of a cart's order, of which a generation of the cart has one."""
    return f"cart:{cart.cart_id}:{cart.generation}"

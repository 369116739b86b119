"""How an order begins, and how its idempotency key is kept."""

from datetime import datetime, timedelta

from svc_orders.model.lines import Item, Line, total_of
from svc_orders.model.order import Buyer, Order, OrderStatus


def start(
    order_id: str,
    buyer: Buyer,
    key: str,
    lines: tuple[Line, ...],
    items: tuple[Item, ...],
    *,
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
        now: When it is made.
        lease: For how long its maker alone reserves its stock.

    Raises:
        InvalidField: The prices are in more than one currency.
    """
    return Order(
        id=order_id,
        buyer=buyer,
        key=given_key(key) if key else f"none:{order_id}",
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

"""What orders announce, and what a transition results in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svc_orders.model.order import Order


@dataclass(frozen=True)
class OrderCreated:
    """The order's stock is reserved and it waits to be paid."""

    order: Order


@dataclass(frozen=True)
class OrderCancelled:
    """The order ended without a sale, or its sale was undone."""

    order: Order
    was_completed: bool
    detail: str


@dataclass(frozen=True)
class OrderCompleted:
    """The order was paid."""

    order: Order
    payment_id: str


OrderEvent = OrderCreated | OrderCancelled | OrderCompleted


@dataclass(frozen=True)
class Change:
    """An order after a transition, and what it announces."""

    order: Order
    events: tuple[OrderEvent, ...] = ()

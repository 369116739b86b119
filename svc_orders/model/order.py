"""The order: a state machine whose every step makes a new version.

    created ──▶ pending ──▶ completed
       │           │            │ by an admin, or by a refund of all
       └───────────┴────────────┴──▶ cancelled

A transition returns the order after it and its events, or None where there is nothing to do.
An order that never became pending was never announced, so its end is announced neither; instead
it owes the catalog a release (`release_due_at`). A reservation that is still on its way then is
given back by the call that made it, since the order cannot become pending any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from chassis.currencies import Money
from chassis.errors import Refusal
from svc_orders.model.lines import CartRef, Item, Line, snapshot, total_of
from svc_orders.model.refusals import OrderNotCancellable
from svc_orders.model.timeline import PaymentUpdate, Timeline, TimelineEntry, grown, has_entry_of

RECONCILE_AFTER = timedelta(minutes=5)  # longer than an event takes, or a charge is undecided
NUMBER_DIGITS, NUMBER_GROUP = 12, 4
REPLACED = "Replaced by a new order of the cart."


class OrderStatus(StrEnum):
    """Where an order stands."""

    CREATED = "created"
    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


OPEN = frozenset({OrderStatus.CREATED, OrderStatus.PENDING})  # not paid, and not ended


@dataclass(frozen=True)
class Buyer:
    """Who orders.

    Attributes:
        network: Where from, as far as it is known; it is not kept with the order.
    """

    user_id: str
    email: str
    network: str = field(default="", compare=False)


@dataclass(frozen=True)
class Order:
    """An order.

    Attributes:
        key: The idempotency key, unique among the user's; given up when the order is cancelled,
            but for a cart's whose order was paid: the cart learns of that, and has a new key then.
        lines: What was asked for, one line a product.
        items: What holds for it; until the stock is reserved, what the product replica says.
        leased_until: While `created`: until when one worker alone is reserving.
        expires_at: While pending: when it is cancelled unless paid.
        completed_at: When it was paid; kept when it is cancelled later.
        payment_id: The payment that completed it.
        release_due_at: When the catalog is to hear that the reservation is void.
        reconcile_at: Once cancelled: when the payments are asked again, should the event be lost.
        cart: The cart that it was made of, if any: what was bought leaves it.
        client_key: The client's own key of an order of a cart.
        refusal: Why it never became pending; such an order is shown to no one.
    """

    id: str
    buyer: Buyer
    key: str
    status: OrderStatus
    lines: tuple[Line, ...]
    items: tuple[Item, ...]
    total: Money
    version: int
    created_at: datetime
    leased_until: datetime | None = None
    expires_at: datetime | None = None
    completed_at: datetime | None = None
    payment_id: str = ""
    release_due_at: datetime | None = None
    reconcile_at: datetime | None = None
    cart: CartRef | None = None
    client_key: str = ""
    refusal: Refusal | None = None
    timeline: Timeline = ()

    def place(
        self, reserved: Mapping[str, Item], expires_at: datetime, now: datetime
    ) -> Change | None:
        """The stock is reserved at these prices: the order becomes pending.

        Raises:
            PriceChanged: A price differs from what the shopper was shown.
            InvalidField: The prices are in more than one currency.
        """
        if self.status is not OrderStatus.CREATED:
            return None
        items = snapshot(self.lines, reserved)
        order = self._next(
            TimelineEntry(now, "order.created", "Everything is set aside until it is paid."),
            status=OrderStatus.PENDING,
            items=items,
            total=total_of(items),
            leased_until=None,
            expires_at=expires_at,
        )
        return Change(order, (OrderCreated(order),))

    def refuse(self, refusal: Refusal, now: datetime) -> Change | None:
        """It cannot be had: undone, with its key free for another try."""
        if self.status is not OrderStatus.CREATED:
            return None
        return Change(replace(self._abandoned(refusal.message, now), refusal=refusal))

    def cancel(self, detail: str, now: datetime, *, by_admin: bool = False) -> Change:
        """Cancel it; only an admin can cancel a completed one.

        Raises:
            OrderNotCancellable: It has ended.
        """
        match self.status:
            case OrderStatus.CREATED:
                return Change(self._abandoned(detail, now))
            case OrderStatus.PENDING:
                return self._cancelled(detail, now)
            case OrderStatus.COMPLETED if by_admin:
                return self._cancelled(detail, now, was_completed=True)
        raise OrderNotCancellable(f"The order is {self.status} already.")

    def replace(self, now: datetime) -> Change | None:
        """Its cart has changed and is ordered anew: cancelled, and its stock given back at once."""
        match self.status:
            case OrderStatus.CREATED:
                return Change(self._abandoned(REPLACED, now))
            case OrderStatus.PENDING:
                return self._cancelled(REPLACED, now, release_due_at=now)
        return None

    def confirmed(self, cart: CartRef) -> Change | None:
        """A newer version of its cart was ordered, which has the same lines, while it waits."""
        known = self.cart if self.status is OrderStatus.PENDING else None
        return Change(self._next(cart=cart)) if known and known.version < cart.version else None

    def expire(self, now: datetime) -> Change | None:
        """Cancel it when its time to be paid is over."""
        if self.status is not OrderStatus.PENDING or self.expires_at is None:
            return None
        return self._cancelled("Not paid in time.", now) if self.expires_at <= now else None

    def paid(self, update: PaymentUpdate, now: datetime) -> Change | None:
        """Its payment was captured.

        An order that was cancelled meanwhile stays so; the payments context sends the money back.

        Raises:
            LookupError: The order is not pending yet, so it cannot have been paid.
        """
        if self.status is OrderStatus.CREATED:
            raise LookupError(f"order {self.id} has a payment before it is pending")
        if has_entry_of(self.timeline, update) or self.payment_id == update.payment_id:
            return None
        entry = TimelineEntry(now, "payment.created", update.detail, update.event_id)
        if self.status is not OrderStatus.PENDING:
            return Change(self._next(entry))
        order = self._next(
            entry,
            TimelineEntry(now, "order.completed", "Paid in full."),
            status=OrderStatus.COMPLETED,
            expires_at=None,
            completed_at=now,
            payment_id=update.payment_id,
        )
        return Change(order, (OrderCompleted(order, update.payment_id),))

    def payment_failed(self, update: PaymentUpdate, now: datetime) -> Change | None:
        """A payment of it failed: it can still be paid."""
        if has_entry_of(self.timeline, update):
            return None
        return Change(
            self._next(TimelineEntry(now, "payment.failed", update.detail, update.event_id))
        )

    def refunded(self, update: PaymentUpdate, now: datetime, *, is_full: bool) -> Change | None:
        """Money of its payment went back; all of it ends the order.

        A full refund may overtake the payment's own event: the order is then still pending, and
        ends as if it had been completed in between.
        """
        if has_entry_of(self.timeline, update):
            return None
        entry = TimelineEntry(now, "payment.refunded", update.detail, update.event_id)
        completed = self.status is OrderStatus.COMPLETED and self.payment_id == update.payment_id
        if not is_full or not (completed or self.status is OrderStatus.PENDING):
            return Change(self._next(entry))
        return self._cancelled(
            "The payment was refunded.",
            now,
            entry,
            was_completed=True,
            payment_id=update.payment_id,
            completed_at=self.completed_at or now,
        )

    def released(self) -> Change | None:
        """The catalog knows that the reservation is void."""
        return Change(self._next(release_due_at=None)) if self.release_due_at else None

    def reconciled(self) -> Change | None:
        """The payments know that it ended."""
        return Change(self._next(reconcile_at=None)) if self.reconcile_at else None

    def _cancelled(
        self,
        detail: str,
        now: datetime,
        *before: TimelineEntry,
        was_completed: bool = False,
        **changes: Any,
    ) -> Change:
        keeps_key = self.cart is not None and self.status is OrderStatus.COMPLETED
        order = self._next(
            *before,
            TimelineEntry(now, "order.cancelled", detail),
            status=OrderStatus.CANCELLED,
            key=self.key if keeps_key else self._given_up_key,
            client_key="",
            expires_at=None,
            # A payment can begin as long as the order could be paid.
            reconcile_at=max(now, self.expires_at or now) + RECONCILE_AFTER,
            **changes,
        )
        return Change(order, (OrderCancelled(order, was_completed, detail),))

    def _abandoned(self, detail: str, now: datetime) -> Self:
        return self._next(
            TimelineEntry(now, "order.cancelled", detail),
            status=OrderStatus.CANCELLED,
            key=self._given_up_key,
            client_key="",
            leased_until=None,
            release_due_at=now,
        )

    @property
    def _given_up_key(self) -> str:
        return f"ended:{self.id}:{self.key}"

    def _next(self, *entries: TimelineEntry, **changes: Any) -> Self:
        timeline = grown(self.timeline, entries)
        return replace(self, version=self.version + 1, timeline=timeline, **changes)


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


def number_of(order_id: str) -> str:
    """The number of the order with this id, such as `4821-5539-0714`: short enough to say.

    It is made of the id alone, so it costs no counter that all orders would have to wait for, and
    tells no one how much the shop sells. Among a million orders there is about one pair that
    shares a number; what has to be sure takes the id.
    """
    digest = hashlib.sha256(order_id.encode()).digest()
    digits = f"{int.from_bytes(digest) % 10**NUMBER_DIGITS:0{NUMBER_DIGITS}}"
    return "-".join(
        digits[start : start + NUMBER_GROUP] for start in range(0, NUMBER_DIGITS, NUMBER_GROUP)
    )

"""The payment: one attempt to charge an order, and what became of the money.

    pending ──▶ requires_action ──▶ succeeded ◀─▶ refunded
       │               │  ▲             ▲
       ├───────────────┼──┴─────────────┤
       └───────────────┴──▶ failed      │
       └────────────────────────────────┘

While an attempt is open or has succeeded it holds its order's claim, of which there is one. It
lets go of the claim only when no money can come of it any more. Should Stripe have charged a
failed attempt after all (`is_stray`), the money goes back, and no event says so. A refund that
does not arrive leads back from refunded to succeeded.
A transition returns the payment after it and its events, or None where there is nothing to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from chassis.currencies import Money
from svc_payments.model.intents import Failure, Intent, IntentStatus
from svc_payments.model.orders import Item
from svc_payments.model.refunds import Refund, RefundStatus

# When a worker looks after a payment again: after what is under way may be thought lost,
SOON = timedelta(seconds=10)
# while the shopper is at their bank, in case the webhook never comes,
WHILE_CONFIRMING = timedelta(seconds=30)
# and after a refund of what has to go back failed: twice as long each time, up to 17 hours.
AFTER_FAILED_REFUND = timedelta(seconds=15)
MAX_DOUBLINGS = 12


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUNDED = "refunded"


# Money may still come of it.
OPEN = frozenset({PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION})


class CardKind(StrEnum):
    """What names the card: a legacy token, or a payment method."""

    TOKEN = "token"  # noqa: S105 - the name of a field
    PAYMENT_METHOD = "payment_method_id"


@dataclass(frozen=True)
class Card:
    """A card by Stripe's name for it; never its number."""

    kind: CardKind
    id: str


@dataclass(frozen=True)
class OrderOutcome:
    """The order ended: what was paid goes back, and the stock with it if it was completed.

    Attributes:
        was_completed: It had been paid, and its stock was sold.
        by_refund: All of the money had gone back before, with the stock or without.
    """

    was_completed: bool
    by_refund: bool = False

    @property
    def restock(self) -> bool:
        """What was bought goes back into stock."""
        return self.was_completed and not self.by_refund


@dataclass(frozen=True)
class Payment:
    """A payment.

    Attributes:
        key: The idempotency key, unique among the user's.
        description: What the charge is for; kept, as a repeated call has to be the same.
        expires_at: When the order's time is over.
        stripe_id: The PaymentIntent, once it is known.
        order_end: Set when the order was cancelled.
        is_stray: Stripe charged it though it had failed.
        attend_at: When to look after it; None when nothing is left to do.
        order_number: What people call the order; empty where that is not known.
    """

    id: str
    order_id: str
    user_id: str
    key: str
    card: Card
    amount: Money
    items: tuple[Item, ...]
    description: str
    created_at: datetime
    expires_at: datetime
    status: PaymentStatus = PaymentStatus.PENDING
    version: int = 1
    stripe_id: str = ""
    client_secret: str = field(default="", repr=False)
    action_url: str = ""
    failure: Failure | None = None
    refunds: tuple[Refund, ...] = ()
    order_end: OrderOutcome | None = None
    is_stray: bool = False
    attend_at: datetime | None = None
    order_number: str = ""

    @property
    def is_open(self) -> bool:
        """Money may still come of it."""
        return self.status in OPEN

    @property
    def holds_claim(self) -> bool:
        """Its order can have no other payment."""
        return self.status is not PaymentStatus.FAILED

    @property
    def is_captured(self) -> bool:
        """Stripe took the money, whatever became of it since."""
        return self.status in {PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED} or self.is_stray

    @property
    def stripe_key(self) -> str:
        """Stripe's idempotency key: repeating the call with it never charges twice."""
        return f"payment:{self.id}"

    @property
    def refunded_minor(self) -> int:
        """How much went back."""
        return _sum(self.refunds, RefundStatus.SUCCEEDED)

    @property
    def left_minor(self) -> int:
        """How much of what was captured neither went back nor is on its way."""
        if not self.is_captured:
            return 0
        under_way = _sum(self.refunds, RefundStatus.PENDING)
        # Below nothing where an admin was faster by hand: Stripe refuses what is under way.
        return max(0, self.amount.amount_minor - self.refunded_minor - under_way)

    @property
    def owed_minor(self) -> int:
        """How much has to go back, and no refund is under way for it."""
        return self.left_minor if self.order_end is not None or self.is_stray else 0

    @property
    def pending_refunds(self) -> tuple[Refund, ...]:
        """Refunds whose outcome is not known."""
        return tuple(each for each in self.refunds if each.status is RefundStatus.PENDING)

    def is_over(self, now: datetime) -> bool:
        """The order ended or its time has passed, so nothing is to be begun or awaited."""
        return self.order_end is not None or self.expires_at <= now

    def next_attention(self, now: datetime) -> datetime | None:
        """When to look after it if nothing happens until then."""
        if self.status is PaymentStatus.PENDING or self.pending_refunds:
            return now + SOON
        if self.status is PaymentStatus.REQUIRES_ACTION:
            return now + (SOON if self.is_over(now) else WHILE_CONFIRMING)
        if self.owed_minor:
            failed = sum(each.status is RefundStatus.FAILED for each in self.refunds)
            doublings = min(failed - 1, MAX_DOUBLINGS)
            return now + (AFTER_FAILED_REFUND * 2**doublings if failed else SOON)
        return None

    def learned(self, intent: Intent, now: datetime) -> Change | None:
        """Take what Stripe says of its intent. It only goes forward: a late answer does no harm.

        A declined intent whose client secret was given out can be confirmed again with another
        card, so it ends such a payment only once it is canceled.
        """
        match intent.status:
            case IntentStatus.SUCCEEDED:
                return self._captured(intent, now)
            case IntentStatus.REQUIRES_ACTION if self.status is PaymentStatus.PENDING:
                return Change(
                    self.next(
                        now,
                        status=PaymentStatus.REQUIRES_ACTION,
                        stripe_id=intent.id,
                        client_secret=intent.client_secret,
                        action_url=intent.action_url,
                    )
                )
            case IntentStatus.PROCESSING if self.is_open and self.stripe_id != intent.id:
                return Change(self.next(now, stripe_id=intent.id))
            case IntentStatus.DECLINED if self.status is PaymentStatus.PENDING:
                return self._failed(intent.failure, now, stripe_id=intent.id)
            case IntentStatus.CANCELED if self.is_open:
                return self._failed(intent.failure, now, stripe_id=intent.id)
        return None

    def fail(self, failure: Failure, now: datetime) -> Change | None:
        """Stripe certainly made nothing of it."""
        return self._failed(failure, now) if self.status is PaymentStatus.PENDING else None

    def end_order(self, end: OrderOutcome, now: datetime) -> Change | None:
        """Its order was cancelled: no charge any more, and what was or will be captured is owed.

        The sweep sees to it at once; of a charge that is under way, once that has had its time.
        """
        if self.order_end is not None or not self.holds_claim:
            return None
        end = replace(end, by_refund=self.status is PaymentStatus.REFUNDED)
        ended = self.next(now, order_end=end)
        if ended.attend_at is not None and self.status is not PaymentStatus.PENDING:
            ended = replace(ended, attend_at=now)
        return Change(ended)

    def _captured(self, intent: Intent, now: datetime) -> Change | None:
        if self.is_open:
            payment = self.next(now, status=PaymentStatus.SUCCEEDED, stripe_id=intent.id)
            # Of a cancelled order nothing was bought: a consumer that takes `payment.created` for
            # a sale should not hear of it.
            return Change(payment, (PaymentCreated(payment),) if self.order_end is None else ())
        if self.status is PaymentStatus.FAILED and not self.is_stray:
            return Change(self.next(now, is_stray=True, stripe_id=intent.id))
        return None

    def _failed(self, failure: Failure, now: datetime, **changes: Any) -> Change:
        payment = self.next(now, status=PaymentStatus.FAILED, failure=failure, **changes)
        return Change(payment, (PaymentFailed(payment, failure.message),))

    def next(self, now: datetime, **changes: Any) -> Self:
        """The next version, with `changes`."""
        payment = replace(self, version=self.version + 1, **changes)
        return replace(payment, attend_at=payment.next_attention(now))


def _sum(refunds: tuple[Refund, ...], status: RefundStatus) -> int:
    return sum(each.amount_minor for each in refunds if each.status is status)


@dataclass(frozen=True)
class PaymentCreated:
    """The money for an order was captured."""

    payment: Payment


@dataclass(frozen=True)
class PaymentFailed:
    """No money was taken."""

    payment: Payment
    detail: str


@dataclass(frozen=True)
class PaymentRefunded:
    """Money of an announced payment, or of one that came too late, went back."""

    payment: Payment
    is_full: bool
    restock: bool


PaymentEvent = PaymentCreated | PaymentFailed | PaymentRefunded


@dataclass(frozen=True)
class Change:
    """A payment after a transition, and what it announces."""

    payment: Payment
    events: tuple[PaymentEvent, ...] = ()

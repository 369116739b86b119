"""What payments announce, and what a transition results in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svc_payments.model.payment import Payment


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

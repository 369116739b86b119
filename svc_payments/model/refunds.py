"""Money on its way back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RefundStatus(StrEnum):
    """What is known of a refund; `pending` is written before Stripe is asked."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class Refund:
    """A refund of a part of a payment, or of all of it.

    Attributes:
        id: Unique among all refunds.
        key: The idempotency key that the client gave; empty where there is none.
        amount_minor: How much, in the payment's currency.
        restock: What was bought goes back into stock, once all of the money went back.
        begun_at: When this attempt was begun.
        attempt: Grows when Stripe certainly made nothing of the one before.
        detail: Why it failed.
    """

    id: str
    key: str
    amount_minor: int
    restock: bool
    begun_at: datetime
    status: RefundStatus = RefundStatus.PENDING
    attempt: int = 1
    stripe_id: str = ""
    detail: str = ""

    @property
    def stripe_key(self) -> str:
        """Stripe's idempotency key: repeating the call with it never refunds twice."""
        suffix = f":{self.attempt}" if self.attempt > 1 else ""
        return f"refund:{self.id}{suffix}"

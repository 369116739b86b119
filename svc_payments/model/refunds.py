"""Money on its way back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RefundStatus(StrEnum):
    """What is known of a refund. It only ever goes forward."""

    # Written before Stripe is asked.
    PENDING = "pending"
    # Stripe took it on: the money is back, or on its way.
    SUCCEEDED = "succeeded"
    # Stripe refused it, or could not bring the money back after all.
    FAILED = "failed"


@dataclass(frozen=True)
class Refund:
    """A refund of a part of a payment, or of all of it.

    Attributes:
        id: Unique among all refunds; Stripe's where it was made by hand in Stripe's dashboard.
        key: The idempotency key that the client gave; empty where there is none.
        amount_minor: How much, in the payment's currency.
        restock: It was asked to put the stock back too, once all of the money went back.
        begun_at: When this attempt was begun.
        attempt: Grows when Stripe certainly made nothing of the one before.
        stripe_id: Stripe's, once it is known that Stripe has it.
        detail: Why it failed.
        is_rest: What was wished for is all that was left, rather than this amount.
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
    is_rest: bool = False

    @property
    def stripe_key(self) -> str:
        """Stripe's idempotency key: repeating the call with it never refunds twice."""
        suffix = f":{self.attempt}" if self.attempt > 1 else ""
        return f"refund:{self.id}{suffix}"


@dataclass(frozen=True)
class StripeRefund:
    """A refund as Stripe had it when it answered.

    Attributes:
        id: Stripe's.
        refund_id: The refund that it was made for; empty where it was made by hand.
        amount_minor: How much, in the payment's currency.
        status: Succeeded or failed.
        detail: Why it failed.
    """

    id: str
    refund_id: str
    amount_minor: int
    status: RefundStatus = RefundStatus.SUCCEEDED
    detail: str = ""

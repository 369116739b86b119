"""Payments whose money is not where it should be, although there was time for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from svc_payments.model.payment import Payment, PaymentStatus
from svc_payments.model.refunds import RefundStatus

# After the order's time is over, for ending what the shopper did not confirm.
ENDING = timedelta(minutes=2)


class StuckReason(StrEnum):
    """What a payment waits for."""

    CHARGE = "charge"
    CONFIRMATION = "confirmation"
    REFUND = "refund"
    REFUND_REFUSED = "refund_refused"


@dataclass(frozen=True)
class StuckPayment:
    """A payment that waits for something since then."""

    payment: Payment
    reason: StuckReason
    since: datetime


def stuck(payment: Payment, now: datetime, undecided_for: timedelta) -> StuckPayment | None:
    """What the payment waits for; None where it is not late.

    Args:
        payment: The payment.
        now: The time.
        undecided_for: For how long a call to Stripe may be without an outcome.
    """
    if payment.status is PaymentStatus.PENDING:
        if payment.created_at + undecided_for <= now:
            return StuckPayment(payment, StuckReason.CHARGE, payment.created_at)
    elif payment.status is PaymentStatus.REQUIRES_ACTION:
        if payment.expires_at + ENDING <= now:
            return StuckPayment(payment, StuckReason.CONFIRMATION, payment.expires_at)
    elif payment.pending_refunds:
        since = min(each.begun_at for each in payment.pending_refunds)
        if since + undecided_for <= now:
            return StuckPayment(payment, StuckReason.REFUND, since)
    elif payment.owed_minor:
        refused = [each.begun_at for each in payment.refunds if each.status is RefundStatus.FAILED]
        if refused:
            return StuckPayment(payment, StuckReason.REFUND_REFUSED, min(refused))
    return None

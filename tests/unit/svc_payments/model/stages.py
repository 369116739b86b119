"""A payment at its stages, and what Stripe says of its refunds."""

from dataclasses import replace

from svc_payments.model.intents import Failure, FailureKind, Intent, IntentStatus
from svc_payments.model.payment import SOON, Change, OrderOutcome, Payment
from svc_payments.model.refunds import Refund, RefundStatus, StripeRefund
from tests.unit.svc_payments.world import ITEMS, LIFETIME, NOON, NUMBER, TOTAL, card

PENDING = Payment(
    id="p1",
    order_id="o1",
    user_id="ann",
    key="k",
    card=card(),
    amount=TOTAL,
    items=ITEMS,
    description="Order o1",
    created_at=NOON,
    expires_at=NOON + LIFETIME,
    attend_at=NOON + SOON,
    order_number=NUMBER,
)
POOR = Failure(FailureKind.DECLINED, "insufficient_funds", "Your card has insufficient funds.")


def intent(status: IntentStatus) -> Intent:
    return Intent("pi_1", status, "p1", "secret", "https://bank", POOR)


def certain(change: Change | None) -> Change:
    assert change is not None
    return change


def after(payment: Payment, status: IntentStatus) -> Payment:
    return certain(payment.learned(intent(status), NOON)).payment


CONFIRMING = after(PENDING, IntentStatus.REQUIRES_ACTION)
SUCCEEDED = after(PENDING, IntentStatus.SUCCEEDED)
FAILED = after(PENDING, IntentStatus.DECLINED)


def ended(payment: Payment = SUCCEEDED) -> Payment:
    return certain(payment.end_order(OrderOutcome(was_completed=True), NOON)).payment


def made(refund: Refund, stripe_id: str = "re_1") -> StripeRefund:
    """Stripe took it on."""
    return StripeRefund(stripe_id, refund.id, refund.amount_minor)


def by_hand(amount_minor: int, stripe_id: str = "re_hand") -> StripeRefund:
    """Somebody gave money back in Stripe's dashboard."""
    return StripeRefund(stripe_id, "", amount_minor)


def not_arrived(refund: StripeRefund) -> StripeRefund:
    """The card's bank did not take it."""
    return replace(refund, status=RefundStatus.FAILED, detail="expired_or_canceled_card")

"""The transitions of a payment that give money back."""

from dataclasses import replace
from datetime import datetime

from chassis.errors import InvalidField
from svc_payments.model.events import Change, PaymentRefunded
from svc_payments.model.payment import Payment, PaymentStatus
from svc_payments.model.refunds import Refund, RefundStatus
from svc_payments.model.refusals import IdempotencyKeyReused, RefundNotPossible


def with_key(
    payment: Payment, key: str, amount_minor: int | None, *, restock: bool
) -> Refund | None:
    """The refund that was begun with this key.

    Raises:
        IdempotencyKeyReused: It was another one.
    """
    for refund in payment.refunds:
        if key and refund.key == key:
            if amount_minor not in {None, refund.amount_minor} or refund.restock != restock:
                raise IdempotencyKeyReused("The key belongs to another refund.")
            return refund
    return None


def begin(
    payment: Payment,
    refund_id: str,
    key: str,
    amount_minor: int | None,
    *,
    restock: bool,
    now: datetime,
) -> Change:
    """Begin to give back `amount_minor`, or all that is left.

    Raises:
        RefundNotPossible: Nothing was captured, or less is left.
        InvalidField: Only a refund of all that is left can restock.
    """
    left = payment.left_minor
    if left == 0 or payment.is_stray:
        raise RefundNotPossible("There is nothing left to give back.")
    amount = left if amount_minor is None else amount_minor
    if amount > left:
        raise RefundNotPossible(f"Only {left} (minor units) are left to give back.")
    if restock and amount < left:
        raise InvalidField("restock", "must not be set where only a part goes back")
    refund = Refund(refund_id, key, amount, restock, begun_at=now)
    return Change(payment.next(now, refunds=(*payment.refunds, refund)))


def begin_owed(payment: Payment, now: datetime) -> Change | None:
    """Begin to give back what has to go back; its ids are the payment's, so it is done once."""
    if not payment.owed_minor:
        return None
    earlier = sum(each.id.startswith(payment.id) for each in payment.refunds)
    refund_id = f"{payment.id}-{earlier + 1}" if earlier else payment.id
    restock = payment.order_end is not None and payment.order_end.was_completed
    refund = Refund(refund_id, "", payment.owed_minor, restock, begun_at=now)
    return Change(payment.next(now, refunds=(*payment.refunds, refund)))


def finished(payment: Payment, refund: Refund, stripe_id: str, now: datetime) -> Change | None:
    """The money went back, whichever attempt it was that did it."""
    current = next((each for each in payment.pending_refunds if each.id == refund.id), None)
    if current is None:
        return None
    done = replace(current, status=RefundStatus.SUCCEEDED, stripe_id=stripe_id)
    changed = _with(payment, current, done, now)
    if changed.is_stray:
        return Change(changed)
    is_full = changed.refunded_minor == changed.amount.amount_minor
    if is_full:
        changed = replace(changed, status=PaymentStatus.REFUNDED)
    restock = is_full and any(
        each.restock for each in changed.refunds if each.status is RefundStatus.SUCCEEDED
    )
    return Change(changed, (PaymentRefunded(changed, is_full, restock),))


def refused(payment: Payment, refund: Refund, detail: str, now: datetime) -> Change | None:
    """Stripe refuses to give it back; what is owed is tried again later."""
    if refund not in payment.pending_refunds:
        return None
    failed = replace(refund, status=RefundStatus.FAILED, detail=detail)
    return Change(_with(payment, refund, failed, now))


def tried_again(payment: Payment, refund: Refund, now: datetime) -> Change | None:
    """Stripe made nothing of it: the next call takes a new idempotency key."""
    if refund not in payment.pending_refunds:
        return None
    again = replace(refund, attempt=refund.attempt + 1, begun_at=now)
    return Change(_with(payment, refund, again, now))


def _with(payment: Payment, before: Refund, after: Refund, now: datetime) -> Payment:
    refunds = tuple(after if each == before else each for each in payment.refunds)
    return payment.next(now, refunds=refunds)

"""The transitions of a payment that give money back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chassis.errors import InvalidField
from svc_payments.model.payment import Change, Payment, PaymentRefunded, PaymentStatus
from svc_payments.model.refunds import Refund, RefundStatus, StripeRefund
from svc_payments.model.refusals import IdempotencyKeyReused, RefundNotPossible


def begin(
    payment: Payment,
    refund_id: str,
    key: str,
    amount_minor: int | None,
    *,
    restock: bool,
    now: datetime,
) -> Change | None:
    """Begin to give back `amount_minor`, or all that is left, unless the key did so before.

    Raises:
        IdempotencyKeyReused: The key belongs to another refund of the payment.
        RefundNotPossible: Nothing was captured, or less is left.
        InvalidField: Only a refund of all that is left can restock.
    """
    if _is_begun(payment, key, amount_minor, restock=restock):
        return None
    left = payment.left_minor
    if left == 0 or payment.is_stray:
        raise RefundNotPossible("There is nothing left to give back.")
    amount = left if amount_minor is None else amount_minor
    if amount > left:
        raise RefundNotPossible(f"Only {left} (minor units) are left to give back.")
    if restock and amount < left:
        raise InvalidField("restock", "must not be set where only a part goes back")
    is_rest = amount_minor is None
    refund = Refund(refund_id, key, amount, restock, begun_at=now, is_rest=is_rest)
    return Change(payment.next(now, refunds=(*payment.refunds, refund)))


def begin_owed(payment: Payment, now: datetime) -> Change | None:
    """Begin to give back what has to go back; its ids are the payment's, so it is done once."""
    if not payment.owed_minor:
        return None
    earlier = sum(each.id.startswith(payment.id) for each in payment.refunds)
    refund_id = f"{payment.id}-{earlier + 1}" if earlier else payment.id
    refund = Refund(refund_id, "", payment.owed_minor, restock=False, begun_at=now)
    return Change(payment.next(now, refunds=(*payment.refunds, refund)))


def learned(payment: Payment, made: Sequence[StripeRefund], now: datetime) -> Change | None:
    """Take what Stripe says of the payment's refunds, in any order and any number of times.

    One that was made by hand counts like ours. One that failed after all leaves its money with
    us: what is owed of it is owed again.
    """
    refunds = payment.refunds
    for each in made:
        refunds = _with_outcome(refunds, each, now)
    if refunds == payment.refunds or not payment.is_captured:
        return None
    if payment.is_stray:
        return Change(payment.next(now, refunds=refunds))
    is_full = replace(payment, refunds=refunds).refunded_minor >= payment.amount.amount_minor
    status = PaymentStatus.REFUNDED if is_full else PaymentStatus.SUCCEEDED
    changed = payment.next(now, refunds=refunds, status=status)
    if _succeeded(changed) <= _succeeded(payment):
        return Change(changed)
    return Change(changed, (PaymentRefunded(changed, is_full, is_full and _restocks(changed)),))


def refused(payment: Payment, refund: Refund, detail: str, now: datetime) -> Change | None:
    """Stripe refuses to give it back; what is owed is begun again later."""
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


def _is_begun(payment: Payment, key: str, amount_minor: int | None, *, restock: bool) -> bool:
    """Whether a refund was begun with this key, which then has to be the same one."""
    known = next((each for each in payment.refunds if key and each.key == key), None)
    if known is None:
        return False
    wished = None if known.is_rest else known.amount_minor
    if (wished, known.restock) != (amount_minor, restock):
        raise IdempotencyKeyReused("The key belongs to another refund.")
    return True


def _with(payment: Payment, before: Refund, after: Refund, now: datetime) -> Payment:
    refunds = tuple(after if each == before else each for each in payment.refunds)
    return payment.next(now, refunds=refunds)


def _with_outcome(
    refunds: tuple[Refund, ...], made: StripeRefund, now: datetime
) -> tuple[Refund, ...]:
    """The refunds, with what Stripe says of one."""
    known = next((each for each in refunds if _is_same(each, made)), None)
    if known is None:
        by_hand = Refund(made.id, "", made.amount_minor, restock=False, begun_at=now)
        refunds, known = (*refunds, by_hand), by_hand
    if known.stripe_id and known.status is RefundStatus.FAILED:
        return refunds  # for good: an answer that differs is older
    after = replace(known, status=made.status, stripe_id=made.id, detail=made.detail)
    return tuple(after if each == known else each for each in refunds)


def _is_same(refund: Refund, made: StripeRefund) -> bool:
    return refund.stripe_id == made.id if refund.stripe_id else refund.id == made.refund_id


def _succeeded(payment: Payment) -> set[str]:
    return {each.id for each in payment.refunds if each.status is RefundStatus.SUCCEEDED}


def _restocks(payment: Payment) -> bool:
    """Whether the order's end says so, or the one who asked for a refund."""
    if payment.order_end is not None and payment.order_end.restock:
        return True
    succeeded = _succeeded(payment)
    return any(each.restock for each in payment.refunds if each.id in succeeded)

"""Giving money back on an admin's wish."""

from chassis.clock import Clock
from chassis.currencies import Money, currency
from chassis.errors import InvalidField, Unavailable
from chassis.ids import NewId
from svc_payments.model import refund_rules as refunding
from svc_payments.model.payment import Change, Payment
from svc_payments.model.refunds import Refund, RefundStatus
from svc_payments.model.refusals import RefundNotPossible
from svc_payments.usecases.ports import OutcomeUnknown, Payments, change
from svc_payments.usecases.settle_payment import SettlePayment

# The rest of a payment can be given back only once; of a part, that is not known without a key.
KEY_REQUIRED = "is required where only a part goes back, so that a repeated call refunds once"


class RefundPayment:
    """Refunds a payment, all or part of it."""

    def __init__(
        self, payments: Payments, settle: SettlePayment, *, clock: Clock, new_id: NewId
    ) -> None:
        self._payments = payments
        self._settle = settle
        self._clock = clock
        self._new_id = new_id

    async def __call__(
        self, payment_id: str, amount: Money | None, *, restock: bool, key: str = ""
    ) -> Payment:
        """Give back `amount`, or all that is left.

        Raises:
            NotFound: There is no such payment.
            RefundNotPossible: Less is left, or Stripe refuses to.
            InvalidField: The amount is nothing or in another currency, or has no key; restocking
                with a part.
            IdempotencyKeyReused: The key belongs to another refund of the payment.
            Unavailable: Stripe does not answer; the refund goes on by itself.
        """
        if amount is not None and not key:
            raise InvalidField("idempotency_key", KEY_REQUIRED)
        refund_id = self._new_id()

        def begun(payment: Payment) -> Change | None:
            minor = None if amount is None else _minor(amount, payment)
            return refunding.begin(
                payment, refund_id, key, minor, restock=restock, now=self._clock()
            )

        payment = await change(self._payments, payment_id, begun)
        (refund,) = (
            each for each in payment.refunds if each.id == refund_id or (key and each.key == key)
        )
        return await self._carried_out(payment, refund)

    async def _carried_out(self, payment: Payment, refund: Refund) -> Payment:
        try:
            payment = await self._settle(payment)
        except OutcomeUnknown as error:
            raise Unavailable("Stripe does not answer; the refund goes on by itself.") from error
        (after,) = (each for each in payment.refunds if each.id == refund.id)
        if after.status is RefundStatus.FAILED:
            raise RefundNotPossible(after.detail)
        return payment


def _minor(amount: Money, payment: Payment) -> int:
    if amount.currency != payment.amount.currency:
        raise InvalidField("amount.currency", f"must be {payment.amount.currency}")
    if amount.amount_minor < 1:
        raise InvalidField("amount.amount_minor", "must be at least 1")
    step = currency(amount.currency).step
    if amount.amount_minor % step:
        raise InvalidField("amount.amount_minor", f"must be a multiple of {step}")
    return amount.amount_minor

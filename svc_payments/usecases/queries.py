"""Looking at payments."""

from collections.abc import Sequence

import structlog

from chassis.clock import Clock
from chassis.errors import NotFound
from svc_payments.model.payment import Payment, PaymentStatus
from svc_payments.usecases.ports import Orders, OutcomeUnknown, Payments
from svc_payments.usecases.settle_payment import SettlePayment

log = structlog.get_logger(__name__)

# Of an order for which more cards were tried the last ones are shown.
MOST = 100


class ListOrderPayments:
    """All that was tried to pay an order."""

    def __init__(self, payments: Payments, orders: Orders) -> None:
        self._payments = payments
        self._orders = orders

    async def __call__(self, order_id: str) -> Sequence[Payment]:
        """Its payments, newest first; none where it was not tried.

        Raises:
            NotFound: There is no such order, or it is so new that it is not known yet.
        """
        payments = await self._payments.of_order(order_id, MOST)
        if not payments and await self._orders.get(order_id) is None:
            raise NotFound("There is no such order, or it is not known to the payments yet.")
        return payments


class GetPayment:
    """One of a user's payments, as up to date as Stripe lets it be."""

    def __init__(self, payments: Payments, settle: SettlePayment, *, clock: Clock) -> None:
        self._payments = payments
        self._settle = settle
        self._clock = clock

    async def __call__(self, user_id: str, payment_id: str) -> Payment:
        """The payment; an open one is asked of Stripe, unless its call is still under way.

        Raises:
            NotFound: There is none, or it is another user's.
        """
        payment = await self._payments.get(payment_id)
        if payment is None or payment.user_id != user_id:
            raise NotFound("There is no such payment.")
        if not self._is_to_be_asked(payment):
            return payment
        try:
            return await self._settle(payment)
        except OutcomeUnknown as error:
            log.warning("payment shown as known", payment_id=payment.id, error=str(error))
            return payment

    def _is_to_be_asked(self, payment: Payment) -> bool:
        if payment.status is PaymentStatus.REQUIRES_ACTION:
            return True
        is_due = payment.attend_at is not None and payment.attend_at <= self._clock()
        return payment.status is PaymentStatus.PENDING and is_due

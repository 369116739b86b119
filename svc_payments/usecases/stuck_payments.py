"""Payments that no sweep could settle in time, and what frees one of them."""

from datetime import timedelta

from chassis.clock import Clock
from chassis.errors import NotFound
from svc_payments.model.payment import Payment
from svc_payments.model.stuck import StuckPayment, stuck
from svc_payments.usecases.ports import Payments
from svc_payments.usecases.settle_payment import SettlePayment

# Longer than any that is unsettled is left alone.
ALL_UNSETTLED = timedelta(days=1)
MOST_UNSETTLED = 1_000
MOST = 100


class StuckPayments:
    """Finds them, and has one of them settled at once.

    Args:
        payments: The payments.
        settle: Asks Stripe.
        clock: The time.
        undecided_for: For how long a call to Stripe may be without an outcome.
    """

    def __init__(
        self,
        payments: Payments,
        settle: SettlePayment,
        *,
        clock: Clock,
        undecided_for: timedelta,
    ) -> None:
        self._payments = payments
        self._settle = settle
        self._clock = clock
        self._undecided_for = undecided_for

    async def list(self) -> list[StuckPayment]:
        """Those that are late, longest late first, at most 100."""
        now = self._clock()
        unsettled = await self._payments.due(now + ALL_UNSETTLED, MOST_UNSETTLED)
        late = [stuck(payment, now, self._undecided_for) for payment in unsettled]
        return sorted((each for each in late if each), key=lambda each: each.since)[:MOST]

    async def free(self, payment_id: str) -> Payment:
        """Settle one payment now; the payment after it.

        Raises:
            NotFound: There is none.
            OutcomeUnknown: Stripe does not answer.
        """
        payment = await self._payments.get(payment_id)
        if payment is None:
            raise NotFound("There is no such payment.")
        return await self._settle(payment)

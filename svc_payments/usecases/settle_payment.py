"""Finding out what Stripe made of a payment, and giving back what has to go back.

What is to be done is written down before Stripe is asked to do it, with the idempotency key that
Stripe is given. So a call that comes later, after a crash or an outage, can do it again or ask.

    0 ────────── repeat_for ────────── 2 x repeat_for ──▶ age of a charge without an answer
    repeat the call       only look for it       none there: it failed

The calls end well before the look that gives up, and a charge that should appear even later is a
stray: a webhook reports it, and it is refunded. Refunds without an answer are found the same way.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from cachetools import LRUCache

from chassis.clock import Clock
from svc_payments.model import refund_rules as refunding
from svc_payments.model.intents import GIVEN_UP, ORDER_ENDED, Intent, IntentStatus
from svc_payments.model.payment import Change, Payment, PaymentStatus
from svc_payments.model.refunds import Refund, RefundStatus, StripeRefund
from svc_payments.usecases.ports import (
    ChargeRefused,
    Orders,
    OutcomeUnknown,
    Payments,
    Processor,
    RefundRefused,
    change,
)

log = structlog.get_logger(__name__)

BATCH = 20
# Of so many payments a process knows that they have succeeded: webhooks tell of them in a moment.
REMEMBERED = 10_000
UNDECIDED = {IntentStatus.PROCESSING, IntentStatus.REQUIRES_ACTION}


class SettlePayment:
    """Takes a payment as far as it can be taken now.

    Every step can be repeated, by any number of processes at once: Stripe's idempotency keys and
    the payment's version decide between them.

    Args:
        payments: The payments.
        orders: What is known of their orders.
        processor: Stripe.
        clock: The time.
        repeat_for: How long a call without an answer is repeated; many times longer than a call
            may take.
    """

    def __init__(
        self,
        payments: Payments,
        orders: Orders,
        processor: Processor,
        *,
        clock: Clock,
        repeat_for: timedelta,
    ) -> None:
        self._payments = payments
        self._orders = orders
        self._processor = processor
        self._clock = clock
        self._repeat_for = repeat_for
        self._give_up_after = 2 * repeat_for
        self._succeeded: LRUCache[str, bool] = LRUCache(REMEMBERED)

    async def __call__(self, payment: Payment) -> Payment:
        """Settle the charge and the refunds.

        Raises:
            OutcomeUnknown: Stripe cannot be asked now; what was learned before is written.
        """
        if payment.is_open:
            payment = await self._charge(payment)
        return await self._give_back(payment)

    async def begin(self, payment: Payment) -> Payment:
        """Charge a payment that was just written, unless its order has ended meanwhile.

        Now that the payment can be seen, a cancellation either sees it, or is seen here before
        Stripe is asked for anything.

        Raises:
            OutcomeUnknown: As above.
        """
        if not await self._is_payable(payment):
            return await self._change(payment, lambda it: it.fail(ORDER_ENDED, self._clock()))
        return await self._give_back(await self._charge(payment, is_payable=True))

    async def _give_back(self, payment: Payment) -> Payment:
        """Settle the refunds."""
        payment = await self._change(payment, lambda it: refunding.begin_owed(it, self._clock()))
        for refund in payment.pending_refunds:
            payment = await self._refund(payment, refund)
        return payment

    async def learned(self, payment: Payment, intent: Intent) -> Payment:
        """Take what Stripe says of the payment's intent, and see to what follows from it."""
        now = self._clock()
        confirmable = payment.status is PaymentStatus.REQUIRES_ACTION
        is_late = intent.status in UNDECIDED and payment.is_over(now)
        if is_late or (intent.status is IntentStatus.DECLINED and confirmable):
            intent = await self._cancelled(payment, intent.id)
        payment = await self._change(payment, lambda it: it.learned(intent, self._clock()))
        if payment.status is PaymentStatus.SUCCEEDED:
            self._succeeded[payment.stripe_id] = True
        if payment.is_stray:
            log.warning("charged after it had failed", payment_id=payment.id)
        return payment

    def has_succeeded(self, stripe_id: str) -> bool:
        """Whether this process has written that this intent did, which never changes again."""
        return stripe_id in self._succeeded

    async def learn_refunds(self, payment: Payment) -> Payment:
        """Take what Stripe says of the payment's refunds; the sweep sees to what follows."""
        return await self._refunded(payment, await self._processor.refunds(payment))

    async def give_up(self, payment: Payment) -> Payment:
        """End a payment that waits for its shopper, unless they were faster."""
        return await self.learned(payment, await self._cancelled(payment, payment.stripe_id))

    async def sweep(self) -> None:
        """Settle what is due: what a crash, an outage or a lost webhook left behind."""
        due = await self._payments.due(self._clock(), BATCH)
        await asyncio.gather(*map(self._attend, due))

    async def _attend(self, payment: Payment) -> None:
        if not await self._payments.lease(payment, payment.next_attention(self._clock())):
            return
        try:
            await self(payment)
        except OutcomeUnknown as error:
            log.warning("payment stays unsettled", payment_id=payment.id, error=str(error))

    async def _charge(self, payment: Payment, *, is_payable: bool = False) -> Payment:
        """Settle the charge; `is_payable` says that the order was just seen to be so."""
        age = self._clock() - payment.created_at
        try:
            intent = await self._ask(payment, age < self._repeat_for, is_payable=is_payable)
        except ChargeRefused as refused:
            failure = refused.failure
            return await self._change(payment, lambda it: it.fail(failure, self._clock()))
        if intent is not None:
            return await self.learned(payment, intent)
        if age < self._give_up_after:
            raise OutcomeUnknown("no intent was found yet")
        return await self._change(payment, lambda it: it.fail(GIVEN_UP, self._clock()))

    async def _ask(self, payment: Payment, may_repeat: bool, *, is_payable: bool) -> Intent | None:
        """The payment's intent; None where there is none, and it is too late to make one."""
        if payment.stripe_id:
            return await self._processor.retrieve(payment.stripe_id)
        if not may_repeat or not (is_payable or await self._is_payable(payment)):
            return await self._processor.find(payment)
        try:
            return await self._processor.charge(payment)
        except OutcomeUnknown:
            # An idempotency key replays an internal error too, so its outcome has to be looked up.
            intent = await self._processor.find(payment)
            if intent is None:
                raise
            return intent

    async def _is_payable(self, payment: Payment) -> bool:
        order = await self._orders.get(payment.order_id)
        return order is not None and order.payable_until(self._clock()) is not None

    async def _cancelled(self, payment: Payment, stripe_id: str) -> Intent:
        # Nothing new is to be written, but a majority has to answer before Stripe is asked: a
        # primary that was replaced may lack what this rests on. So it does not matter either
        # whether another writer was first.
        await self._payments.lease(payment, payment.next_attention(self._clock()))
        return await self._processor.cancel(stripe_id)

    async def _refund(self, payment: Payment, refund: Refund) -> Payment:
        age = self._clock() - refund.begun_at
        if age >= self._repeat_for:
            payment = await self.learn_refunds(payment)
            if refund in payment.pending_refunds and age < self._give_up_after:
                raise OutcomeUnknown("no refund was found yet")
            # Where Stripe made nothing of it, the next sweep calls with the next attempt's key.
            return await self._change(
                payment, lambda it: refunding.tried_again(it, refund, self._clock())
            )
        try:
            made = await self._processor.refund(payment, refund)
        except RefundRefused as refused:
            detail = str(refused)
            log.warning("refund refused", payment_id=payment.id, refund_id=refund.id, detail=detail)
            # An earlier attempt may have made it, or an admin by hand in Stripe's dashboard.
            payment = await self.learn_refunds(payment)
            return await self._change(
                payment, lambda it: refunding.refused(it, refund, detail, self._clock())
            )
        return await self._refunded(payment, [made])

    async def _refunded(self, payment: Payment, made: Sequence[StripeRefund]) -> Payment:
        after = await self._change(payment, lambda it: refunding.learned(it, made, self._clock()))
        for each in set(after.refunds) - set(payment.refunds):
            if each.status is RefundStatus.FAILED:
                log.warning(
                    "refund failed", payment_id=after.id, refund_id=each.id, detail=each.detail
                )
        return after

    async def _change(
        self, payment: Payment, decide: Callable[[Payment], Change | None]
    ) -> Payment:
        return await change(self._payments, payment.id, decide, known=payment)

"""What payments do about what happens elsewhere. Each can be repeated, in any order."""

import structlog

from chassis.clock import Clock
from chassis.errors import Unavailable
from svc_payments.model.orders import Order
from svc_payments.model.payment import OrderOutcome, Payment, PaymentStatus
from svc_payments.usecases.ports import (
    Orders,
    OutcomeUnknown,
    Payments,
    ProcessedEvents,
    Processor,
    Titles,
    WebhookEvent,
    Webhooks,
    change,
)
from svc_payments.usecases.settle_payment import SettlePayment

log = structlog.get_logger(__name__)


class FollowOrders:
    """Keeps the order replica, and gives back what was paid for orders that ended."""

    def __init__(self, payments: Payments, orders: Orders, *, clock: Clock) -> None:
        self._payments = payments
        self._orders = orders
        self._clock = clock

    async def created(self, order: Order) -> None:
        """An order waits to be paid."""
        await self._orders.put(order)

    async def cancelled(self, order: Order, *, was_completed: bool) -> None:
        """An order ended: what was or will be captured for it goes back.

        The payment learns of it in one write, so the outcome of a charge that is under way comes
        before that write or after it, and in both cases the refund follows. Stripe is asked by the
        sweep: a call that hangs must not hold up the events of other orders.
        """
        await self._orders.put(order)
        payment = await self._payments.claiming(order.id)
        if payment is not None:
            end = OrderOutcome(was_completed)
            await change(self._payments, payment.id, lambda it: it.end_order(end, self._clock()))


class FollowProducts:
    """Keeps the titles of the products."""

    def __init__(self, titles: Titles) -> None:
        self._titles = titles

    async def changed(
        self, product_id: str, title: str, version: int, details_version: int = 0
    ) -> None:
        """A product was added or changed, or taken out of the shop, which leaves no title."""
        await self._titles.put(product_id, title, version, details_version)


class FollowStripe:
    """Takes webhooks as hints: what they say is asked of Stripe, so their order does not matter."""

    def __init__(
        self,
        payments: Payments,
        processor: Processor,
        webhooks: Webhooks,
        processed: ProcessedEvents,
        settle: SettlePayment,
        *,
        clock: Clock,
    ) -> None:
        self._payments = payments
        self._processor = processor
        self._webhooks = webhooks
        self._processed = processed
        self._settle = settle
        self._clock = clock

    async def delivered(self, payload: bytes, signature: str) -> None:
        """Something happened at Stripe; what is about no intent of ours is nothing to us.

        Raises:
            WebhookInvalid: It is not Stripe's.
            Unavailable: Stripe cannot be asked; it delivers the webhook again.
        """
        event = self._webhooks.verified(payload, signature)
        # Most tell of a charge whose answer was taken a moment before.
        if event is None or self._is_old_news(event):
            return
        payment = await self._payment(event)
        if payment is None or not (event.is_about_refunds or _is_undecided(payment)):
            return
        if await self._processed.contains(event.event_id):
            return
        try:
            await self._look(event, payment)
        except OutcomeUnknown as error:
            raise Unavailable("Stripe does not answer.") from error
        await self._processed.add(event.event_id, self._clock())

    def _is_old_news(self, event: WebhookEvent) -> bool:
        return not event.is_about_refunds and self._settle.has_succeeded(event.intent_id)

    async def _payment(self, event: WebhookEvent) -> Payment | None:
        payment = await self._payments.by_stripe_id(event.intent_id)
        if payment is None and event.payment_id:
            payment = await self._payments.get(event.payment_id)
        return payment

    async def _look(self, event: WebhookEvent, payment: Payment) -> None:
        if _is_undecided(payment):
            intent = await self._processor.retrieve(event.intent_id)
            if intent.payment_id != payment.id:
                log.warning("webhook of a foreign intent", payment_id=payment.id)
                return
            payment = await self._settle(await self._settle.learned(payment, intent))
        if event.is_about_refunds and payment.is_captured:
            await self._settle.learn_refunds(payment)


def _is_undecided(payment: Payment) -> bool:
    """Whether Stripe may know more of its charge; of a failed one too, which may be a stray."""
    return payment.is_open or payment.status is PaymentStatus.FAILED

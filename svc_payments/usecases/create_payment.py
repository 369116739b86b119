"""Paying an order: at most one charge, however often it is called."""

import structlog

from chassis.clock import Clock
from chassis.errors import InvalidField, NotFound, Unavailable
from chassis.ids import NewId
from chassis.mongo.optimistic_locking import PollPolicy
from svc_payments.model.intents import FailureKind
from svc_payments.model.orders import Order, describe
from svc_payments.model.payment import SOON, Card, Payment, PaymentStatus
from svc_payments.model.refusals import (
    CardDeclined,
    IdempotencyKeyReused,
    OrderNotPayable,
    PaymentInProgress,
)
from svc_payments.usecases.ports import Orders, OrderSource, OutcomeUnknown, Payments, Titles
from svc_payments.usecases.settle_payment import SettlePayment

log = structlog.get_logger(__name__)

TRIES = 5
GONE = "The order cannot be paid any more."
NOT_NOW = "Payments cannot be made at the moment. The card was not charged."
IN_PROGRESS = "A payment of this order has not ended yet; ask again in a moment."


class CreatePayment:
    """Charges an order, or finds the payment that already does.

    The claim of the order is a unique index: one of any number of parallel calls gets to charge;
    the others wait for its outcome and answer that. A call with another card goes on with it once
    the earlier attempt has failed, and ends an attempt that only waits for its shopper.
    """

    def __init__(
        self,
        payments: Payments,
        orders: Orders,
        source: OrderSource,
        titles: Titles,
        settle: SettlePayment,
        *,
        clock: Clock,
        new_id: NewId,
        poll: PollPolicy,
    ) -> None:
        self._payments = payments
        self._orders = orders
        self._source = source
        self._titles = titles
        self._settle = settle
        self._clock = clock
        self._new_id = new_id
        self._poll = poll

    async def __call__(self, user_id: str, order_id: str, card: Card, key: str = "") -> Payment:
        """Pay the user's order by this card.

        Returns:
            The payment, succeeded or waiting for the shopper to confirm it.

        Raises:
            NotFound: The user has no such order.
            OrderNotPayable: It is not pending, or its time is over.
            CardDeclined, InvalidField: No money was taken.
            Unavailable: Nor was it here: Stripe refuses how it is asked.
            PaymentInProgress: The outcome is not known yet.
            IdempotencyKeyReused: The key belongs to another order or card.
        """
        order = await self._order(user_id, order_id)
        for _ in range(TRIES):
            # Nearly always it is the first one: others are looked for where it is refused.
            payment = await self._new(order, card, key)
            if payment is not None and await self._payments.insert(payment):
                return self._answer(await self._charge(payment))
            if mine := await self._with_key(order, card, key):
                return self._answer(await self._ended(mine))
            if other := await self._payments.claiming(order_id):
                other = await self._ended(other)
                if other.card == card or not await self._has_made_way(other):
                    return self._answer(other)
            if payment is None:
                raise OrderNotPayable(GONE)
        raise PaymentInProgress(IN_PROGRESS)

    async def _with_key(self, order: Order, card: Card, key: str) -> Payment | None:
        mine = await self._payments.by_key(order.user_id, _given(key)) if key else None
        if mine is not None and (mine.order_id, mine.card) != (order.id, card):
            raise IdempotencyKeyReused("The key belongs to another payment.")
        return mine

    async def _order(self, user_id: str, order_id: str) -> Order:
        known = await self._orders.get(order_id)
        if known is not None and known.user_id != user_id:
            raise NotFound("There is no such order.")
        try:
            # The source knows of a cancellation that is still on its way here.
            order = await self._source.own(order_id)
        except Unavailable:
            if known is None:
                raise
            return known  # charged for an order that has ended, the money goes back by itself
        if order.user_id != user_id:
            raise NotFound("There is no such order.")
        if known is not None and known.version >= order.version:
            return known
        await self._orders.put(order)
        return order

    async def _new(self, order: Order, card: Card, key: str) -> Payment | None:
        """The payment to begin; None where the order cannot be paid."""
        now = self._clock()
        expires_at = order.payable_until(now)
        if expires_at is None:
            return None
        titles = await self._titles.get([item.product_id for item in order.items])
        payment_id = self._new_id()
        return Payment(
            id=payment_id,
            order_id=order.id,
            user_id=order.user_id,
            key=_given(key) if key else f"none:{payment_id}",
            card=card,
            amount=order.total,
            items=order.items,
            description=describe(order, titles),
            created_at=now,
            expires_at=expires_at,
            attend_at=now + SOON,
            order_number=order.number,
        )

    async def _charge(self, payment: Payment) -> Payment:
        try:
            return await self._settle.begin(payment)
        except OutcomeUnknown as error:
            log.warning("payment without an answer", payment_id=payment.id, error=str(error))
            raise PaymentInProgress(IN_PROGRESS) from error

    async def _ended(self, payment: Payment) -> Payment:
        """The payment once its call to Stripe has ended; asked again if its shopper must act."""
        for _ in range(self._poll.polls):
            if payment.status is not PaymentStatus.PENDING:
                break
            await self._poll.pause()
            payment = await self._payments.get(payment.id) or payment
        if payment.status is PaymentStatus.PENDING:
            raise PaymentInProgress(IN_PROGRESS)
        if payment.status is PaymentStatus.REQUIRES_ACTION:
            try:
                return await self._settle(payment)
            except OutcomeUnknown as error:
                raise PaymentInProgress(IN_PROGRESS) from error
        return payment

    async def _has_made_way(self, other: Payment) -> bool:
        """Whether another card can be charged now: the other payment ended without money."""
        if other.status is PaymentStatus.REQUIRES_ACTION:
            try:
                other = await self._settle.give_up(other)
            except OutcomeUnknown as error:
                raise PaymentInProgress(IN_PROGRESS) from error
        return other.status is PaymentStatus.FAILED

    def _answer(self, payment: Payment) -> Payment:
        is_held = payment.status in {PaymentStatus.SUCCEEDED, PaymentStatus.REQUIRES_ACTION}
        if is_held and payment.order_end is None:
            return payment
        if payment.status is PaymentStatus.PENDING:
            raise PaymentInProgress(IN_PROGRESS)  # the bank takes its time
        failure = payment.failure
        if failure is None or payment.order_end or failure.kind is FailureKind.ORDER_ENDED:
            raise OrderNotPayable(GONE)
        if failure.kind is FailureKind.INVALID_CARD:
            raise InvalidField(payment.card.kind.value, failure.message)
        if failure.kind is FailureKind.INTEGRATION:
            raise Unavailable(NOT_NOW)
        raise CardDeclined(failure.message, failure.code, payment.id)


def _given(key: str) -> str:
    """A client's key as payments keep it: apart from the keys that we make up ourselves."""
    return f"given:{key}"

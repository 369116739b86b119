"""A payments service on fakes, whose time is set by hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from chassis.currencies import Money
from chassis.mongo.optimistic_locking import PollPolicy
from svc_payments.model.intents import IntentStatus
from svc_payments.model.orders import Item, Order
from svc_payments.model.payment import Card, CardKind, Payment, PaymentRefunded, PaymentStatus
from svc_payments.model.refunds import RefundStatus
from svc_payments.model.refusals import PaymentInProgress
from svc_payments.usecases.create_payment import CreatePayment
from svc_payments.usecases.event_handlers import FollowOrders, FollowProducts, FollowStripe
from svc_payments.usecases.queries import GetPayment, ListOrderPayments
from svc_payments.usecases.reconcile import ReconcileOrders
from svc_payments.usecases.refund_payment import RefundPayment
from svc_payments.usecases.settle_payment import SettlePayment
from svc_payments.usecases.stuck_payments import StuckPayments
from tests.support.interleaving import Turns
from tests.unit.svc_orders.killing import Fuse
from tests.unit.svc_payments.fake_stripe import FakeStripe, Fault
from tests.unit.svc_payments.fakes import (
    FakeOrders,
    FakeOrderSource,
    FakePayments,
    FakeProcessedEvents,
    FakeTitles,
    FakeWebhooks,
    delivery,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIFETIME = timedelta(minutes=15)
REPEAT_FOR = timedelta(minutes=2)
GIVE_UP_AFTER = 2 * REPEAT_FOR
TOTAL = Money(2000, "USD")
NUMBER = "4821-5539-0714"
ITEMS = (Item("lamp", "Lamp", Money(1000, "USD"), 2),)


def card(name: str = "visa") -> Card:
    return Card(CardKind.PAYMENT_METHOD, name)


def order(order_id: str = "o1", user_id: str = "ann") -> Order:
    until = NOON + LIFETIME
    return Order(order_id, user_id, True, TOTAL, ITEMS, version=2, expires_at=until, number=NUMBER)


@dataclass
class Process:
    """One process of the service."""

    create: CreatePayment
    get: GetPayment
    refund: RefundPayment
    list_of_order: ListOrderPayments
    reconcile: ReconcileOrders
    settle: SettlePayment
    follow_orders: FollowOrders
    follow_products: FollowProducts
    follow_stripe: FollowStripe
    stuck: StuckPayments


class World:
    """What outlives processes: the database, Stripe, and the time. There is one order, `o1`."""

    def __init__(self, looks: int = 100) -> None:
        self.now = NOON
        self.looks = looks
        self.payments = FakePayments()
        self.orders = FakeOrders()
        # What events have told is enough; tests of asking the orders bring them back.
        self.source = FakeOrderSource(is_away=True)
        self.titles = FakeTitles()
        self.processed = FakeProcessedEvents()
        self.stripe = FakeStripe()
        self._ids = count(1)
        self.orders.orders["o1"] = order()
        self.process = self.start()

    def start(self, seen_by: Fuse | Turns | None = None) -> Process:
        """A process; it dies where a fuse says so, or takes turns with another one."""
        on: Callable[..., object] = seen_by.on if seen_by else lambda port: port
        payments: FakePayments = on(self.payments)  # type: ignore[assignment]  # looks like it
        orders: FakeOrders = on(self.orders)  # type: ignore[assignment]
        stripe: FakeStripe = on(self.stripe)  # type: ignore[assignment]
        processed: FakeProcessedEvents = on(self.processed)  # type: ignore[assignment]
        settle = SettlePayment(payments, orders, stripe, clock=self.clock, repeat_for=REPEAT_FOR)
        return Process(
            CreatePayment(
                payments,
                orders,
                self.source,
                self.titles,
                settle,
                clock=self.clock,
                new_id=self.new_id,
                poll=PollPolicy(self.looks, lambda: asyncio.sleep(0)),
            ),
            GetPayment(payments, settle, clock=self.clock),
            RefundPayment(payments, settle, clock=self.clock, new_id=self.new_id),
            ListOrderPayments(payments, orders),
            ReconcileOrders(payments, clock=self.clock),
            settle,
            FollowOrders(payments, orders, clock=self.clock),
            FollowProducts(self.titles),
            FollowStripe(payments, stripe, FakeWebhooks(), processed, settle, clock=self.clock),
            StuckPayments(payments, settle, clock=self.clock, undecided_for=GIVE_UP_AFTER),
        )

    def clock(self) -> datetime:
        return self.now

    def new_id(self) -> str:
        return f"p{next(self._ids):03}"

    async def pay(
        self, name: str = "visa", key: str = "", process: Process | None = None
    ) -> Payment:
        """Ann pays her order."""
        return await (process or self.process).create("ann", "o1", card(name), key)

    async def pay_unanswered(self, fault: Fault = Fault.LOST_AFTER) -> None:
        """Ann pays, and no answer comes."""
        self.stripe.faults = [fault]
        self.stripe.deaf = True
        with pytest.raises(PaymentInProgress):
            await self.pay()
        self.stripe.deaf = False

    async def end_order(
        self, *, was_completed: bool = False, process: Process | None = None
    ) -> None:
        """`order.cancelled` arrives; where no process is named, the background goes on with it."""
        ended = replace(order(), is_pending=False, version=9, expires_at=None)
        follow = (process or self.process).follow_orders
        await follow.cancelled(ended, was_completed=was_completed)
        if process is None:
            await self.sweep()

    async def hear(
        self, event_id: str = "evt", stripe_id: str = "pi_1", process: Process | None = None
    ) -> None:
        """A webhook about a refund of an intent arrives."""
        body = delivery(event_id, stripe_id, is_about_refunds=True)
        await (process or self.process).follow_stripe.delivered(body, "good")

    async def sweep(self, **span: float) -> None:
        """The background, some time later."""
        self.now += timedelta(**span)
        await self.process.settle.sweep()

    async def settle_down(self) -> None:
        """Half an hour of sweeps: longer than any order or payment may stay undecided."""
        end = self.now + timedelta(minutes=30)
        while any(each.attend_at for each in self.payments.payments.values()) and self.now < end:
            await self.sweep(seconds=10)
        self.now = end

    def only(self) -> Payment:
        """The one payment there is."""
        (payment,) = self.payments.payments.values()
        return payment

    def payment(self, payment_id: str) -> Payment:
        return self.payments.payments[payment_id]

    def announced(self) -> list[str]:
        """The events, oldest first."""
        return [type(event).__name__ for event in self.payments.events]

    def check_books(self) -> None:
        """What holds when all is quiet, whatever happened before."""
        ended = not self.orders.orders["o1"].is_pending
        nets = self.stripe.net_charges("o1")
        assert len(nets) <= 1, "charged twice"
        for payment in self.payments.payments.values():
            self._check(payment, ended=ended)
        captured = [
            each
            for each in self.payments.payments.values()
            if each.is_captured and not each.is_stray
        ]
        assert len(captured) <= 1
        if ended:
            assert nets == []

    def _check(self, payment: Payment, *, ended: bool) -> None:
        assert not payment.is_open
        assert payment.pending_refunds == ()
        assert payment.attend_at is None
        assert payment.owed_minor == 0
        made = [each for each in self.stripe.intents.values() if each.payment_id == payment.id]
        assert len(made) <= 1
        net = sum(each.net for each in made)
        events = [
            type(each).__name__ for each in self.payments.events if each.payment.id == payment.id
        ]
        if payment.status is PaymentStatus.FAILED:
            assert net == 0
            assert events == ["PaymentFailed"]
            return
        assert net == payment.amount.amount_minor - payment.refunded_minor
        assert made[0].status is IntentStatus.SUCCEEDED
        assert events.count("PaymentCreated") <= 1
        assert ended or events.count("PaymentCreated") == 1
        assert "PaymentFailed" not in events
        self._check_events(payment)

    def _check_events(self, payment: Payment) -> None:
        """Every refund that went back was announced, and none of them twice."""
        announced: set[str] = set()
        for event in self.payments.events:
            if isinstance(event, PaymentRefunded) and event.payment.id == payment.id:
                assert _back(event.payment) - announced, "announced twice"
                announced |= _back(event.payment)
        assert _back(payment) <= announced


def _back(payment: Payment) -> set[str]:
    return {each.id for each in payment.refunds if each.status is RefundStatus.SUCCEEDED}

"""The ports of the payments service in memory, but for Stripe. Every call yields."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chassis.errors import NotFound, Unavailable
from svc_payments.model.orders import Order
from svc_payments.model.payment import Change, Payment, PaymentEvent
from svc_payments.model.refusals import WebhookInvalid
from svc_payments.usecases.ports import WebhookEvent


class FakePayments:
    """Payments in a dict; `events` is what was announced, oldest first."""

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        self.events: list[PaymentEvent] = []

    async def insert(self, payment: Payment) -> bool:
        await asyncio.sleep(0)
        for each in self.payments.values():
            if each.order_id == payment.order_id and each.holds_claim:
                return False
            if (each.user_id, each.key) == (payment.user_id, payment.key):
                return False
        self.payments[payment.id] = payment
        return True

    async def save(self, change: Change) -> bool:
        await asyncio.sleep(0)
        payment = change.payment
        if self.payments[payment.id].version != payment.version - 1:
            return False
        self.payments[payment.id] = payment
        self.events += change.events
        return True

    async def lease(self, payment: Payment, until: datetime | None) -> bool:
        await asyncio.sleep(0)
        current = self.payments[payment.id]
        if (current.version, current.attend_at) != (payment.version, payment.attend_at):
            return False
        self.payments[payment.id] = replace(current, attend_at=until)
        return True

    async def get(self, payment_id: str) -> Payment | None:
        await asyncio.sleep(0)
        return self.payments.get(payment_id)

    async def by_key(self, user_id: str, key: str) -> Payment | None:
        await asyncio.sleep(0)
        found = (each for each in self.payments.values() if each.key == key)
        return next((each for each in found if each.user_id == user_id), None)

    async def by_stripe_id(self, stripe_id: str) -> Payment | None:
        await asyncio.sleep(0)
        found = (each for each in self.payments.values() if each.stripe_id == stripe_id)
        return next(found, None)

    async def claiming(self, order_id: str) -> Payment | None:
        await asyncio.sleep(0)
        found = (each for each in self.payments.values() if each.order_id == order_id)
        return next((each for each in found if each.holds_claim), None)

    async def claims(self, order_ids: Sequence[str]) -> Mapping[str, Payment]:
        await asyncio.sleep(0)
        held = [each for each in self.payments.values() if each.holds_claim]
        return {each.order_id: each for each in held if each.order_id in order_ids}

    async def of_order(self, order_id: str, limit: int) -> Sequence[Payment]:
        await asyncio.sleep(0)
        found = [each for each in self.payments.values() if each.order_id == order_id]
        return sorted(found, key=lambda each: (each.created_at, each.id), reverse=True)[:limit]

    async def due(self, now: datetime, limit: int) -> Sequence[Payment]:
        await asyncio.sleep(0)
        timed = [(each.attend_at, each) for each in self.payments.values()]
        due = [(at, each) for at, each in timed if at is not None and at <= now]
        return [each for _, each in sorted(due, key=lambda pair: pair[0])][:limit]


class FakeOrders:
    """The order replica in a dict."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}

    async def put(self, order: Order) -> None:
        await asyncio.sleep(0)
        known = self.orders.get(order.id)
        if known is None or known.version < order.version:
            self.orders[order.id] = order

    async def get(self, order_id: str) -> Order | None:
        await asyncio.sleep(0)
        return self.orders.get(order_id)


class FakeOrderSource:
    """The orders service, asked by the one user whose orders it has; or away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.orders: dict[str, Order] = {}
        self.is_away = is_away

    async def own(self, order_id: str) -> Order:
        await asyncio.sleep(0)
        if self.is_away:
            raise Unavailable("The orders do not answer; try again.")
        if order_id not in self.orders:
            raise NotFound("There is no such order.")
        return self.orders[order_id]


class FakeTitles:
    """Titles in a dict."""

    def __init__(self) -> None:
        self.titles: dict[str, tuple[str, int]] = {}

    async def put(
        self, product_id: str, title: str, version: int, details_version: int = 0
    ) -> None:
        await asyncio.sleep(0)
        if product_id not in self.titles or self.titles[product_id][1] < version:
            self.titles[product_id] = (title, version)

    async def get(self, product_ids: Sequence[str]) -> Mapping[str, str]:
        await asyncio.sleep(0)
        return {each: self.titles[each][0] for each in product_ids if each in self.titles}


class FakeProcessedEvents:
    """The webhook events that were processed."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    async def contains(self, event_id: str) -> bool:
        await asyncio.sleep(0)
        return event_id in self.seen

    async def add(self, event_id: str, at: datetime) -> None:
        await asyncio.sleep(0)
        self.seen.add(event_id)


class FakeWebhooks:
    """Takes payloads of `delivery`, signed `good`."""

    def verified(self, payload: bytes, signature: str) -> WebhookEvent | None:
        if signature != "good":
            raise WebhookInvalid("The signature is not Stripe's.")
        event = WebhookEvent(*json.loads(payload))
        return event if event.intent_id else None


def delivery(
    event_id: str, intent_id: str, payment_id: str = "", *, is_about_refunds: bool = False
) -> bytes:
    """What FakeWebhooks reads."""
    return json.dumps([event_id, intent_id, payment_id, is_about_refunds]).encode()

"""What the use cases need from outside."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.errors import Unavailable
from chassis.mongo import optimistic_locking
from svc_payments.model.intents import Failure, Intent
from svc_payments.model.orders import Order
from svc_payments.model.payment import Change, Payment
from svc_payments.model.refunds import Refund, StripeRefund


class Payments(Protocol):
    """The payments."""

    async def insert(self, payment: Payment) -> bool:
        """Keep a new payment; False where its order's claim is held, or its user has its key."""

    async def save(self, change: Change) -> bool:
        """Write the next version with its events; False where another was written first."""

    async def lease(self, payment: Payment, until: datetime | None) -> bool:
        """Have the others look after it only then; False where another worker did so first."""

    async def get(self, payment_id: str) -> Payment | None:
        """The payment as it is now."""

    async def by_key(self, user_id: str, key: str) -> Payment | None:
        """The user's payment with this idempotency key."""

    async def by_stripe_id(self, stripe_id: str) -> Payment | None:
        """The payment of this PaymentIntent, once that is known."""

    async def claiming(self, order_id: str) -> Payment | None:
        """The payment that holds the order's claim: it is open or has succeeded."""

    async def claims(self, order_ids: Sequence[str]) -> Mapping[str, Payment]:
        """Of those orders that have one, the payment that holds the claim."""

    async def of_order(self, order_id: str, limit: int) -> Sequence[Payment]:
        """All payments of an order, newest first."""

    async def due(self, now: datetime, limit: int) -> Sequence[Payment]:
        """Payments to look after, longest due first."""


class Orders(Protocol):
    """The replica of the orders."""

    async def put(self, order: Order) -> None:
        """Keep it, unless the replica has this version or a newer one."""

    async def get(self, order_id: str) -> Order | None:
        """The order in the version that is known."""


class OrderSource(Protocol):
    """The orders at their source."""

    async def own(self, order_id: str) -> Order:
        """An order of the caller's; raises NotFound, or Unavailable."""


class Titles(Protocol):
    """The replica of the products' titles."""

    async def put(
        self, product_id: str, title: str, version: int, details_version: int = 0
    ) -> None:
        """Keep it, unless the replica has this version or a newer one.

        `details_version` grows with the title, but not with the stock; 0 where it is not known.
        """

    async def get(self, product_ids: Sequence[str]) -> Mapping[str, str]:
        """Titles by product id, of those that are known."""


class OutcomeUnknown(Unavailable):
    """Stripe did not answer, or not so that one could tell what it did.

    Args:
        why: For the log.
    """

    def __init__(self, why: str = "") -> None:
        super().__init__("Stripe does not answer.")
        self.why = why

    def __str__(self) -> str:
        return self.why


class ChargeRefused(Exception):
    """Stripe did not begin the charge; it made no intent."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class RefundRefused(Exception):
    """Stripe did not begin the refund; the message says why."""


class Processor(Protocol):
    """Stripe. Each call raises OutcomeUnknown where its outcome is not known."""

    async def charge(self, payment: Payment) -> Intent:
        """Make the payment's intent and confirm it; the same again answers the same.

        Raises:
            ChargeRefused: The request cannot be carried out.
        """

    async def find(self, payment: Payment) -> Intent | None:
        """The intent that was made for the payment, if one was."""

    async def retrieve(self, stripe_id: str) -> Intent:
        """The intent as it is now."""

    async def cancel(self, stripe_id: str) -> Intent:
        """See to it that no money can come of the intent any more.

        Returns:
            The intent after it: canceled, or succeeded where that was first.
        """

    async def refund(self, payment: Payment, refund: Refund) -> StripeRefund:
        """Give money back, never more than is left; the same again answers the same.

        Raises:
            RefundRefused: The request cannot be carried out.
        """

    async def refunds(self, payment: Payment) -> Sequence[StripeRefund]:
        """All refunds of the payment as they are now, also those made by hand at Stripe."""


@dataclass(frozen=True)
class WebhookEvent:
    """What a webhook is taken for: a hint that something happened to an intent.

    Attributes:
        payment_id: The payment that it was made for, where the webhook says so.
        is_about_refunds: It happened to a refund of the intent.
    """

    event_id: str
    intent_id: str
    payment_id: str
    is_about_refunds: bool


class Webhooks(Protocol):
    """Tells Stripe's deliveries from others."""

    def verified(self, payload: bytes, signature: str) -> WebhookEvent | None:
        """What the delivery is about; None where it is about no intent.

        Raises:
            WebhookInvalid: Unsigned, wrongly signed, older than the tolerance, or no event.
        """


class ProcessedEvents(Protocol):
    """Which webhook events were processed."""

    async def contains(self, event_id: str) -> bool:
        """Whether it was processed."""

    async def add(self, event_id: str, at: datetime) -> None:
        """It was processed."""


async def change(
    payments: Payments,
    payment_id: str,
    decide: Callable[[Payment], Change | None],
    known: Payment | None = None,
) -> Payment:
    """Apply `decide` to the payment as it is, until its result could be written; returns it after.

    Args:
        payments: The payments.
        payment_id: Of the payment.
        decide: May be called again with a newer version.
        known: As it was last seen; it is read where that is not given, or is no longer so.

    Raises:
        NotFound: There is no such payment; also whatever `decide` raises.
        Unavailable: Others keep changing the payment.
    """
    return await optimistic_locking.change(
        payments,
        payment_id,
        decide,
        lambda changed: changed.payment,
        noun="payment",
        known=known,
    )

"""Each port of the payments service, once in memory and once on what it stands for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from svc_payments.messages import event_message
from svc_payments.peers.stripe_api import StripeApi
from svc_payments.store import (
    INDEXES,
    PAYMENTS,
    MongoOrders,
    MongoPayments,
    MongoProcessedEvents,
    MongoTitles,
)
from svc_payments.usecases.ports import Orders, Payments, ProcessedEvents, Processor, Titles
from tests.support.databases import empty_database, entries_of
from tests.support.stripe import Emulator
from tests.unit.svc_payments.fake_stripe import FakeStripe
from tests.unit.svc_payments.fakes import FakeOrders, FakePayments, FakeProcessedEvents, FakeTitles

FAKE, REAL = "fake", "real"

TOPICS = {
    "PaymentCreated": "payment.created",
    "PaymentFailed": "payment.failed",
    "PaymentRefunded": "payment.refunded",
}
# What the fake's cards are called at Stripe.
CARDS = {
    "visa": "pm_card_visa",
    "poor": "pm_card_visa_chargeDeclinedInsufficientFunds",
    "secure": "pm_card_threeDSecure2Required",
    "slow": "pm_card_processing",
    "late refund": "pm_card_pendingRefund",
    "bogus": "pm_card_bogus",
}
# Longer than the emulator takes, and shorter than the fault that answers too late.
TIMEOUT = timedelta(seconds=1)


@dataclass(frozen=True)
class PaymentsUnderTest:
    """The port, and what it announced: topics, oldest first."""

    port: Payments
    announced: Callable[[], Awaitable[Sequence[str]]]


@dataclass(frozen=True)
class ProcessorUnderTest:
    """The port, its cards by what they do, and what others do at Stripe.

    Attributes:
        answer_challenge: The shopper has been to their bank.
        refund_by_hand: Somebody gives an amount of an intent back in Stripe's dashboard, and gets
            the refund's id.
        fail_refund: The card's bank did not take the money.
    """

    port: Processor
    cards: Mapping[str, str]
    answer_challenge: Callable[[str, bool], None]
    refund_by_hand: Callable[[str, int], str]
    fail_refund: Callable[[str], None]


@pytest.fixture
async def stripe_api(stripe: Emulator) -> AsyncIterator[StripeApi]:
    """The adapter on the emulator."""
    api = StripeApi(stripe.secret_key, url=stripe.url, timeout=TIMEOUT)
    yield api
    stripe.clear()
    await api.close()


@pytest.fixture(params=[FAKE, REAL])
def processor(request: pytest.FixtureRequest) -> ProcessorUnderTest:
    """Stripe, both kinds."""
    if request.param == FAKE:
        fake = FakeStripe()

        def answer(stripe_id: str, passed: bool) -> None:
            fake.answer_challenge(stripe_id, passed=passed)

        return ProcessorUnderTest(
            fake, {name: name for name in CARDS}, answer, fake.refund_by_hand, fake.fail_refund
        )
    stripe: Emulator = request.getfixturevalue("stripe")

    def answer_page(stripe_id: str, passed: bool) -> None:
        with suppress(httpx.HTTPStatusError):  # there may be no question any more
            stripe.answer_challenge(stripe_id, passed)

    return ProcessorUnderTest(
        request.getfixturevalue("stripe_api"),
        CARDS,
        answer_page,
        stripe.refund_by_hand,
        stripe.fail_refund,
    )


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the indexes of payments."""
    async with empty_database(mongodb_url, INDEXES) as database:
        yield database


@pytest.fixture(params=[FAKE, REAL])
def payments(request: pytest.FixtureRequest) -> PaymentsUnderTest:
    """The payments, both kinds."""
    if request.param == FAKE:
        fake = FakePayments()

        async def announced() -> Sequence[str]:
            return [TOPICS[type(event).__name__] for event in fake.events]

        return PaymentsUnderTest(fake, announced)
    database: AsyncDatabase[Document] = request.getfixturevalue("database")

    async def written() -> Sequence[str]:
        entries = await entries_of(database[PAYMENTS])
        return [entry["topic"] for entry in sorted(entries, key=lambda each: str(each["at"]))]

    outbox = Outbox(database[PAYMENTS], event_message)
    return PaymentsUnderTest(MongoPayments(database, outbox), written)


@pytest.fixture(params=[FAKE, REAL])
def orders(request: pytest.FixtureRequest) -> Orders:
    """The order replica, both kinds."""
    if request.param == FAKE:
        return FakeOrders()
    return MongoOrders(request.getfixturevalue("database"))


@pytest.fixture(params=[FAKE, REAL])
def titles(request: pytest.FixtureRequest) -> Titles:
    """The replica of the titles, both kinds."""
    return (
        FakeTitles() if request.param == FAKE else MongoTitles(request.getfixturevalue("database"))
    )


@pytest.fixture(params=[FAKE, REAL])
def processed(request: pytest.FixtureRequest) -> ProcessedEvents:
    """The processed events, both kinds."""
    if request.param == FAKE:
        return FakeProcessedEvents()
    return MongoProcessedEvents(request.getfixturevalue("database"))

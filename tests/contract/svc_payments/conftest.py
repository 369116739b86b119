"""Each port of the payments service, once in memory and once on what it stands for."""

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from devstack.servers import Servers
from svc_payments.messages import event_message
from svc_payments.peers.stripe_api import StripeApi
from svc_payments.store import (
    INDEXES,
    PAYMENTS,
    MongoNotices,
    MongoOrders,
    MongoPayments,
    MongoTitles,
)
from svc_payments.usecases.ports import Notices, Orders, Payments, Processor, Titles
from tests.support.databases import empty_database, entries_of
from tests.unit.svc_payments.fake_stripe import FakeStripe
from tests.unit.svc_payments.fakes import FakeNotices, FakeOrders, FakePayments, FakeTitles

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


@dataclass(frozen=True)
class Emulator:
    """Stripe's emulator."""

    url: str

    def switch_on(self, kind: str, **fault: object) -> None:
        """Have it fail."""
        body = {"kind": kind, "match": {"path": "/v1/*"}} | fault
        httpx.post(f"{self.url}/_emulator/faults", json=body).raise_for_status()

    def clear(self) -> None:
        """Have it work."""
        httpx.delete(f"{self.url}/_emulator/faults").raise_for_status()

    def answer_challenge(self, stripe_id: str, passed: bool) -> None:
        """The shopper has been to their bank."""
        answer = "complete" if passed else "fail"
        httpx.post(f"{self.url}/_emulator/3ds/{stripe_id}/{answer}").raise_for_status()

    def refund_by_hand(self, stripe_id: str, amount_minor: int) -> str:
        """Give money back as Stripe's dashboard does."""
        form = {"payment_intent": stripe_id, "amount": amount_minor}
        answer = httpx.post(f"{self.url}/v1/refunds", data=form, auth=("sk_test_x", ""))
        refund_id: str = answer.raise_for_status().json()["id"]
        return refund_id

    def fail_refund(self, refund_id: str) -> None:
        """The card's bank did not take the money."""
        httpx.post(f"{self.url}/_emulator/refunds/{refund_id}/failed").raise_for_status()

    def return_url(self, stripe_id: str) -> str:
        """Where the bank sends the shopper."""
        answer = httpx.get(f"{self.url}/v1/payment_intents/{stripe_id}", auth=("sk_test_x", ""))
        url: str = answer.json()["next_action"]["redirect_to_url"]["return_url"]
        return url

    def net_charges(self, order_id: str) -> list[int]:
        """What is left of each charge of an order, where anything is."""
        wanted = {"metadata[order_id]": order_id}
        answer = httpx.get(f"{self.url}/_emulator/charges", params=wanted)
        return [entry["net"] for entry in answer.json()["data"] if entry["net"]]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator of this run's own, as its faults would strike others too."""
    data = tmp_path_factory.mktemp("stripe") / "stripe.db"
    command = [sys.executable, "-m", "devstack.stripe_emulator", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "listening on" in line, line
        yield Emulator(f"http://127.0.0.1:{line.rpartition(':')[2].strip()}")
        process.terminate()


@pytest.fixture
async def stripe_api(emulator: Emulator) -> AsyncIterator[StripeApi]:
    """The adapter on the emulator."""
    api = StripeApi("sk_test_contract", url=emulator.url, timeout=TIMEOUT)
    yield api
    emulator.clear()
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
    emulator: Emulator = request.getfixturevalue("emulator")

    def answer_page(stripe_id: str, passed: bool) -> None:
        with suppress(httpx.HTTPStatusError):  # there may be no question any more
            emulator.answer_challenge(stripe_id, passed)

    return ProcessorUnderTest(
        request.getfixturevalue("stripe_api"),
        CARDS,
        answer_page,
        emulator.refund_by_hand,
        emulator.fail_refund,
    )


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the indexes of payments."""
    async with empty_database(servers, "payments", INDEXES) as database:
        yield database


@pytest.fixture(params=[FAKE, REAL])
def payments(request: pytest.FixtureRequest) -> PaymentsUnderTest:
    """The payments, both kinds."""
    if request.param == FAKE:
        fake = FakePayments()

        async def told() -> Sequence[str]:
            return [TOPICS[type(event).__name__] for event in fake.events]

        return PaymentsUnderTest(fake, told)
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
def notices(request: pytest.FixtureRequest) -> Notices:
    """The notices, both kinds."""
    if request.param == FAKE:
        return FakeNotices()
    return MongoNotices(request.getfixturevalue("database"))

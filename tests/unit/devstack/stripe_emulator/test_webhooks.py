from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest
import stripe

from devstack.stripe_emulator.ledger import Ledger
from devstack.stripe_emulator.store import Delivery, Store
from devstack.stripe_emulator.webhooks import (
    PATIENCE_SECONDS,
    Dispatcher,
    next_attempt,
    retry_delay,
    signature,
)
from tests.support.clock import FakeSeconds

pytestmark = pytest.mark.anyio

SECRET = "whsec_test"
CHARGE = {"id": "ch_1", "object": "charge", "created": 1}


@dataclass
class Receiver:
    """Answers with the statuses it was given, then with 200; None means no answer."""

    answers: Iterator[int | None]
    received: list[tuple[bytes, str]] = field(default_factory=list)

    async def post(self, payload: bytes, header: str) -> int:
        self.received.append((payload, header))
        answer = next(self.answers, 200)
        if answer is None:
            raise httpx.ConnectError("refused")
        return answer


def announce(store: Store, clock: FakeSeconds, *delays: float) -> None:
    numbers: Callable[[str], str] = lambda prefix: f"{prefix}_{clock.now}"  # noqa: E731
    Ledger(store, clock.now, numbers, lambda _: delays, {}).announce("charge.succeeded", CHARGE)


def test_the_library_accepts_the_signature() -> None:
    payload = b'{"id": "evt_1"}'
    header = signature(payload, SECRET, 1_800_000_000)

    stripe.WebhookSignature.verify_header(payload.decode(), header, SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(payload.decode() + " ", header, SECRET)


def test_retries_back_off_to_a_minute() -> None:
    assert [retry_delay(n) for n in (1, 2, 3, 6, 7, 10_000)] == [1, 2, 4, 32, 60, 60]


def test_after_three_days_there_is_no_other_attempt() -> None:
    old = Delivery(1, "evt_1", queued=1000.0, attempts=500)

    assert next_attempt(old, 1000.0 + PATIENCE_SECONDS - 60) == 1000.0 + PATIENCE_SECONDS
    assert next_attempt(old, 1000.0 + PATIENCE_SECONDS - 59) is None


async def test_a_delivery_is_repeated_until_it_is_accepted(store: Store) -> None:
    clock, receiver = FakeSeconds(1_800_000_000.0), Receiver(iter([500, None]))
    dispatcher = Dispatcher(store, receiver.post, SECRET, clock)
    announce(store, clock, 0.0)

    assert await dispatcher.deliver_due() == 1
    assert await dispatcher.deliver_due() == 0  # not before a second has passed
    clock.now += 1
    assert await dispatcher.deliver_due() == 1
    clock.now += 2
    assert await dispatcher.deliver_due() == 1

    assert store.delivery_counts() == {"waiting": 0, "delivered": 1, "abandoned": 0}
    assert len({payload for payload, _ in receiver.received}) == 1


async def test_what_is_late_waits_and_what_comes_twice_comes_twice(store: Store) -> None:
    clock, receiver = FakeSeconds(1_800_000_000.0), Receiver(iter([]))
    dispatcher = Dispatcher(store, receiver.post, SECRET, clock)
    announce(store, clock, 0.0, 0.0, 30.0)

    assert await dispatcher.deliver_due() == 2
    clock.now += 29
    assert await dispatcher.deliver_due() == 0
    clock.now += 1
    assert await dispatcher.deliver_due() == 1


async def test_nobody_ever_answers(store: Store) -> None:
    clock, receiver = FakeSeconds(1_800_000_000.0), Receiver(iter([404, 404]))
    dispatcher = Dispatcher(store, receiver.post, SECRET, clock)
    announce(store, clock, 0.0)

    await dispatcher.deliver_due()
    clock.now += PATIENCE_SECONDS
    await dispatcher.deliver_due()

    assert store.delivery_counts() == {"waiting": 0, "delivered": 0, "abandoned": 1}

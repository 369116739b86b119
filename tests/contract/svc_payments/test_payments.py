"""What the port Payments promises."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from svc_payments.model import refund_rules as refunding
from svc_payments.model.intents import GIVEN_UP, Intent, IntentStatus
from svc_payments.model.payment import SOON, Card, CardKind, Change, OrderOutcome, Payment
from svc_payments.model.refunds import RefundStatus, StripeRefund
from tests.contract.svc_payments.conftest import PaymentsUnderTest
from tests.unit.svc_payments.world import ITEMS, LIFETIME, NOON, TOTAL

pytestmark = pytest.mark.anyio

FAILED = RefundStatus.FAILED


def begun(
    payment_id: str,
    *,
    order_id: str = "o1",
    user_id: str = "ann",
    key: str = "",
    at: datetime = NOON,
) -> Payment:
    return Payment(
        id=payment_id,
        order_id=order_id,
        user_id=user_id,
        key=key or f"none:{payment_id}",
        card=Card(CardKind.TOKEN, "tok_visa"),
        amount=TOTAL,
        items=ITEMS,
        description="Order o1: 2 × Lamp",
        created_at=at,
        expires_at=at + LIFETIME,
        attend_at=at + SOON,
        order_number="4821-5539-0714",
    )


def certain(change: Change | None) -> Change:
    assert change is not None
    return change


def learned(payment: Payment, status: IntentStatus) -> Change:
    intent = Intent(f"pi_{payment.id}", status, payment.id, "secret", "https://bank")
    return certain(payment.learned(intent, NOON))


async def kept(payments: PaymentsUnderTest, payment: Payment, status: IntentStatus) -> Payment:
    assert await payments.port.insert(payment)
    change = learned(payment, status)
    assert await payments.port.save(change)
    return change.payment


async def test_a_payment_is_kept_whole(payments: PaymentsUnderTest) -> None:
    payment = begun("p1", key="given:k")
    assert await payments.port.insert(payment)
    assert await payments.port.get("p1") == payment
    assert await payments.port.by_key("ann", "given:k") == payment
    assert await payments.port.claiming("o1") == payment
    assert await payments.port.by_key("ben", "given:k") is None
    assert await payments.port.get("p2") is None
    assert await payments.port.claiming("o2") is None
    assert await payments.port.by_stripe_id("pi_p1") is None


@pytest.mark.parametrize("status", IntentStatus)
async def test_every_state_is_kept_whole(payments: PaymentsUnderTest, status: IntentStatus) -> None:
    payment = await kept(payments, begun("p1"), status)
    assert await payments.port.get("p1") == payment
    assert await payments.port.by_stripe_id("pi_p1") == payment


async def test_refunds_are_kept_whole(payments: PaymentsUnderTest) -> None:
    payment = await kept(payments, begun("p1"), IntentStatus.SUCCEEDED)
    steps: list[Callable[[Payment], Change | None]] = [
        lambda it: refunding.begin(it, "r1", "k", 500, restock=False, now=NOON),
        lambda it: refunding.tried_again(it, it.refunds[0], NOON),
        lambda it: refunding.learned(it, [StripeRefund("re_1", "r1", 500)], NOON),
        lambda it: refunding.begin(it, "r2", "", None, restock=True, now=NOON),
        lambda it: refunding.refused(it, it.refunds[1], "No.", NOON),
        lambda it: it.end_order(OrderOutcome(was_completed=True), NOON),
        lambda it: refunding.begin_owed(it, NOON),
        lambda it: refunding.learned(it, [StripeRefund("re_2", "p1", 1500)], NOON),
        lambda it: refunding.learned(it, [StripeRefund("re_2", "p1", 1500, FAILED, "No.")], NOON),
        lambda it: refunding.learned(it, [StripeRefund("re_3", "", 1500)], NOON),
    ]
    for step in steps:
        change = certain(step(payment))
        assert await payments.port.save(change)
        payment = change.payment
        assert await payments.port.get("p1") == payment
    assert await payments.announced() == [
        "payment.created",
        *["payment.refunded"] * 3,
    ]


async def test_a_stray_is_kept_whole(payments: PaymentsUnderTest) -> None:
    failed = await kept(payments, begun("p1"), IntentStatus.DECLINED)
    change = learned(failed, IntentStatus.SUCCEEDED)
    assert await payments.port.save(change)
    assert await payments.port.get("p1") == change.payment
    assert await payments.port.claiming("o1") is None


@pytest.mark.parametrize("status", [None, IntentStatus.REQUIRES_ACTION, IntentStatus.SUCCEEDED])
async def test_an_order_has_one_payment_that_is_open_or_succeeded(
    payments: PaymentsUnderTest, status: IntentStatus | None
) -> None:
    if status is None:
        assert await payments.port.insert(begun("p1"))
    else:
        await kept(payments, begun("p1"), status)
    assert not await payments.port.insert(begun("p2"))
    assert await payments.port.get("p2") is None
    assert await payments.port.insert(begun("p3", order_id="o2"))


async def test_a_failed_payment_makes_way(payments: PaymentsUnderTest) -> None:
    for number in range(3):
        await kept(payments, begun(f"p{number}"), IntentStatus.DECLINED)
    assert await payments.port.claiming("o1") is None
    last = begun("last")
    assert await payments.port.insert(last)
    assert await payments.port.claiming("o1") == last


async def test_claims_of_many_orders_and_all_payments_of_one(payments: PaymentsUnderTest) -> None:
    for number in range(3):
        await kept(payments, begun(f"p{number}"), IntentStatus.DECLINED)
    last, other = begun("last"), begun("other", order_id="o2")
    for payment in (last, other):
        assert await payments.port.insert(payment)
    assert await payments.port.claims(["o1", "o2", "o3"]) == {"o1": last, "o2": other}
    assert [each.id for each in await payments.port.of_order("o1", 3)] == ["p2", "p1", "p0"]
    assert [each.id for each in await payments.port.of_order("o1", 9)][-1] == "last"
    assert await payments.port.of_order("o3", 9) == []


async def test_one_of_many_payments_of_an_order_is_kept(payments: PaymentsUnderTest) -> None:
    inserted = await asyncio.gather(
        *(payments.port.insert(begun(f"p{number}")) for number in range(20))
    )
    assert sum(inserted) == 1


async def test_a_user_has_one_payment_for_a_key(payments: PaymentsUnderTest) -> None:
    await kept(payments, begun("p1", key="given:k"), IntentStatus.DECLINED)
    assert not await payments.port.insert(begun("p2", order_id="o2", key="given:k"))
    assert await payments.port.insert(begun("p3", order_id="o2", user_id="ben", key="given:k"))


async def test_one_of_many_writes_of_a_version_wins(payments: PaymentsUnderTest) -> None:
    payment = begun("p1")
    await payments.port.insert(payment)
    change = learned(payment, IntentStatus.SUCCEEDED)
    written = await asyncio.gather(*(payments.port.save(change) for _ in range(20)))
    assert sum(written) == 1
    assert await payments.announced() == ["payment.created"]


async def test_a_write_on_an_old_version_changes_nothing(payments: PaymentsUnderTest) -> None:
    payment = begun("p1")
    succeeded = await kept(payments, payment, IntentStatus.SUCCEEDED)
    assert not await payments.port.save(certain(payment.fail(GIVEN_UP, NOON)))
    assert await payments.port.get("p1") == succeeded
    assert await payments.announced() == ["payment.created"]


async def test_what_is_due_is_found_longest_due_first(payments: PaymentsUnderTest) -> None:
    await payments.port.insert(begun("late", order_id="o1", at=NOON + SOON))
    await payments.port.insert(begun("early", order_id="o2"))
    await kept(payments, begun("done", order_id="o3"), IntentStatus.SUCCEEDED)
    assert await payments.port.due(NOON + SOON - timedelta(milliseconds=1), 10) == []
    assert [each.id for each in await payments.port.due(NOON + SOON, 10)] == ["early"]
    assert [each.id for each in await payments.port.due(NOON + LIFETIME, 10)] == ["early", "late"]
    assert [each.id for each in await payments.port.due(NOON + LIFETIME, 1)] == ["early"]


async def test_one_of_many_leases_what_is_due(payments: PaymentsUnderTest) -> None:
    payment = begun("p1")
    await payments.port.insert(payment)
    until = NOON + LIFETIME
    leased = await asyncio.gather(*(payments.port.lease(payment, until) for _ in range(10)))
    assert sum(leased) == 1
    assert await payments.port.get("p1") == replace(payment, attend_at=until)
    assert await payments.port.due(NOON + SOON, 10) == []


async def test_a_lease_to_never_ends_the_attention(payments: PaymentsUnderTest) -> None:
    payment = begun("p1")
    await payments.port.insert(payment)
    assert await payments.port.lease(payment, None)
    assert await payments.port.due(NOON + LIFETIME, 10) == []

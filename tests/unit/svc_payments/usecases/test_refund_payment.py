"""Refunds on an admin's wish."""

import asyncio

import pytest

from chassis.currencies import Money
from chassis.errors import InvalidField, NotFound, Unavailable
from svc_payments.model.payment import Payment, PaymentRefunded, PaymentStatus
from svc_payments.model.refusals import CardDeclined, IdempotencyKeyReused, RefundNotPossible
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio


def usd(amount_minor: int) -> Money:
    return Money(amount_minor, "USD")


async def paid(world: World) -> str:
    return (await world.pay()).id


async def test_all_of_it() -> None:
    world = World()
    payment = await world.process.refund(await paid(world), None, restock=True)
    assert (payment.status, payment.refunded_minor) == (PaymentStatus.REFUNDED, 2000)
    assert world.payments.events[-1] == PaymentRefunded(payment, is_full=True, restock=True)
    assert world.stripe.net_charges("o1") == []


async def test_part_by_part() -> None:
    world = World()
    payment_id = await paid(world)
    first = await world.process.refund(payment_id, usd(500), restock=False, key="k1")
    assert (first.status, first.refunded_minor) == (PaymentStatus.SUCCEEDED, 500)
    assert world.payments.events[-1] == PaymentRefunded(first, is_full=False, restock=False)
    last = await world.process.refund(payment_id, usd(1500), restock=True, key="k2")
    assert world.payments.events[-1] == PaymentRefunded(last, is_full=True, restock=True)
    with pytest.raises(RefundNotPossible):
        await world.process.refund(payment_id, None, restock=False)


async def test_no_more_than_was_captured() -> None:
    world = World()
    payment_id = await paid(world)
    with pytest.raises(RefundNotPossible):
        await world.process.refund(payment_id, usd(2001), restock=False, key="k3")
    await world.process.refund(payment_id, usd(500), restock=False, key="k4")
    with pytest.raises(RefundNotPossible):
        await world.process.refund(payment_id, usd(1501), restock=False, key="k5")


async def test_refunds_at_once_give_back_no_more_than_was_captured() -> None:
    world = World()
    payment_id = await paid(world)
    outcomes = await asyncio.gather(
        *(
            world.process.refund(payment_id, usd(700), restock=False, key=f"k{each}")
            for each in range(5)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Payment) for each in outcomes) == 2
    assert sum(isinstance(each, RefundNotPossible) for each in outcomes) == 3
    assert world.stripe.net_charges("o1") == [600]
    assert world.only().refunded_minor == 1400


@pytest.mark.parametrize(
    ("amount", "restock", "field"),
    [
        (Money(100, "EUR"), False, "amount.currency"),
        (usd(0), False, "amount.amount_minor"),
        (usd(100), True, "restock"),
    ],
)
async def test_wishes_that_make_no_sense(amount: Money, restock: bool, field: str) -> None:
    world = World()
    with pytest.raises(InvalidField) as refused:
        await world.process.refund(await paid(world), amount, restock=restock, key="k")
    assert refused.value.field == field
    assert world.only().refunds == ()


async def test_a_part_goes_back_only_with_a_key() -> None:
    world = World()
    payment_id = await paid(world)
    with pytest.raises(InvalidField) as refused:
        await world.process.refund(payment_id, usd(500), restock=False)
    assert refused.value.field == "idempotency_key"
    assert world.only().refunds == ()


async def test_only_what_was_captured() -> None:
    world = World()
    with pytest.raises(NotFound):
        await world.process.refund("nothing", None, restock=False)
    with pytest.raises(CardDeclined):
        await world.pay("poor")
    with pytest.raises(RefundNotPossible):
        await world.process.refund(world.only().id, None, restock=False)


async def test_the_same_key_is_the_same_refund() -> None:
    world = World()
    payment_id = await paid(world)
    for _ in range(2):
        await world.process.refund(payment_id, usd(500), restock=False, key="k")
    assert world.only().refunded_minor == 500
    assert world.announced() == ["PaymentCreated", "PaymentRefunded"]
    with pytest.raises(IdempotencyKeyReused):
        await world.process.refund(payment_id, usd(600), restock=False, key="k")
    await world.process.refund(payment_id, usd(500), restock=False, key="k7")
    assert world.only().refunded_minor == 1000


@pytest.mark.parametrize(("first", "second"), [(usd(500), None), (None, usd(2000))])
async def test_a_key_of_a_part_is_not_one_of_all_that_is_left(
    first: Money | None, second: Money | None
) -> None:
    world = World()
    payment_id = await paid(world)
    await world.process.refund(payment_id, first, restock=False, key="k")
    before = world.only()
    with pytest.raises(IdempotencyKeyReused):
        await world.process.refund(payment_id, second, restock=False, key="k")
    assert world.only() == before
    repeated = await world.process.refund(payment_id, first, restock=False, key="k")
    assert repeated.refunds == before.refunds


async def test_a_refund_goes_on_by_itself_when_stripe_is_away() -> None:
    world = World()
    payment_id = await paid(world)
    world.stripe.away = True
    with pytest.raises(Unavailable):
        await world.process.refund(payment_id, usd(500), restock=False, key="k")
    world.stripe.away = False
    await world.sweep(seconds=10)
    assert world.only().refunded_minor == 500
    assert (await world.process.refund(payment_id, usd(500), restock=False, key="k")).id
    assert world.stripe.net_charges("o1") == [1500]


async def test_a_refund_that_stripe_refuses_is_not_tried_again() -> None:
    world = World()
    payment_id = await paid(world)
    world.stripe.refuses_refunds = True
    for _ in range(2):
        with pytest.raises(RefundNotPossible) as refused:
            await world.process.refund(payment_id, usd(500), restock=False, key="k")
        assert refused.value.message == "Your balance does not suffice."
    world.stripe.refuses_refunds = False
    await world.settle_down()
    assert world.stripe.net_charges("o1") == [2000]


async def test_the_rest_goes_back_when_the_order_ends_during_a_partial_refund() -> None:
    world = World()
    payment_id = await paid(world)
    world.stripe.away = True
    with pytest.raises(Unavailable):
        await world.process.refund(payment_id, usd(500), restock=False, key="k8")
    await world.end_order(was_completed=True)
    world.stripe.away = False
    await world.settle_down()
    payment = world.only()
    assert payment.status is PaymentStatus.REFUNDED
    assert sorted(each.amount_minor for each in payment.refunds) == [500, 1500]
    assert world.payments.events[-1] == PaymentRefunded(payment, is_full=True, restock=True)
    world.check_books()


async def test_what_a_refused_partial_refund_left_goes_back_when_the_order_ends() -> None:
    world = World()
    payment_id = await paid(world)
    world.stripe.away = True
    with pytest.raises(Unavailable):
        await world.process.refund(payment_id, usd(500), restock=False, key="k9")
    await world.end_order(was_completed=True)
    world.stripe.away = False
    world.stripe.refuses_refunds = True
    await world.sweep(seconds=10)
    world.stripe.refuses_refunds = False
    await world.settle_down()
    assert world.only().status is PaymentStatus.REFUNDED
    world.check_books()

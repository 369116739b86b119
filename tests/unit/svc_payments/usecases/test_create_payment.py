"""Paying an order."""

import asyncio
from dataclasses import replace
from typing import cast

import pytest

from chassis.errors import InvalidField, NotFound, Unavailable
from svc_payments.model.payment import Payment, PaymentCreated, PaymentFailed, PaymentStatus
from svc_payments.model.refusals import (
    CardDeclined,
    IdempotencyKeyReused,
    OrderNotPayable,
    PaymentInProgress,
)
from tests.support.tracing import Trace
from tests.unit.svc_orders.killing import Fuse
from tests.unit.svc_payments.fake_stripe import Fault
from tests.unit.svc_payments.fakes import FakeOrderSource
from tests.unit.svc_payments.world import LIFETIME, TOTAL, World, card, order

pytestmark = pytest.mark.anyio


async def test_a_payment_captures_the_total() -> None:
    world = World()
    payment = await world.pay()
    assert (payment.status, payment.amount, payment.order_id) == (
        PaymentStatus.SUCCEEDED,
        TOTAL,
        "o1",
    )
    assert payment.stripe_id == "pi_1"
    assert world.stripe.net_charges("o1") == [2000]
    assert world.payments.events == [PaymentCreated(payment)]
    assert payment.attend_at is None


async def test_a_first_payment_asks_the_database_for_no_more_than_it_needs() -> None:
    world = World()
    trace = Trace()
    await world.pay(key="k", process=world.start(cast("Fuse", trace)))
    assert [call.method for call in trace.calls] == [
        "FakeOrders.get",
        "FakePayments.insert",
        "FakeOrders.get",
        "FakeStripe.charge",
        "FakePayments.save",
    ]


@pytest.mark.parametrize("at_the_source", [1, 2, 3])
async def test_the_replica_is_written_where_its_source_has_a_newer_order(
    at_the_source: int,
) -> None:
    world = World()
    world.source = FakeOrderSource()
    world.source.orders["o1"] = replace(order(), version=at_the_source)
    trace = Trace()
    await world.pay(process=world.start(cast("Fuse", trace)))
    written = "FakeOrders.put" in [call.method for call in trace.calls]
    assert written == (at_the_source > order().version)
    assert world.orders.orders["o1"].version == max(at_the_source, order().version)


async def test_the_charge_says_what_it_is_for() -> None:
    world = World()
    payment = await world.pay()
    assert payment.description == "Order 4821-5539-0714: 2 × Lamp"
    assert payment.order_number == "4821-5539-0714"
    world = World()
    await world.process.follow_products.changed("lamp", "Brass lamp", 3)
    await world.process.follow_products.changed("lamp", "Old lamp", 2)
    assert (await world.pay()).description == "Order 4821-5539-0714: 2 × Brass lamp"


async def test_paying_again_answers_the_same_payment() -> None:
    world = World()
    payment = await world.pay()
    assert await world.pay() == payment
    assert await world.pay("poor") == payment
    assert await world.pay(key="k") == payment
    assert world.stripe.charges == 1


async def test_twenty_payments_at_once_are_one_charge() -> None:
    world = World()
    payments = await asyncio.gather(*(world.pay() for _ in range(20)))
    assert {payment.id for payment in payments} == {world.only().id}
    assert world.stripe.net_charges("o1") == [2000]
    assert world.announced() == ["PaymentCreated"]


async def test_twenty_payments_by_different_cards_are_one_charge() -> None:
    world = World()
    names = ["visa", "poor", "bogus", "secure"]
    outcomes = await asyncio.gather(
        *(world.pay(f"{names[n % 4]}") for n in range(20)), return_exceptions=True
    )
    answered = {each.id for each in outcomes if isinstance(each, Payment)}
    assert answered <= set(world.payments.payments)
    kinds = {type(each) for each in outcomes if not isinstance(each, Payment)}
    assert kinds <= {CardDeclined, InvalidField, PaymentInProgress}
    await world.settle_down()
    world.check_books()


async def test_a_declined_card_says_why_and_leaves_the_order_payable() -> None:
    world = World()
    with pytest.raises(CardDeclined) as refused:
        await world.pay("poor")
    assert (refused.value.decline_code, refused.value.payment_id) == ("insufficient_funds", "p001")
    assert refused.value.message == "Your card has insufficient funds."
    (event,) = world.payments.events
    assert isinstance(event, PaymentFailed)
    assert event.detail == "Your card has insufficient funds."
    assert (await world.pay()).status is PaymentStatus.SUCCEEDED
    world.check_books()


async def test_a_card_that_is_none_names_the_field() -> None:
    world = World()
    with pytest.raises(InvalidField) as refused:
        await world.pay("bogus")
    assert refused.value.field == "payment_method_id"
    assert (await world.pay()).status is PaymentStatus.SUCCEEDED


async def test_somebody_elses_order_is_not_found() -> None:
    world = World()
    with pytest.raises(NotFound):
        await world.process.create("ben", "o1", card())
    world.source.is_away = False
    with pytest.raises(NotFound):
        await world.process.create("ben", "nothing", card())
    assert world.payments.payments == {}


async def test_an_order_whose_event_is_on_its_way_is_asked_for_and_kept() -> None:
    world = World()
    world.source.is_away = False
    world.source.orders["o2"] = order("o2")
    payment = await world.process.create("ann", "o2", card())
    assert payment.status is PaymentStatus.SUCCEEDED
    assert world.orders.orders["o2"] == order("o2")


async def test_a_cancellation_whose_event_is_on_its_way_is_heeded() -> None:
    world = World()
    world.source.is_away = False
    world.source.orders["o1"] = replace(order("o1"), is_pending=False, version=3, expires_at=None)
    with pytest.raises(OrderNotPayable):
        await world.process.create("ann", "o1", card())
    assert world.stripe.charges == 0


async def test_an_unknown_order_can_not_be_paid_while_the_orders_are_away() -> None:
    world = World()
    with pytest.raises(Unavailable):
        await world.process.create("ann", "o2", card())


async def test_an_answer_older_than_an_event_does_not_hide_it() -> None:
    world = World()
    ended = replace(order("o2"), is_pending=False, version=3, expires_at=None)

    async def own(order_id: str) -> object:
        await world.orders.put(ended)
        return order(order_id)

    world.source.own = own  # type: ignore[assignment,method-assign]
    with pytest.raises(OrderNotPayable):
        await world.process.create("ann", "o2", card())


async def test_an_order_that_ended_or_expired_is_not_payable() -> None:
    world = World()
    world.now += LIFETIME
    with pytest.raises(OrderNotPayable):
        await world.pay()
    world = World()
    await world.end_order()
    with pytest.raises(OrderNotPayable):
        await world.pay()
    assert world.payments.payments == {}


async def test_an_order_cancelled_just_before_the_charge_is_not_charged() -> None:
    world = World()
    insert = world.payments.insert

    async def insert_then_cancel(payment: Payment) -> bool:
        # The cancellation is heard of before the payment can be seen, and kept after.
        world.orders.orders["o1"] = replace(order(), is_pending=False, version=9, expires_at=None)
        return await insert(payment)

    world.payments.insert = insert_then_cancel  # type: ignore[method-assign]
    with pytest.raises(OrderNotPayable):
        await world.pay()
    assert world.stripe.charges == 0
    assert world.only().status is PaymentStatus.FAILED


async def test_a_paid_order_is_answered_with_its_payment_even_when_it_has_expired() -> None:
    world = World()
    payment = await world.pay()
    world.now += LIFETIME
    assert await world.pay() == payment


async def test_a_refunded_order_is_not_payable() -> None:
    world = World()
    payment = await world.pay()
    await world.process.refund(payment.id, None, restock=False)
    with pytest.raises(OrderNotPayable):
        await world.pay()


async def test_the_same_key_is_the_same_attempt() -> None:
    world = World()
    with pytest.raises(CardDeclined) as first:
        await world.pay("poor", key="k")
    with pytest.raises(CardDeclined) as again:
        await world.pay("poor", key="k")
    assert first.value.payment_id == again.value.payment_id
    assert world.stripe.charges == 1
    with pytest.raises(IdempotencyKeyReused):
        await world.pay("visa", key="k")
    with pytest.raises(CardDeclined) as other:
        await world.pay("poor", key="k2")
    assert other.value.payment_id != first.value.payment_id


async def test_a_key_belongs_to_one_order() -> None:
    world = World()
    world.orders.orders["o2"] = order("o2")
    await world.pay(key="k")
    with pytest.raises(IdempotencyKeyReused):
        await world.process.create("ann", "o2", card(), "k")


async def test_twenty_declined_calls_with_one_key_are_one_attempt() -> None:
    world = World()
    outcomes = await asyncio.gather(
        *(world.pay("poor", key="k") for _ in range(20)), return_exceptions=True
    )
    assert {type(each) for each in outcomes} == {CardDeclined}
    assert world.stripe.charges == 1


@pytest.mark.parametrize("fault", list(Fault))
async def test_an_unknown_outcome_is_in_progress_until_it_is_known(fault: Fault) -> None:
    world = World(looks=3)
    world.stripe.faults = [fault]
    try:
        await world.pay()
    except PaymentInProgress:
        with pytest.raises(PaymentInProgress):
            await world.pay()
        with pytest.raises(PaymentInProgress):
            await world.pay("poor")
        assert world.stripe.charges <= 1
    await world.sweep(seconds=10)
    if fault is Fault.ERROR_BEFORE:
        # Its key will never answer anything else: it is given up.
        assert world.only().status is PaymentStatus.PENDING
        await world.sweep(minutes=4)
        assert world.only().status is PaymentStatus.FAILED
        await world.pay()
    payment = await world.pay()
    assert payment.status is PaymentStatus.SUCCEEDED
    assert world.announced().count("PaymentCreated") == 1
    await world.settle_down()
    world.check_books()


async def test_what_stripe_does_not_understand_is_no_declined_card() -> None:
    world = World()
    with pytest.raises(Unavailable):
        await world.pay("misunderstood")
    assert world.only().status is PaymentStatus.FAILED
    assert world.announced() == ["PaymentFailed"]
    await world.pay("visa")
    await world.settle_down()
    world.check_books()

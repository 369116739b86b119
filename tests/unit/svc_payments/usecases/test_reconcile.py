"""What the owner of the orders is told of their money, and tells of their ends."""

import pytest

from svc_payments.model.payment import OrderOutcome, PaymentStatus
from svc_payments.usecases.reconcile import OrderToReconcile
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio


async def test_the_payment_that_holds_the_claim_is_answered() -> None:
    world = World()
    reconcile = world.process.reconcile
    assert await reconcile([OrderToReconcile("o1"), OrderToReconcile("o2")]) == [None, None]
    payment = await world.pay("secure")
    assert await reconcile([OrderToReconcile("o2"), OrderToReconcile("o1")]) == [None, payment]
    world.stripe.answer_challenge("pi_1", passed=False)
    await world.settle_down()
    assert world.only().status is PaymentStatus.FAILED
    assert await reconcile([OrderToReconcile("o1")]) == [None]


@pytest.mark.parametrize("was_completed", [True, False])
async def test_money_of_an_order_whose_end_was_not_heard_of_goes_back(was_completed: bool) -> None:
    world = World()
    await world.pay()
    world.orders.orders.clear()
    for _ in range(2):
        await world.process.reconcile([OrderToReconcile("o1", OrderOutcome(was_completed))])
        await world.sweep()
    assert world.only().status is PaymentStatus.REFUNDED
    assert world.announced() == ["PaymentCreated", "PaymentRefunded"]
    assert world.payments.events[-1].restock is was_completed  # type: ignore[union-attr]


async def test_a_confirmation_of_an_order_whose_end_was_not_heard_of_is_called_off() -> None:
    world = World()
    await world.pay("secure")
    await world.process.reconcile([OrderToReconcile("o1", OrderOutcome(was_completed=False))])
    await world.sweep()
    assert world.only().status is PaymentStatus.FAILED
    assert world.stripe.net_charges("o1") == []


async def test_all_payments_of_an_order_are_listed_newest_first() -> None:
    world = World()
    assert await world.process.list_of_order("o1") == []
    await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=False)
    await world.sweep(seconds=40)
    await world.pay("visa")
    listed = await world.process.list_of_order("o1")
    assert [each.status for each in listed] == [PaymentStatus.SUCCEEDED, PaymentStatus.FAILED]

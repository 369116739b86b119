"""What happens to payments that nobody waits for."""

import asyncio
from datetime import timedelta

import pytest

from svc_payments.model.payment import PaymentStatus
from svc_payments.model.refusals import PaymentInProgress
from tests.unit.svc_payments.fake_stripe import Fault
from tests.unit.svc_payments.world import GIVE_UP_AFTER, LIFETIME, REPEAT_FOR, World

pytestmark = pytest.mark.anyio


async def test_what_is_under_way_is_left_alone() -> None:
    world = World(looks=1)
    await world.pay_unanswered()
    await world.sweep(seconds=9)
    assert world.only().status is PaymentStatus.PENDING
    await world.sweep(seconds=1)
    assert world.only().status is PaymentStatus.SUCCEEDED


async def test_two_sweeps_at_once_tell_it_once() -> None:
    world = World(looks=1)
    await world.pay_unanswered()
    world.now += timedelta(seconds=10)
    await asyncio.gather(world.sweep(), world.sweep(), world.process.get("ann", "p001"))
    assert world.announced() == ["PaymentCreated"]


async def test_while_stripe_is_away_the_payment_stays_open() -> None:
    world = World(looks=1)
    await world.pay_unanswered()
    world.stripe.away = True
    for _ in range(20):
        await world.sweep(minutes=1)
        assert world.only().status is PaymentStatus.PENDING
    world.stripe.away = False
    await world.sweep(minutes=1)
    assert world.only().status is PaymentStatus.SUCCEEDED


async def test_a_charge_that_can_not_be_found_is_looked_for_a_while_longer() -> None:
    world = World(looks=1)
    await world.pay_unanswered(Fault.LOST_BEFORE)
    charges = world.stripe.charges
    await world.sweep(seconds=REPEAT_FOR.total_seconds())
    # It may still be on its way, so nobody begins another; and nobody calls again.
    assert world.only().status is PaymentStatus.PENDING
    assert world.stripe.charges == charges
    await world.sweep(seconds=(GIVE_UP_AFTER - REPEAT_FOR).total_seconds())
    assert world.only().status is PaymentStatus.FAILED


async def test_an_order_that_ended_is_not_charged_by_the_sweep() -> None:
    world = World(looks=1)
    await world.pay_unanswered(Fault.LOST_BEFORE)
    await world.end_order()
    await world.settle_down()
    assert world.only().status is PaymentStatus.FAILED
    assert world.stripe.intents == {}
    world.check_books()


async def test_an_order_that_expired_is_not_charged_by_the_sweep() -> None:
    world = World(looks=1)
    world.now += LIFETIME - timedelta(seconds=5)
    await world.pay_unanswered(Fault.LOST_BEFORE)
    await world.settle_down()
    assert world.stripe.intents == {}
    assert world.only().status is PaymentStatus.FAILED


async def test_a_charge_that_lands_on_a_cancelled_order_goes_back() -> None:
    world = World(looks=1)
    await world.pay_unanswered()
    await world.end_order()
    await world.sweep(seconds=10)
    payment = world.only()
    assert (payment.status, payment.refunded_minor) == (PaymentStatus.REFUNDED, 2000)
    # Nobody was told of a sale.
    (event,) = world.payments.events
    assert (event.is_full, event.restock) == (True, False)  # type: ignore[union-attr]
    assert world.announced() == ["PaymentRefunded"]
    world.check_books()


async def test_an_order_cancelled_during_its_charge_is_refunded_by_the_call_itself() -> None:
    world = World()
    tasks: list[asyncio.Task[None]] = []
    world.stripe.meanwhile = lambda: tasks.append(asyncio.create_task(world.end_order()))
    outcome = (await asyncio.gather(world.pay(), return_exceptions=True))[0]
    await asyncio.gather(*tasks)
    await world.settle_down()
    assert world.only().status is PaymentStatus.REFUNDED, outcome
    world.check_books()


async def test_a_paid_order_that_ends_is_refunded_with_its_stock_if_it_was_completed() -> None:
    for was_completed in (True, False):
        world = World()
        await world.pay()
        for _ in range(2):
            await world.end_order(was_completed=was_completed)
        assert world.announced() == ["PaymentCreated", "PaymentRefunded"]
        refunded = world.payments.events[-1]
        assert refunded.restock is was_completed  # type: ignore[union-attr]
        world.check_books()


async def test_a_refund_that_is_owed_waits_for_stripe() -> None:
    world = World()
    await world.pay()
    world.stripe.away = True
    await world.end_order(was_completed=True)
    assert world.only().pending_refunds
    world.stripe.away = False
    await world.sweep(seconds=10)
    assert world.only().status is PaymentStatus.REFUNDED
    world.check_books()


async def test_a_refund_that_stripe_refuses_is_tried_again_with_a_new_key() -> None:
    world = World()
    await world.pay()
    world.stripe.refuses_refunds = True
    await world.end_order(was_completed=True)
    assert world.only().status is PaymentStatus.SUCCEEDED
    world.stripe.refuses_refunds = False
    await world.sweep(seconds=14)
    assert world.only().refunded_minor == 0
    await world.sweep(seconds=1)
    assert world.only().status is PaymentStatus.REFUNDED
    assert [each.id for each in world.only().refunds] == ["p001", "p001-2"]
    world.check_books()


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_refund_without_an_answer_is_found_or_made(fault: Fault) -> None:
    world = World()
    await world.pay()
    world.stripe.faults = [fault]
    await world.end_order(was_completed=True)
    await world.settle_down()
    assert world.only().status is PaymentStatus.REFUNDED
    assert world.announced() == ["PaymentCreated", "PaymentRefunded"]
    world.check_books()


async def test_a_confirmation_that_never_comes_ends_with_the_order() -> None:
    world = World()
    await world.pay("secure")
    await world.settle_down()
    assert world.only().status is PaymentStatus.FAILED
    world.stripe.answer_challenge("pi_1", passed=True)
    assert world.stripe.net_charges("o1") == []
    world.check_books()


async def test_a_confirmation_is_over_when_its_order_is_cancelled() -> None:
    world = World()
    await world.pay("secure")
    await world.end_order()
    assert world.only().status is PaymentStatus.FAILED
    world.stripe.answer_challenge("pi_1", passed=True)
    assert world.stripe.net_charges("o1") == []


async def test_a_confirmation_faster_than_the_cancellation_is_refunded() -> None:
    world = World()
    await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=True)
    await world.end_order()
    assert world.only().status is PaymentStatus.REFUNDED
    world.check_books()


async def test_a_slow_bank_is_waited_for_while_the_order_lives() -> None:
    world = World(looks=1)
    for _ in range(2):
        with pytest.raises(PaymentInProgress):
            await world.pay("slow")
    await world.sweep(minutes=10)
    assert world.only().status is PaymentStatus.PENDING
    await world.settle_down()
    assert world.only().status is PaymentStatus.FAILED
    world.check_books()

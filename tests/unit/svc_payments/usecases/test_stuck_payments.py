"""Payments that no sweep could settle in time: seen, and freed one by one."""

import pytest

from chassis.errors import NotFound
from svc_payments.model.payment import PaymentStatus
from svc_payments.model.stuck import ENDING, StuckReason
from svc_payments.usecases.ports import OutcomeUnknown
from tests.unit.svc_payments.world import GIVE_UP_AFTER, LIFETIME, World

pytestmark = pytest.mark.anyio


async def reasons(world: World) -> list[StuckReason]:
    return [each.reason for each in await world.process.stuck.list()]


async def test_a_charge_that_stripe_does_not_tell_of() -> None:
    world = World(looks=1)
    await world.pay_unanswered()
    world.stripe.away = True
    await world.sweep(seconds=GIVE_UP_AFTER.total_seconds() - 1)
    assert await reasons(world) == []
    await world.sweep(seconds=1)
    [stuck] = await world.process.stuck.list()
    assert (stuck.reason, stuck.since) == (StuckReason.CHARGE, world.only().created_at)
    with pytest.raises(OutcomeUnknown):
        await world.process.stuck.free("p001")
    world.stripe.away = False
    assert (await world.process.stuck.free("p001")).status is PaymentStatus.SUCCEEDED
    assert await reasons(world) == []


async def test_one_that_the_shopper_never_confirmed() -> None:
    world = World()
    await world.pay("secure")
    assert world.only().status is PaymentStatus.REQUIRES_ACTION
    world.stripe.away = True
    await world.sweep(seconds=(LIFETIME + ENDING).total_seconds())
    [stuck] = await world.process.stuck.list()
    assert (stuck.reason, stuck.since) == (StuckReason.CONFIRMATION, world.only().expires_at)
    world.stripe.away = False
    assert (await world.process.stuck.free("p001")).status is PaymentStatus.FAILED


async def test_money_that_does_not_go_back_while_stripe_is_unreachable() -> None:
    world = World()
    await world.pay()
    await world.end_order(was_completed=True, process=world.process)
    world.stripe.away = True
    await world.sweep()
    await world.sweep(seconds=GIVE_UP_AFTER.total_seconds() + 10)
    assert await reasons(world) == [StuckReason.REFUND]
    world.stripe.away = False
    await world.process.stuck.free("p001")
    await world.settle_down()
    assert await reasons(world) == []
    world.check_books()


async def test_money_that_stripe_refuses_to_give_back() -> None:
    world = World()
    await world.pay()
    world.stripe.refuses_refunds = True
    await world.end_order(was_completed=True)
    assert await reasons(world) == [StuckReason.REFUND_REFUSED]
    world.stripe.refuses_refunds = False
    assert (await world.process.stuck.free("p001")).status is PaymentStatus.REFUNDED
    assert await reasons(world) == []


async def test_one_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        await World().process.stuck.free("ghost")

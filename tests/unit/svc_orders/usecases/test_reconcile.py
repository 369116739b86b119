"""Whoever owns an order's lifetime asks whoever owns the money: events may be late or lost."""

import pytest

from svc_orders.model.order import RECONCILE_AFTER, Order, OrderStatus
from svc_orders.model.refusals import OrderNotCancellable
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.usecases.ports import OrderPayment, PaymentState
from svc_orders.usecases.reconcile import BATCH, CONFIRM_AFTER
from tests.unit.svc_orders.world import ANN, LIFETIME, World, lines

pytestmark = pytest.mark.anyio


async def ordered(state: PaymentState = PaymentState.NONE) -> tuple[World, Order]:
    """A pending order, and what the payments say of it; no event has told of that."""
    world = World(lamp=5)
    order = await world.process.create(ANN, lines(lamp=2))
    if state is not PaymentState.NONE:
        world.payments.payments[order.id] = OrderPayment(state, "pay1")
    return world, order


def types_of(order: Order) -> list[str]:
    return [entry.type for entry in order.timeline]


async def test_a_paid_order_does_not_expire_whatever_became_of_its_event() -> None:
    world, order = await ordered(PaymentState.CAPTURED)
    world.pass_time(seconds=LIFETIME.total_seconds())
    await world.sweep()
    completed = world.only()
    assert (completed.status, completed.payment_id) == (OrderStatus.COMPLETED, "pay1")
    assert world.announced() == [("OrderCreated", order.id), ("OrderCompleted", order.id)]
    # The event comes after all.
    await world.process.follow_payments.created(order.id, PaymentUpdate("e1", "pay1", "Received."))
    assert world.only() == completed


async def test_a_paid_order_is_completed_minutes_after_its_event_was_lost() -> None:
    world, _ = await ordered(PaymentState.CAPTURED)
    world.pass_time(seconds=CONFIRM_AFTER.total_seconds() - 1)
    await world.process.reconcile.confirm()
    assert world.only().status is OrderStatus.PENDING
    world.pass_time(seconds=1)
    await world.process.reconcile.confirm()
    assert world.only().status is OrderStatus.COMPLETED


@pytest.mark.parametrize("state", [PaymentState.NONE, PaymentState.OPEN])
async def test_an_unpaid_order_is_only_asked_about_before_its_time_is_over(
    state: PaymentState,
) -> None:
    world, order = await ordered(state)
    world.pass_time(seconds=LIFETIME.total_seconds() - 1)
    await world.process.reconcile.confirm()
    assert world.only() == order


async def test_an_order_whose_payment_is_open_waits_for_the_payments_end() -> None:
    world, order = await ordered(PaymentState.OPEN)
    world.pass_time(seconds=LIFETIME.total_seconds())
    await world.sweep()
    assert world.only().status is OrderStatus.PENDING
    del world.payments.payments[order.id]
    await world.sweep()
    assert world.only().status is OrderStatus.CANCELLED


async def test_nothing_expires_while_the_payments_do_not_answer() -> None:
    world, _ = await ordered()
    world.payments.away = True
    world.pass_time(seconds=LIFETIME.total_seconds())
    await world.sweep()
    assert world.only().status is OrderStatus.PENDING
    world.payments.away = False
    await world.sweep()
    assert world.only().status is OrderStatus.CANCELLED


async def test_an_order_that_was_refunded_without_an_event_ends_as_a_completed_one() -> None:
    world, order = await ordered(PaymentState.REFUNDED)
    world.pass_time(seconds=LIFETIME.total_seconds())
    await world.sweep()
    assert world.only().status is OrderStatus.CANCELLED
    assert types_of(world.only()) == ["order.created", "payment.refunded", "order.cancelled"]
    assert world.orders.events[-1].was_completed  # type: ignore[union-attr]  # a cancellation
    assert world.announced()[-1] == ("OrderCancelled", order.id)


async def test_open_payments_do_not_keep_later_orders_from_expiring() -> None:
    world = World(lamp=BATCH + 5)
    for _ in range(BATCH):
        order = await world.process.create(ANN, lines(lamp=1))
        world.payments.payments[order.id] = OrderPayment(PaymentState.OPEN, "pay")
    last = await world.process.create(ANN, lines(lamp=1))
    world.pass_time(seconds=LIFETIME.total_seconds())
    await world.process.reconcile.expire()
    assert world.orders.orders[last.id].status is OrderStatus.CANCELLED
    assert len(world.live()) == BATCH


async def test_a_shopper_does_not_cancel_an_order_that_is_paid() -> None:
    world, order = await ordered(PaymentState.CAPTURED)
    with pytest.raises(OrderNotCancellable):
        await world.process.cancel.own("ann", order.id)
    assert world.only().status is OrderStatus.COMPLETED


async def test_what_an_admin_cancels_counts_as_completed_if_it_is_paid() -> None:
    world, order = await ordered(PaymentState.CAPTURED)
    await world.process.cancel.any(order.id, "Broken.")
    assert world.only().status is OrderStatus.CANCELLED
    assert world.orders.events[-1].was_completed  # type: ignore[union-attr]  # a cancellation


async def test_people_cancel_although_the_payments_do_not_answer() -> None:
    world, order = await ordered(PaymentState.CAPTURED)
    world.payments.away = True
    await world.process.cancel.own("ann", order.id)
    assert world.only().status is OrderStatus.CANCELLED


@pytest.mark.parametrize("was_completed", [True, False])
async def test_the_payments_hear_of_an_end_again(was_completed: bool) -> None:
    world, order = await ordered(PaymentState.CAPTURED if was_completed else PaymentState.NONE)
    await world.process.cancel.any(order.id, "Broken.")
    due = RECONCILE_AFTER if was_completed else LIFETIME + RECONCILE_AFTER
    world.pass_time(seconds=due.total_seconds() - 1)
    await world.process.reconcile.report_ends()
    assert world.payments.reported == {}
    world.pass_time(seconds=1)
    world.payments.away = True
    await world.process.reconcile.report_ends()
    world.payments.away = False
    await world.process.reconcile.report_ends()
    assert world.payments.reported == {order.id: was_completed}
    world.payments.reported.clear()
    await world.process.reconcile.report_ends()
    assert world.payments.reported == {}

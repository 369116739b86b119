"""The state machine of an order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.errors import Unavailable
from svc_orders.model.lines import Item, Line
from svc_orders.model.order import (
    Order,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderStatus,
    start,
)
from svc_orders.model.refusals import OrderNotCancellable, PriceChanged
from svc_orders.model.timeline import MAX_ENTRIES, PaymentUpdate
from tests.unit.svc_orders.world import ANN, LIFETIME, NOON, usd

LAMP = Item("lamp", "Lamp", usd(1000), 2)
RESERVED = {"lamp": LAMP}
PAID_UPDATE = PaymentUpdate("e1", "pay1", "The payment was received.")


def created(key: str = "k") -> Order:
    lines = (Line("lamp", 2, usd(1000)),)
    return start("o1", ANN, key, lines, (LAMP,), now=NOON, lease=timedelta(seconds=10))


def pending() -> Order:
    placed = created().place(RESERVED, NOON + LIFETIME, NOON)
    assert placed is not None
    return placed.order


def completed() -> Order:
    paid = pending().paid(PAID_UPDATE, NOON)
    assert paid is not None
    return paid.order


def cancelled() -> Order:
    return pending().cancel("Cancelled.", NOON).order


def types(order: Order) -> list[str]:
    return [entry.type for entry in order.timeline]


def test_a_new_order_is_leased_to_its_maker() -> None:
    order = created()
    assert (order.status, order.version, order.total) == (OrderStatus.CREATED, 1, usd(2000))
    assert order.leased_until == NOON + timedelta(seconds=10)


def test_an_order_without_a_key_gets_its_own() -> None:
    assert created("").key == "none:o1"
    assert created("none:o1").key == "given:none:o1"


def test_a_reserved_order_waits_to_be_paid() -> None:
    dearer = {"lamp": replace(LAMP, title="New lamp")}
    placed = created().place(dearer, NOON + LIFETIME, NOON)
    assert placed is not None
    order = placed.order
    assert (order.status, order.version) == (OrderStatus.PENDING, 2)
    assert order.items[0].title == "New lamp"
    assert (order.leased_until, order.expires_at) == (None, NOON + LIFETIME)
    assert placed.events == (OrderCreated(order),)
    assert types(order) == ["order.created"]


def test_the_price_shown_has_to_hold() -> None:
    with pytest.raises(PriceChanged):
        created().place({"lamp": replace(LAMP, price=usd(999))}, NOON + LIFETIME, NOON)


@pytest.mark.parametrize("order", [pending(), completed(), cancelled()])
def test_only_a_created_order_is_placed_or_refused(order: Order) -> None:
    assert order.place(RESERVED, NOON + LIFETIME, NOON) is None
    assert order.refuse(Unavailable(), NOON) is None


def test_a_refused_order_frees_its_key_owes_a_release_and_is_not_announced() -> None:
    refusal = Unavailable("No.")
    refused = created().refuse(refusal, NOON)
    assert refused is not None
    order = refused.order
    assert (order.status, order.refusal, refused.events) == (OrderStatus.CANCELLED, refusal, ())
    assert order.key == "ended:o1:given:k"
    assert order.release_due_at == NOON
    released = order.released()
    assert released is not None
    assert released.order.release_due_at is None
    assert released.order.released() is None


def test_a_created_order_is_cancelled_without_an_announcement() -> None:
    change = created().cancel("Cancelled.", NOON)
    assert (change.order.status, change.events) == (OrderStatus.CANCELLED, ())
    assert change.order.release_due_at == NOON
    assert change.order.refusal is None


def test_cancelling_a_pending_order_is_announced() -> None:
    change = pending().cancel("Changed my mind.", NOON)
    order = change.order
    assert change.events == (OrderCancelled(order, was_completed=False, detail="Changed my mind."),)
    assert (order.status, order.expires_at) == (OrderStatus.CANCELLED, None)
    assert order.key == "ended:o1:given:k"
    assert order.release_due_at is None


def test_only_an_admin_cancels_a_completed_order() -> None:
    with pytest.raises(OrderNotCancellable):
        completed().cancel("Cancelled.", NOON)
    change = completed().cancel("Cancelled.", NOON, by_admin=True)
    assert change.events == (OrderCancelled(change.order, was_completed=True, detail="Cancelled."),)
    assert change.order.completed_at == NOON


def test_a_cancelled_order_is_not_cancelled_again() -> None:
    with pytest.raises(OrderNotCancellable):
        cancelled().cancel("Cancelled.", NOON, by_admin=True)


def test_an_order_expires_when_its_time_is_over() -> None:
    order = pending()
    assert order.expire(NOON + LIFETIME - timedelta(milliseconds=1)) is None
    change = order.expire(NOON + LIFETIME)
    assert change is not None
    assert change.order.status is OrderStatus.CANCELLED
    assert [type(event) for event in change.events] == [OrderCancelled]
    assert change.order.expire(NOON + LIFETIME) is None
    assert completed().expire(NOON + LIFETIME) is None
    assert created().expire(NOON + LIFETIME) is None


def test_a_payment_completes_a_pending_order() -> None:
    change = pending().paid(PAID_UPDATE, NOON + timedelta(minutes=1))
    assert change is not None
    order = change.order
    assert (order.status, order.payment_id) == (OrderStatus.COMPLETED, "pay1")
    assert (order.completed_at, order.expires_at) == (NOON + timedelta(minutes=1), None)
    assert order.key == "given:k"
    assert change.events == (OrderCompleted(order, "pay1"),)
    assert types(order) == ["order.created", "payment.created", "order.completed"]


def test_a_payment_completes_once() -> None:
    assert completed().paid(PAID_UPDATE, NOON) is None
    assert completed().paid(replace(PAID_UPDATE, event_id="e2"), NOON) is None


def test_a_payment_that_comes_too_late_is_noted_once() -> None:
    change = cancelled().paid(PAID_UPDATE, NOON)
    assert change is not None
    assert (change.order.status, change.events) == (OrderStatus.CANCELLED, ())
    assert types(change.order)[-1] == "payment.created"
    assert change.order.paid(PAID_UPDATE, NOON) is None


def test_an_order_can_not_be_paid_before_it_is_pending() -> None:
    with pytest.raises(LookupError):
        created().paid(PAID_UPDATE, NOON)


def test_a_failed_payment_is_noted_once_and_leaves_the_order_payable() -> None:
    change = pending().payment_failed(PAID_UPDATE, NOON)
    assert change is not None
    assert (change.order.status, change.events) == (OrderStatus.PENDING, ())
    assert change.order.timeline[-1].detail == PAID_UPDATE.detail
    assert change.order.payment_failed(PAID_UPDATE, NOON) is None


def test_a_partial_refund_is_noted() -> None:
    update = replace(PAID_UPDATE, event_id="e2")
    change = completed().refunded(update, NOON, is_full=False)
    assert change is not None
    assert (change.order.status, change.events) == (OrderStatus.COMPLETED, ())
    assert change.order.refunded(update, NOON, is_full=False) is None


def test_a_full_refund_ends_a_completed_order() -> None:
    order = completed()
    change = order.refunded(replace(PAID_UPDATE, event_id="e2"), NOON, is_full=True)
    assert change is not None
    assert change.order.status is OrderStatus.CANCELLED
    assert change.order.version == order.version + 1
    (event,) = change.events
    assert isinstance(event, OrderCancelled)
    assert event.was_completed
    assert types(change.order)[-2:] == ["payment.refunded", "order.cancelled"]


def test_a_full_refund_that_overtakes_its_payment_ends_the_order_too() -> None:
    change = pending().refunded(replace(PAID_UPDATE, event_id="e2"), NOON, is_full=True)
    assert change is not None
    assert (change.order.status, change.order.payment_id) == (OrderStatus.CANCELLED, "pay1")
    assert [type(event) for event in change.events] == [OrderCancelled]
    assert change.order.paid(PAID_UPDATE, NOON) is None


def test_a_refund_of_another_payment_does_not_end_the_order() -> None:
    change = completed().refunded(PaymentUpdate("e2", "pay2", "Back."), NOON, is_full=True)
    assert change is not None
    assert (change.order.status, change.events) == (OrderStatus.COMPLETED, ())


def test_a_refund_of_a_cancelled_order_is_noted() -> None:
    change = cancelled().refunded(replace(PAID_UPDATE, event_id="e2"), NOON, is_full=True)
    assert change is not None
    assert change.events == ()


def test_a_timeline_keeps_its_beginning_and_its_end() -> None:
    order = pending()
    for number in range(MAX_ENTRIES + 20):
        change = order.payment_failed(PaymentUpdate(f"f{number}", "p", f"{number}"), NOON)
        assert change is not None
        order = change.order
    assert len(order.timeline) == MAX_ENTRIES
    assert order.timeline[0].type == "order.created"
    assert order.timeline[-1].detail == f"{MAX_ENTRIES + 19}"


@pytest.mark.parametrize("order", [created(), pending(), completed(), cancelled()])
def test_every_transition_makes_exactly_one_new_version(order: Order) -> None:
    changes = [
        order.place(RESERVED, NOON + LIFETIME, NOON),
        order.refuse(Unavailable(), NOON),
        order.expire(NOON + LIFETIME),
        order.payment_failed(replace(PAID_UPDATE, event_id="f"), NOON),
        order.refunded(replace(PAID_UPDATE, event_id="r"), NOON, is_full=True),
        order.released(),
    ]
    if order.status is not OrderStatus.CANCELLED:
        changes.append(order.cancel("Cancelled.", NOON, by_admin=True))
    if order.status is not OrderStatus.CREATED:
        changes.append(order.paid(replace(PAID_UPDATE, event_id="p", payment_id="pay2"), NOON))
    versions = [change.order.version for change in changes if change]
    assert versions == [order.version + 1] * len(versions)
    assert versions

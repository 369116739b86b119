"""Payments and their events as messages."""

from dataclasses import replace

from shop.payments.v1 import events_pb2, payments_pb2

from svc_payments.messages import STATUSES, event_message, payment_message
from svc_payments.model.payment import PaymentCreated, PaymentFailed, PaymentRefunded, PaymentStatus
from svc_payments.model.refunds import Refund, RefundStatus
from tests.unit.svc_payments.model.stages import SUCCEEDED
from tests.unit.svc_payments.world import NOON

BACK = Refund("r1", "", 500, restock=False, begun_at=NOON, status=RefundStatus.SUCCEEDED)


def test_every_status_has_its_number() -> None:
    assert set(STATUSES) == set(PaymentStatus)
    assert {payments_pb2.PaymentStatus.Name(number) for number in STATUSES.values()} == {
        f"PAYMENT_STATUS_{status.name}" for status in PaymentStatus
    }


def test_events_carry_the_payment_and_what_was_bought() -> None:
    message = payment_message(SUCCEEDED)
    assert message.order_number == SUCCEEDED.order_number != ""
    created = event_message(PaymentCreated(SUCCEEDED))
    assert isinstance(created, events_pb2.PaymentCreated)
    assert created.payment == message
    assert (created.version, created.user_id) == (2, "ann")
    (item,) = created.items
    assert isinstance(item, events_pb2.PurchasedItem)
    assert (item.product_id, item.quantity, item.price.amount_minor) == ("lamp", 2, 1000)
    failed = event_message(PaymentFailed(SUCCEEDED, "Why."))
    assert failed == events_pb2.PaymentFailed(
        payment=message, version=2, user_id="ann", detail="Why."
    )
    refunded = event_message(PaymentRefunded(SUCCEEDED, is_full=True, restock=True))
    assert refunded == events_pb2.PaymentRefunded(
        payment=message, version=2, user_id="ann", items=created.items, is_full=True, restock=True
    )


def test_a_stray_charge_is_not_announced() -> None:
    assert payment_message(replace(SUCCEEDED, refunds=(BACK,))).refunded.amount_minor == 500
    stray = replace(SUCCEEDED, status=PaymentStatus.FAILED, is_stray=True, refunds=(BACK,))
    assert payment_message(stray).refunded.amount_minor == 0

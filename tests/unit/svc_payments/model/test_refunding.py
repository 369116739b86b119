"""Money on its way back: ours, and what others gave back by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from svc_payments.model.payment import (
    AFTER_FAILED_REFUND,
    OrderOutcome,
    Payment,
    PaymentRefunded,
    PaymentStatus,
)
from svc_payments.model.refund_rules import begin, begin_owed, learned, refused, tried_again
from svc_payments.model.refunds import Refund, RefundStatus
from tests.unit.svc_payments.model.stages import (
    FAILED,
    SUCCEEDED,
    by_hand,
    certain,
    ended,
    made,
    not_arrived,
)
from tests.unit.svc_payments.world import NOON


def owed(payment: Payment) -> Payment:
    """What is owed is on its way."""
    return certain(begin_owed(payment, NOON)).payment


def wished(amount_minor: int | None, *, restock: bool = False) -> Payment:
    """An admin's wish is on its way."""
    return certain(begin(SUCCEEDED, "r1", "", amount_minor, restock=restock, now=NOON)).payment


def test_what_is_owed_is_begun_once() -> None:
    begun = owed(ended())
    (refund,) = begun.refunds
    assert refund == Refund("p1", "", 2000, restock=False, begun_at=NOON)
    assert refund.stripe_key == "refund:p1"
    assert begin_owed(begun, NOON) is None
    assert begin_owed(SUCCEEDED, NOON) is None


def test_a_refused_refund_of_what_is_owed_is_begun_again_later() -> None:
    begun = owed(ended())
    payment = certain(refused(begun, begun.refunds[0], "No.", NOON)).payment
    assert payment.refunds[0].status is RefundStatus.FAILED
    assert payment.attend_at == NOON + AFTER_FAILED_REFUND
    assert owed(payment).refunds[1].stripe_key == "refund:p1-2"


def test_a_refund_that_fails_again_and_again_is_begun_ever_less_often() -> None:
    payment, waits = ended(), []
    for _ in range(20):
        payment = owed(payment)
        payment = certain(refused(payment, payment.refunds[-1], "No.", NOON)).payment
        assert payment.attend_at is not None
        waits.append(payment.attend_at - NOON)
    assert waits[:3] == [timedelta(seconds=15), timedelta(seconds=30), timedelta(minutes=1)]
    assert timedelta(hours=17) < waits[-1] == waits[-2] < timedelta(hours=18)


def test_a_refund_tried_again_takes_a_new_key_and_an_old_answer_still_counts() -> None:
    begun = wished(None)
    first = begun.refunds[0]
    later = NOON + timedelta(minutes=5)
    again = certain(tried_again(begun, first, later)).payment
    (second,) = again.refunds
    assert (second.stripe_key, second.begun_at) == ("refund:r1:2", later)
    assert tried_again(again, first, later) is None
    assert refused(again, first, "No.", later) is None
    done = certain(learned(again, [made(first)], later)).payment
    assert done.status is PaymentStatus.REFUNDED
    assert learned(done, [made(second)], later) is None


def test_a_refund_is_announced_once() -> None:
    begun = wished(500)
    change = certain(learned(begun, [made(begun.refunds[0])], NOON))
    assert change.payment.refunded_minor == 500
    assert change.events == (PaymentRefunded(change.payment, is_full=False, restock=False),)
    assert learned(change.payment, [made(begun.refunds[0])], NOON) is None


@pytest.mark.parametrize("restock", [True, False])
def test_stock_comes_back_with_all_of_the_money_where_it_is_wished(restock: bool) -> None:
    begun = wished(None, restock=restock)
    change = certain(learned(begun, [made(begun.refunds[0])], NOON))
    assert change.events == (PaymentRefunded(change.payment, is_full=True, restock=restock),)


def test_a_refund_made_by_hand_counts_once_and_brings_no_stock_back() -> None:
    part = certain(learned(SUCCEEDED, [by_hand(500)], NOON))
    assert part.payment.status is PaymentStatus.SUCCEEDED
    assert part.payment.left_minor == 1500
    assert part.events == (PaymentRefunded(part.payment, is_full=False, restock=False),)
    assert learned(part.payment, [by_hand(500)], NOON) is None
    rest = certain(learned(part.payment, [by_hand(1500, "re_2"), by_hand(500)], NOON))
    assert rest.payment.status is PaymentStatus.REFUNDED
    assert rest.events == (PaymentRefunded(rest.payment, is_full=True, restock=False),)


def test_of_what_was_never_captured_nothing_goes_back() -> None:
    assert learned(FAILED, [by_hand(500)], NOON) is None


def test_an_order_that_ends_by_a_refund_leaves_the_stock_to_whoever_made_it() -> None:
    back = certain(learned(SUCCEEDED, [by_hand(2000)], NOON)).payment
    over = ended(back)
    assert over.order_end == OrderOutcome(was_completed=True, by_refund=True)
    assert (over.owed_minor, over.attend_at) == (0, None)
    again = owed(certain(learned(over, [not_arrived(by_hand(2000))], NOON)).payment)
    done = certain(learned(again, [made(again.refunds[-1], "re_2")], NOON))
    assert done.events == (PaymentRefunded(done.payment, is_full=True, restock=False),)


def test_a_refund_by_hand_that_overtakes_ours_still_brings_the_stock_of_a_dead_order() -> None:
    begun = owed(ended())
    change = certain(learned(begun, [by_hand(2000)], NOON))
    assert change.events == (PaymentRefunded(change.payment, is_full=True, restock=True),)
    assert (change.payment.left_minor, change.payment.owed_minor) == (0, 0)
    settled = certain(refused(change.payment, begun.refunds[0], "No.", NOON)).payment
    assert (settled.owed_minor, settled.attend_at) == (0, None)


def test_a_refund_that_does_not_arrive_is_owed_again() -> None:
    begun = owed(ended())
    refund = made(begun.refunds[0])
    back = certain(learned(begun, [refund], NOON)).payment
    change = certain(learned(back, [not_arrived(refund)], NOON))
    payment = change.payment
    assert (payment.status, payment.refunded_minor) == (PaymentStatus.SUCCEEDED, 0)
    assert payment.refunds[0].detail == "expired_or_canceled_card"
    assert change.events == ()
    assert (payment.owed_minor, payment.attend_at) == (2000, NOON + AFTER_FAILED_REFUND)
    again = owed(payment)
    assert again.refunds[1].stripe_key == "refund:p1-2"
    done = certain(learned(again, [made(again.refunds[1], "re_2"), not_arrived(refund)], NOON))
    assert done.payment.status is PaymentStatus.REFUNDED
    assert done.events == (PaymentRefunded(done.payment, is_full=True, restock=True),)


def test_an_admins_wish_that_does_not_arrive_is_theirs_to_repeat() -> None:
    begun = wished(500)
    refund = made(begun.refunds[0])
    back = certain(learned(begun, [refund], NOON)).payment
    payment = certain(learned(back, [not_arrived(refund)], NOON)).payment
    assert (payment.refunded_minor, payment.left_minor) == (0, 2000)
    assert (payment.owed_minor, payment.attend_at) == (0, None)


def test_late_news_of_a_failed_refund_change_nothing() -> None:
    for refund in (made(wished(500).refunds[0]), by_hand(500)):
        payment = certain(learned(wished(500), [not_arrived(refund)], NOON)).payment
        assert payment.refunded_minor == 0
        assert learned(payment, [refund], NOON) is None


def test_two_of_stripes_for_one_of_ours_both_count() -> None:
    begun = wished(500)
    refund = begun.refunds[0]
    done = certain(learned(begun, [made(refund, "re_2"), made(refund, "re_1")], NOON)).payment
    assert done.refunded_minor == 1000
    assert learned(done, [made(refund, "re_1"), made(refund, "re_2")], NOON) is None


def test_what_was_thought_refused_and_was_made_counts() -> None:
    begun = owed(ended())
    refund = begun.refunds[0]
    failed = certain(refused(begun, refund, "No.", NOON)).payment
    done = certain(learned(failed, [made(refund)], NOON)).payment
    assert (done.status, done.owed_minor) == (PaymentStatus.REFUNDED, 0)


def test_what_went_back_of_a_stray_is_not_announced() -> None:
    stray = replace(FAILED, is_stray=True, stripe_id="pi_1")
    change = certain(learned(stray, [by_hand(500)], NOON))
    assert (change.payment.status, change.events) == (PaymentStatus.FAILED, ())
    assert change.payment.owed_minor == 1500

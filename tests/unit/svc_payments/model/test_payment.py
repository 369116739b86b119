"""The state machine of a payment."""

from dataclasses import replace

import pytest

from chassis.currencies import Money
from svc_payments.model.intents import GIVEN_UP, IntentStatus
from svc_payments.model.orders import MAX_DESCRIPTION, Item, Order, describe
from svc_payments.model.payment import (
    SOON,
    WHILE_CONFIRMING,
    OrderOutcome,
    Payment,
    PaymentCreated,
    PaymentFailed,
    PaymentStatus,
)
from svc_payments.model.refund_rules import begin, begin_owed, learned, refused, tried_again
from tests.unit.svc_payments.model.stages import (
    CONFIRMING,
    FAILED,
    PENDING,
    POOR,
    SUCCEEDED,
    after,
    certain,
    ended,
    intent,
    made,
)
from tests.unit.svc_payments.world import LIFETIME, NOON, order


def test_a_captured_payment_is_announced() -> None:
    for payment in (PENDING, CONFIRMING):
        change = payment.learned(intent(IntentStatus.SUCCEEDED), NOON)
        assert change is not None
        assert change.payment.status is PaymentStatus.SUCCEEDED
        assert change.payment.stripe_id == "pi_1"
        assert change.payment.attend_at is None
        assert change.events == (PaymentCreated(change.payment),)


def test_a_captured_payment_of_a_cancelled_order_is_owed_and_not_announced() -> None:
    ended = replace(PENDING, order_end=OrderOutcome(was_completed=False))
    change = ended.learned(intent(IntentStatus.SUCCEEDED), NOON)
    assert change is not None
    assert change.events == ()
    assert change.payment.owed_minor == 2000
    assert change.payment.attend_at == NOON + SOON


def test_a_declined_payment_lets_go_of_its_order() -> None:
    change = PENDING.learned(intent(IntentStatus.DECLINED), NOON)
    assert change is not None
    payment = change.payment
    assert (payment.status, payment.failure, payment.holds_claim) == (
        PaymentStatus.FAILED,
        POOR,
        False,
    )
    assert change.events == (PaymentFailed(payment, POOR.message),)
    assert payment.attend_at is None


def test_a_payment_to_be_confirmed_waits() -> None:
    assert CONFIRMING.status is PaymentStatus.REQUIRES_ACTION
    assert (CONFIRMING.client_secret, CONFIRMING.action_url) == ("secret", "https://bank")
    assert CONFIRMING.attend_at == NOON + WHILE_CONFIRMING
    assert CONFIRMING.holds_claim


def test_what_can_be_confirmed_again_ends_only_when_it_is_canceled() -> None:
    assert CONFIRMING.learned(intent(IntentStatus.DECLINED), NOON) is None
    assert after(CONFIRMING, IntentStatus.CANCELED).status is PaymentStatus.FAILED


def test_the_intent_of_a_slow_bank_is_kept() -> None:
    slow = after(PENDING, IntentStatus.PROCESSING)
    assert (slow.status, slow.stripe_id) == (PaymentStatus.PENDING, "pi_1")
    assert slow.learned(intent(IntentStatus.PROCESSING), NOON) is None


@pytest.mark.parametrize("payment", [SUCCEEDED, FAILED])
@pytest.mark.parametrize(
    "status",
    [
        IntentStatus.PROCESSING,
        IntentStatus.REQUIRES_ACTION,
        IntentStatus.DECLINED,
        IntentStatus.CANCELED,
    ],
)
def test_late_news_change_nothing(payment: Payment, status: IntentStatus) -> None:
    assert payment.learned(intent(status), NOON) is None


def test_success_is_learned_once() -> None:
    assert SUCCEEDED.learned(intent(IntentStatus.SUCCEEDED), NOON) is None


def test_a_failed_payment_that_was_charged_owes_it_unheard() -> None:
    change = FAILED.learned(intent(IntentStatus.SUCCEEDED), NOON)
    assert change is not None
    stray = change.payment
    assert (stray.status, stray.owed_minor, change.events) == (PaymentStatus.FAILED, 2000, ())
    assert not stray.holds_claim
    assert stray.learned(intent(IntentStatus.SUCCEEDED), NOON) is None
    begun = begin_owed(stray, NOON)
    assert begun is not None
    done = learned(begun.payment, [made(begun.payment.refunds[0])], NOON)
    assert done is not None
    assert (done.payment.status, done.events) == (PaymentStatus.FAILED, ())
    assert done.payment.owed_minor == 0


def test_only_an_unanswered_payment_fails_by_itself() -> None:
    change = PENDING.fail(GIVEN_UP, NOON)
    assert change is not None
    assert change.payment.status is PaymentStatus.FAILED
    for payment in (CONFIRMING, SUCCEEDED, FAILED):
        assert payment.fail(GIVEN_UP, NOON) is None


def test_the_end_of_an_order_is_taken_once() -> None:
    end = OrderOutcome(was_completed=True)
    change = SUCCEEDED.end_order(end, NOON)
    assert change is not None
    assert change.payment.owed_minor == 2000
    assert change.payment.end_order(end, NOON) is None
    assert FAILED.end_order(end, NOON) is None


def test_a_payment_is_over_with_its_order() -> None:
    assert not CONFIRMING.is_over(NOON)
    assert CONFIRMING.is_over(NOON + LIFETIME)
    assert replace(CONFIRMING, order_end=OrderOutcome(was_completed=False)).is_over(NOON)


@pytest.mark.parametrize("payment", [PENDING, CONFIRMING, SUCCEEDED, FAILED, ended()])
def test_every_transition_makes_exactly_one_new_version(payment: Payment) -> None:
    changes = [payment.learned(intent(status), NOON) for status in IntentStatus]
    changes += [payment.fail(GIVEN_UP, NOON), begin_owed(payment, NOON)]
    changes.append(payment.end_order(OrderOutcome(was_completed=False), NOON))
    if payment.left_minor:
        begun = certain(begin(payment, "r1", "", None, restock=False, now=NOON))
        changes.append(begun)
        refund = begun.payment.refunds[0]
        bumped = replace(begun.payment, version=payment.version)
        changes += [
            learned(bumped, [made(refund)], NOON),
            refused(bumped, refund, "No.", NOON),
            tried_again(bumped, refund, NOON),
        ]
    versions = [change.payment.version for change in changes if change]
    assert versions
    assert versions == [payment.version + 1] * len(versions)


def test_an_order_is_payable_while_it_is_pending_and_its_time_lasts() -> None:
    assert order().payable_until(NOON) == NOON + LIFETIME
    assert order().payable_until(NOON + LIFETIME) is None
    assert replace(order(), is_pending=False).payable_until(NOON) is None
    assert replace(order(), expires_at=None).payable_until(NOON) is None


def test_a_description_is_as_long_as_it_may_be() -> None:
    items = tuple(Item(f"p{n}", "A long title " * 5, Money(1, "USD"), 1) for n in range(50))
    long: Order = replace(order(), items=items)
    assert len(describe(long, {})) == MAX_DESCRIPTION
    assert describe(order(), {"lamp": ""}) == "Order 4821-5539-0714: 2 × Lamp"


def test_of_an_order_whose_number_is_not_known_the_id_is_sent() -> None:
    unnumbered: Order = replace(order(), number="")
    assert describe(unnumbered, {}) == "Order o1: 2 × Lamp"

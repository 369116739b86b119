from datetime import timedelta

import pytest

from chassis.currencies import Money
from svc_notify.model import announcements
from svc_notify.model.announcements import Announcement
from svc_notify.model.message import Draft
from svc_notify.model.notices import (
    CheckoutNotice,
    Notice,
    OrderNotice,
    PaymentNotice,
    ProductNotice,
)
from svc_notify.model.wording import amount, declined
from tests.support.clock import START
from tests.unit.svc_notify.fakes import PRICE

NUMBER = "4821-5539-0714"
PAYMENT = PaymentNotice("p1", "o1", "failed", PRICE, "insufficient_funds", NUMBER)


def order(status: str) -> OrderNotice:
    return OrderNotice("o1", status, PRICE, NUMBER)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(101_999, "USD"), "$1,019.99"),
        (Money(5, "EUR"), "€0.05"),
        (Money(1250, "CHF"), "12.50 CHF"),
        (Money(1250, "JPY"), "¥1,250"),
        (Money(1250, "KWD"), "1.250 KWD"),
    ],
)
def test_amounts_are_written_as_people_do(money: Money, text: str) -> None:
    assert amount(money) == text


def test_a_decline_is_explained_only_where_that_helps() -> None:
    assert declined("insufficient_funds") == "Your card was declined: insufficient funds"
    assert declined("stolen_card") == "Your card was declined"


@pytest.mark.parametrize(
    "notice", [ProductNotice("p1", 3, "Lamp", PRICE, 7), ProductNotice("p1", 4)]
)
def test_everybody_hears_of_products(notice: ProductNotice) -> None:
    assert announcements.product_changed(notice) == {"public": notice}


@pytest.mark.parametrize(
    ("announcement", "for_user", "for_admins"),
    [
        (
            announcements.cart_checked_out("u1", CheckoutNotice("o1", PRICE, 3, NUMBER)),
            "We have your order 4821-5539-0714",
            "A cart was checked out for order 4821-5539-0714: 3 items for $19.99",
        ),
        (
            announcements.cart_checked_out("u1", CheckoutNotice("o1", PRICE, 1)),
            "We have your order",
            "A cart was checked out: 1 item for $19.99",
        ),
        (
            announcements.order_created("u1", order("pending")),
            "Your order 4821-5539-0714 is reserved and waits for your payment",
            "New order 4821-5539-0714 over $19.99 waits to be paid",
        ),
        (
            announcements.order_completed("u1", order("completed")),
            "Your order 4821-5539-0714 is complete",
            "Order 4821-5539-0714 over $19.99 is complete",
        ),
        (
            announcements.order_cancelled("u1", order("cancelled"), was_completed=False, detail=""),
            "Your order 4821-5539-0714 was cancelled",
            "Order 4821-5539-0714 was cancelled",
        ),
        (
            announcements.order_cancelled(
                "u1", order("cancelled"), was_completed=False, detail="It was not paid in time."
            ),
            "Your order 4821-5539-0714 was cancelled. It was not paid in time.",
            "Order 4821-5539-0714 was cancelled. It was not paid in time.",
        ),
        (
            announcements.order_cancelled("u1", order("cancelled"), was_completed=True, detail=""),
            "Your order 4821-5539-0714 was cancelled. Your money is on its way back.",
            "Paid order 4821-5539-0714 was cancelled",
        ),
        (
            announcements.payment_created("u1", PAYMENT),
            "We have received your payment of $19.99 for order 4821-5539-0714",
            "A payment of $19.99 for order 4821-5539-0714 was received",
        ),
        (
            announcements.payment_failed("u1", PAYMENT),
            "Your card was declined for order 4821-5539-0714: insufficient funds",
            "A payment of $19.99 for order 4821-5539-0714 failed: insufficient funds",
        ),
        (
            announcements.payment_failed("u1", PaymentNotice("p1", "o1", "failed", PRICE)),
            "Your payment did not go through",
            "A payment of $19.99 failed",
        ),
        (
            announcements.payment_refunded("u1", PAYMENT, refunded=PRICE, is_full=True),
            "We have refunded $19.99 for order 4821-5539-0714 to your card",
            "$19.99 for order 4821-5539-0714 was refunded",
        ),
        (
            announcements.payment_refunded(
                "u1", PAYMENT, refunded=Money(500, "USD"), is_full=False
            ),
            "We have refunded $5.00 of $19.99 for order 4821-5539-0714 to your card",
            "$5.00 of $19.99 for order 4821-5539-0714 was refunded",
        ),
    ],
)
def test_the_user_and_the_admins_hear_of_it(
    announcement: Announcement, for_user: str, for_admins: str
) -> None:
    titles = [(audience, getattr(it, "title", "")) for audience, it in announcement.items()]
    assert titles == [("user:u1", for_user), ("admins", for_admins)]


def draft(audience: str, notice: Notice) -> Draft:
    return Draft(audience, "e1", "x", START, notice)


ORDER = OrderNotice("o1", "completed", PRICE)


def test_inboxes_keep_what_becomes_of_a_users_orders() -> None:
    assert draft("user:u1", ORDER).is_for_inbox
    assert not draft("admins", ORDER).is_for_inbox
    assert draft("user:u1", CheckoutNotice("o1", PRICE, 1)).is_for_inbox
    assert not draft("public", ProductNotice("p1", 1)).is_for_inbox


def test_what_everyone_has_is_forgotten_sooner() -> None:
    assert draft("public", ProductNotice("p1", 1)).expires_at(START) == START + timedelta(days=1)
    assert draft("user:u1", ORDER).expires_at(START) == START + timedelta(days=90)
    assert draft("admins", ORDER).expires_at(START) == START + timedelta(days=90)

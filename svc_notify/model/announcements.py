"""Who hears what of an event, each in the words that suit them.

Each function takes a notice without a title, as the event says it, and gives one for each audience.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from chassis.currencies import Money
from svc_notify.model.notices import (
    CheckoutNotice,
    Notice,
    OrderNotice,
    PaymentNotice,
    ProductNotice,
)
from svc_notify.model.wording import amount, declined, named, of_order, things

PUBLIC = "public"
ADMINS = "admins"

Announcement = Mapping[str, Notice]
"""Audience -> what it hears."""

N = TypeVar("N", CheckoutNotice, OrderNotice, PaymentNotice)


def user_audience(user_id: str) -> str:
    """The audience of one user."""
    return f"user:{user_id}"


def product_changed(notice: ProductNotice) -> Announcement:
    """A product was added, changed or deleted."""
    return {PUBLIC: notice}


def cart_checked_out(user_id: str, notice: CheckoutNotice) -> Announcement:
    """A cart became an order."""
    number = notice.order_number
    what = f"{things(notice.total_quantity)} for {amount(notice.total)}"
    return _both(
        user_id,
        notice,
        named("We have your order", number),
        f"A cart was checked out{of_order(number)}: {what}",
    )


def order_created(user_id: str, notice: OrderNotice) -> Announcement:
    """An order's stock is reserved and it waits for its payment."""
    return _both(
        user_id,
        notice,
        f"{named('Your order', notice.order_number)} is reserved and waits for your payment",
        f"{named('New order', notice.order_number)} over {amount(notice.total)} waits to be paid",
    )


def order_cancelled(
    user_id: str, notice: OrderNotice, *, was_completed: bool, detail: str
) -> Announcement:
    """An order ended without a sale, or its sale was undone; `detail` is a sentence: why."""
    back = " Your money is on its way back." if was_completed else ""
    why = f" {detail}" if detail else ""
    ended = f"was cancelled.{why}{back}" if why or back else "was cancelled"
    kind = named("Paid order" if was_completed else "Order", notice.order_number)
    for_admins = f"{kind} was cancelled"
    return _both(
        user_id,
        notice,
        f"{named('Your order', notice.order_number)} {ended}",
        f"{for_admins}.{why}" if why else for_admins,
    )


def order_completed(user_id: str, notice: OrderNotice) -> Announcement:
    """An order was paid."""
    return _both(
        user_id,
        notice,
        f"{named('Your order', notice.order_number)} is complete",
        f"{named('Order', notice.order_number)} over {amount(notice.total)} is complete",
    )


def payment_created(user_id: str, notice: PaymentNotice) -> Announcement:
    """The money for an order was captured."""
    paid = f"payment of {amount(notice.amount)}{of_order(notice.order_number)}"
    return _both(user_id, notice, f"We have received your {paid}", f"A {paid} was received")


def payment_failed(user_id: str, notice: PaymentNotice) -> Announcement:
    """No money was taken."""
    code, order = notice.decline_code, of_order(notice.order_number)
    why = f": {code.replace('_', ' ')}" if code else ""
    return _both(
        user_id,
        notice,
        declined(code, order) if code else f"Your payment{order} did not go through",
        f"A payment of {amount(notice.amount)}{order} failed{why}",
    )


def payment_refunded(
    user_id: str, notice: PaymentNotice, *, refunded: Money, is_full: bool
) -> Announcement:
    """Money went back; `refunded` is all that did so far."""
    of_it = "" if is_full else f" of {amount(notice.amount)}"
    back = f"{amount(refunded)}{of_it}{of_order(notice.order_number)}"
    return _both(user_id, notice, f"We have refunded {back} to your card", f"{back} was refunded")


def _both(user_id: str, notice: N, title: str, title_for_admins: str) -> Announcement:
    return {
        user_audience(user_id): replace(notice, title=title),
        ADMINS: replace(notice, title=title_for_admins),
    }

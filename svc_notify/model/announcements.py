"""Who is told what of a fact."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from svc_notify.model import facts
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

N = TypeVar("N", CheckoutNotice, OrderNotice, PaymentNotice)


def user_audience(user_id: str) -> str:
    """The audience of one user."""
    return f"user:{user_id}"


@dataclass(frozen=True)
class Told:
    """An audience and what it is told."""

    audience: str
    notice: Notice


def tell(fact: facts.Fact) -> list[Told]:
    """Everyone who is told of `fact`, each in the words that suit them."""
    return _TELLERS[type(fact)](fact)


def _product_changed(fact: facts.ProductChanged) -> list[Told]:
    notice = ProductNotice(fact.product_id, fact.version, fact.title, fact.price, fact.available)
    return [Told(PUBLIC, notice)]


def _cart_checked_out(fact: facts.CartCheckedOut) -> list[Told]:
    number = fact.order_number
    title = named("We have your order", number)
    notice = CheckoutNotice(fact.order_id, fact.total, fact.total_quantity, title, number)
    what = f"{things(fact.total_quantity)} for {amount(fact.total)}"
    return _both(fact.user_id, notice, f"A cart was checked out{of_order(number)}: {what}")


def _order_created(fact: facts.OrderCreated) -> list[Told]:
    return _both(
        fact.user_id,
        _order(fact, "is reserved and waits for your payment"),
        f"{named('New order', fact.order_number)} over {amount(fact.total)} waits to be paid",
    )


def _order_cancelled(fact: facts.OrderCancelled) -> list[Told]:
    back = " Your money is on its way back." if fact.was_completed else ""
    why = f" {fact.detail}" if fact.detail else ""
    ended = f"was cancelled.{why}{back}" if why or back else "was cancelled"
    kind = named("Paid order" if fact.was_completed else "Order", fact.order_number)
    for_admins = f"{kind} was cancelled"
    return _both(fact.user_id, _order(fact, ended), f"{for_admins}.{why}" if why else for_admins)


def _order_completed(fact: facts.OrderCompleted) -> list[Told]:
    return _both(
        fact.user_id,
        _order(fact, "is complete"),
        f"{named('Order', fact.order_number)} over {amount(fact.total)} is complete",
    )


def _payment_created(fact: facts.PaymentCreated) -> list[Told]:
    paid = f"payment of {amount(fact.payment.amount)}{of_order(fact.payment.order_number)}"
    return _both(
        fact.user_id,
        _payment(fact.payment, f"We have received your {paid}"),
        f"A {paid} was received",
    )


def _payment_failed(fact: facts.PaymentFailed) -> list[Told]:
    code = fact.payment.decline_code
    why = f": {code.replace('_', ' ')}" if code else ""
    order = of_order(fact.payment.order_number)
    title = declined(code, order) if code else f"Your payment{order} did not go through"
    return _both(
        fact.user_id,
        _payment(fact.payment, title),
        f"A payment of {amount(fact.payment.amount)}{order} failed{why}",
    )


def _payment_refunded(fact: facts.PaymentRefunded) -> list[Told]:
    back, paid = amount(fact.refunded), amount(fact.payment.amount)
    of_it = "" if fact.is_full else f" of {paid}"
    order = of_order(fact.payment.order_number)
    return _both(
        fact.user_id,
        _payment(fact.payment, f"We have refunded {back}{of_it}{order} to your card"),
        f"{back}{of_it}{order} was refunded",
    )


def _both(user_id: str, notice: N, title_for_admins: str) -> list[Told]:
    return [
        Told(user_audience(user_id), notice),
        Told(ADMINS, replace(notice, title=title_for_admins)),
    ]


def _order(
    fact: facts.OrderCreated | facts.OrderCancelled | facts.OrderCompleted, what: str
) -> OrderNotice:
    number = fact.order_number
    title = f"{named('Your order', number)} {what}"
    return OrderNotice(fact.order_id, fact.status, fact.total, title, number)


def _payment(payment: facts.Payment, title: str) -> PaymentNotice:
    return PaymentNotice(
        payment.id,
        payment.order_id,
        payment.status,
        payment.amount,
        payment.decline_code,
        title,
        payment.order_number,
    )


_TELLERS: dict[type[facts.Fact], Callable[[Any], list[Told]]] = {
    facts.ProductChanged: _product_changed,
    facts.CartCheckedOut: _cart_checked_out,
    facts.OrderCreated: _order_created,
    facts.OrderCancelled: _order_cancelled,
    facts.OrderCompleted: _order_completed,
    facts.PaymentCreated: _payment_created,
    facts.PaymentFailed: _payment_failed,
    facts.PaymentRefunded: _payment_refunded,
}

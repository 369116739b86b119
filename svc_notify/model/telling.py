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
from svc_notify.model.wording import amount, declined, things

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
    notice = CheckoutNotice(fact.order_id, fact.total, fact.total_quantity, "We have your order")
    what = f"{things(fact.total_quantity)} for {amount(fact.total)}"
    return _both(fact.user_id, notice, f"A cart was checked out: {what}")


def _order_created(fact: facts.OrderCreated) -> list[Told]:
    return _both(
        fact.user_id,
        _order(fact, "Your order is reserved and waits for your payment"),
        f"A new order over {amount(fact.total)} waits to be paid",
    )


def _order_cancelled(fact: facts.OrderCancelled) -> list[Told]:
    back = " Your money is on its way back." if fact.was_completed else ""
    why = f" {fact.detail}" if fact.detail else ""
    title = f"Your order was cancelled.{why}{back}" if why or back else "Your order was cancelled"
    for_admins = "A paid order was cancelled" if fact.was_completed else "An order was cancelled"
    return _both(fact.user_id, _order(fact, title), f"{for_admins}.{why}" if why else for_admins)


def _order_completed(fact: facts.OrderCompleted) -> list[Told]:
    return _both(
        fact.user_id,
        _order(fact, "Your order is complete"),
        f"An order over {amount(fact.total)} is complete",
    )


def _payment_created(fact: facts.PaymentCreated) -> list[Told]:
    paid = amount(fact.payment.amount)
    return _both(
        fact.user_id,
        _payment(fact.payment, f"We have received your payment of {paid}"),
        f"A payment of {paid} was received",
    )


def _payment_failed(fact: facts.PaymentFailed) -> list[Told]:
    code = fact.payment.decline_code
    why = f": {code.replace('_', ' ')}" if code else ""
    return _both(
        fact.user_id,
        _payment(fact.payment, declined(code) if code else "Your payment did not go through"),
        f"A payment of {amount(fact.payment.amount)} failed{why}",
    )


def _payment_refunded(fact: facts.PaymentRefunded) -> list[Told]:
    back, paid = amount(fact.refunded), amount(fact.payment.amount)
    of_it = "" if fact.is_full else f" of {paid}"
    return _both(
        fact.user_id,
        _payment(fact.payment, f"We have refunded {back}{of_it} to your card"),
        f"{back}{of_it} was refunded",
    )


def _both(user_id: str, notice: N, title_for_admins: str) -> list[Told]:
    return [
        Told(user_audience(user_id), notice),
        Told(ADMINS, replace(notice, title=title_for_admins)),
    ]


def _order(
    fact: facts.OrderCreated | facts.OrderCancelled | facts.OrderCompleted, title: str
) -> OrderNotice:
    return OrderNotice(fact.order_id, fact.status, fact.total, title)


def _payment(payment: facts.Payment, title: str) -> PaymentNotice:
    return PaymentNotice(
        payment.id, payment.order_id, payment.status, payment.amount, payment.decline_code, title
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

"""Payments of orders, and refunds."""

from typing import Annotated

import typer
from rich.console import Group
from shop.payments.v1 import payments_pb2

from chassis.ids import new_id
from shopctl.amounts import amount
from shopctl.command import Session, Yes, command, confirm
from shopctl.output import Result, name_of, record, table

app = typer.Typer(no_args_is_help=True, help="Payments of orders, and refunds.")


@command(app, "list")
def list_payments(
    session: Session,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")],
) -> Result:
    """List the payments of an order, newest first, with their refunds."""
    request = payments_pb2.ListOrderPaymentsRequest(order_id=order)
    found = session.payments.ListOrderPayments(request)
    payments = [
        (
            each.payment.id,
            status_of(each.payment),
            each.payment.amount,
            each.payment.refunded,
            each.refundable,
            each.payment.stripe_id,
            each.payment.decline_code,
            each.payment.created_at,
        )
        for each in found.payments
    ]
    refunds = [
        (
            each.id,
            paid.payment.id,
            name_of(each.status, payments_pb2.RefundStatus, "REFUND_STATUS_"),
            each.amount,
            each.created_at,
            each.detail,
        )
        for paid in found.payments
        for each in paid.refunds
    ]
    columns = ("ID", "STATUS", "AMOUNT", "REFUNDED", "REFUNDABLE", "STRIPE", "DECLINED", "BEGUN")
    shown = [table(columns, payments)]
    if refunds:
        shown.append(table(("REFUND", "PAYMENT", "STATUS", "AMOUNT", "BEGUN", "DETAIL"), refunds))
    return Result(found, Group(*shown))


@command(app, "refund")
def refund_payment(
    session: Session,
    payment: Annotated[str, typer.Argument(metavar="PAYMENT", help="The payment's id.")],
    part: Annotated[
        str | None, typer.Option("--amount", help="How much, such as 5.00; else all that is left.")
    ] = None,
    restock: Annotated[
        bool, typer.Option("--restock", help="What was bought goes back into stock.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option(help="The same key is the same refund: to try again after a lost answer."),
    ] = None,
    yes: Yes = False,
) -> Result:
    """Give money back, all or part of it."""
    confirm(f"Give back {part or 'all that is left'} of {payment}?", yes=yes)
    request = payments_pb2.RefundPaymentRequest(
        payment_id=payment,
        amount=amount(session, part) if part else None,
        restock=restock,
        idempotency_key=key or new_id(),
    )
    answer = session.payments.RefundPayment(request)
    found = answer.payment
    entries = {
        "id": found.id,
        "order": found.order_id,
        "status": status_of(found),
        "amount": found.amount,
        "refunded": found.refunded,
        "stripe": found.stripe_id,
    }
    return Result(answer, record(entries))


def status_of(payment: payments_pb2.Payment) -> str:
    """Where a payment stands, in a word."""
    return name_of(payment.status, payments_pb2.PaymentStatus, "PAYMENT_STATUS_")

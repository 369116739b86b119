"""Payments in protobuf."""

from collections.abc import Iterable

from google.protobuf.message import Message
from shop.orders.v1 import orders_pb2
from shop.payments.v1 import events_pb2, payments_pb2

from chassis.clock import to_milliseconds
from chassis.currencies import Money
from chassis.rpc.values import money_message, money_of, time_of, timestamp_message
from svc_payments.model.orders import Item, Order
from svc_payments.model.payment import (
    OrderOutcome,
    Payment,
    PaymentCreated,
    PaymentEvent,
    PaymentFailed,
    PaymentRefunded,
    PaymentStatus,
)
from svc_payments.model.refunds import Refund, RefundStatus
from svc_payments.model.refusals import CardDeclined
from svc_payments.model.stuck import StuckPayment, StuckReason
from svc_payments.usecases.reconcile import OrderToReconcile

REFUND_STATUSES = {
    RefundStatus.PENDING: payments_pb2.REFUND_STATUS_PENDING,
    RefundStatus.SUCCEEDED: payments_pb2.REFUND_STATUS_SUCCEEDED,
    RefundStatus.FAILED: payments_pb2.REFUND_STATUS_FAILED,
}
STUCK_REASONS = {
    StuckReason.CHARGE: payments_pb2.STUCK_PAYMENT_REASON_CHARGE,
    StuckReason.CONFIRMATION: payments_pb2.STUCK_PAYMENT_REASON_CONFIRMATION,
    StuckReason.REFUND: payments_pb2.STUCK_PAYMENT_REASON_REFUND,
    StuckReason.REFUND_REFUSED: payments_pb2.STUCK_PAYMENT_REASON_REFUND_REFUSED,
}
STATUSES = {
    PaymentStatus.PENDING: payments_pb2.PAYMENT_STATUS_PENDING,
    PaymentStatus.REQUIRES_ACTION: payments_pb2.PAYMENT_STATUS_REQUIRES_ACTION,
    PaymentStatus.SUCCEEDED: payments_pb2.PAYMENT_STATUS_SUCCEEDED,
    PaymentStatus.FAILED: payments_pb2.PAYMENT_STATUS_FAILED,
    PaymentStatus.REFUNDED: payments_pb2.PAYMENT_STATUS_REFUNDED,
}


def payment_message(payment: Payment) -> payments_pb2.Payment:
    """A payment. Of a stray charge, which was undone, nothing is shown."""
    refunded = 0 if payment.is_stray else payment.refunded_minor
    return payments_pb2.Payment(
        id=payment.id,
        order_id=payment.order_id,
        stripe_id=payment.stripe_id,
        status=STATUSES[payment.status],
        amount=money_message(payment.amount),
        refunded=money_message(Money(refunded, payment.amount.currency)),
        decline_code=payment.failure.code if payment.failure else "",
        created_at=timestamp_message(payment.created_at),
        order_number=payment.order_number,
    )


def record_message(payment: Payment) -> payments_pb2.PaymentRecord:
    """A payment as the shop keeps it."""
    currency = payment.amount.currency
    refunds = () if payment.is_stray else payment.refunds
    return payments_pb2.PaymentRecord(
        payment=payment_message(payment),
        card=payment.card.id,
        refundable=money_message(Money(0 if payment.is_stray else payment.left_minor, currency)),
        refunds=[_refund_message(refund, currency) for refund in refunds],
    )


def stuck_message(stuck: StuckPayment) -> payments_pb2.StuckPayment:
    """A payment that is late."""
    return payments_pb2.StuckPayment(
        payment=payment_message(stuck.payment),
        reason=STUCK_REASONS[stuck.reason],
        since=timestamp_message(stuck.since),
    )


def order_to_reconcile_of(message: payments_pb2.OrderToReconcile) -> OrderToReconcile:
    """An order whose money is asked about."""
    end = OrderOutcome(message.was_completed) if message.has_ended else None
    return OrderToReconcile(message.order_id, end)


def reconciled_message(order_id: str, payment: Payment | None) -> payments_pb2.ReconciledOrder:
    """What became of the money of an order."""
    if payment is None:
        return payments_pb2.ReconciledOrder(order_id=order_id, money=payments_pb2.ORDER_MONEY_NONE)
    if payment.is_open:
        money = payments_pb2.ORDER_MONEY_OPEN
    elif payment.status is PaymentStatus.REFUNDED:
        money = payments_pb2.ORDER_MONEY_REFUNDED
    else:
        money = payments_pb2.ORDER_MONEY_CAPTURED
    return payments_pb2.ReconciledOrder(order_id=order_id, money=money, payment_id=payment.id)


def created_message(payment: Payment) -> payments_pb2.CreatePaymentResponse:
    """The answer to the shopper who pays."""
    if payment.status is not PaymentStatus.REQUIRES_ACTION:
        return payments_pb2.CreatePaymentResponse(payment=payment_message(payment))
    return payments_pb2.CreatePaymentResponse(
        payment=payment_message(payment),
        requires_action=True,
        client_secret=payment.client_secret,
        action_url=payment.action_url,
    )


def event_message(event: PaymentEvent) -> Message:
    """The message of a domain event."""
    payment = event.payment
    message = payment_message(payment)
    match event:
        case PaymentCreated():
            return events_pb2.PaymentCreated(
                payment=message,
                version=payment.version,
                user_id=payment.user_id,
                items=_item_messages(payment.items),
            )
        case PaymentFailed():
            return events_pb2.PaymentFailed(
                payment=message,
                version=payment.version,
                user_id=payment.user_id,
                detail=event.detail,
            )
        case PaymentRefunded():
            return events_pb2.PaymentRefunded(
                payment=message,
                version=payment.version,
                user_id=payment.user_id,
                items=_item_messages(payment.items),
                is_full=event.is_full,
                restock=event.restock,
            )


def card_declined_message(refusal: CardDeclined) -> payments_pb2.CardDeclined:
    """The detail of CARD_DECLINED."""
    return payments_pb2.CardDeclined(
        decline_code=refusal.decline_code, payment_id=refusal.payment_id
    )


def order_of(message: orders_pb2.Order) -> Order:
    """An order as payments see it."""
    expires_at = None
    if message.HasField("expires_at"):
        expires_at = to_milliseconds(time_of(message.expires_at))
    return Order(
        id=message.id,
        user_id=message.user_id,
        is_pending=message.status == orders_pb2.ORDER_STATUS_PENDING,
        total=money_of(message.total),
        items=tuple(
            Item(item.product_id, item.title, money_of(item.price), item.quantity)
            for item in message.items
        ),
        version=message.version,
        expires_at=expires_at,
        number=message.number,
    )


def _refund_message(refund: Refund, currency: str) -> payments_pb2.Refund:
    return payments_pb2.Refund(
        id=refund.id,
        amount=money_message(Money(refund.amount_minor, currency)),
        status=REFUND_STATUSES[refund.status],
        restock=refund.restock,
        created_at=timestamp_message(refund.begun_at),
        detail=refund.detail,
    )


def _item_messages(items: Iterable[Item]) -> list[events_pb2.PurchasedItem]:
    return [
        events_pb2.PurchasedItem(
            product_id=item.product_id,
            title=item.title,
            price=money_message(item.price),
            quantity=item.quantity,
        )
        for item in items
    ]

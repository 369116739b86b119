"""Payments over gRPC: message -> use case -> message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message
from shop.payments.v1 import payments_pb2, payments_pb2_grpc

from chassis.auth.identity import require_user
from chassis.errors import InvalidField, Refusal
from chassis.rpc.values import money_of
from svc_payments.messages import (
    card_declined_message,
    created_message,
    order_to_reconcile_of,
    payment_message,
    reconciled_message,
    record_message,
    stuck_message,
)
from svc_payments.model.payment import Card, CardKind
from svc_payments.model.refusals import CardDeclined
from svc_payments.usecases.create_payment import CreatePayment
from svc_payments.usecases.event_handlers import FollowStripe
from svc_payments.usecases.queries import GetPayment, ListOrderPayments
from svc_payments.usecases.reconcile import ReconcileOrders
from svc_payments.usecases.refund_payment import RefundPayment
from svc_payments.usecases.stuck_payments import StuckPayments

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class UseCases:
    """What callers can do with payments."""

    create: CreatePayment
    get: GetPayment
    refund: RefundPayment
    list_of_order: ListOrderPayments
    reconcile: ReconcileOrders
    follow_stripe: FollowStripe
    stuck: StuckPayments


class PaymentsRpc(payments_pb2_grpc.PaymentsServiceServicer):
    """shop.payments.v1.PaymentsService.

    Args:
        do: The use cases.
        config: What pages need to take a card.
    """

    def __init__(self, do: UseCases, config: payments_pb2.GetPaymentConfigResponse) -> None:
        self._do = do
        self._config = config

    async def CreatePayment(
        self, request: payments_pb2.CreatePaymentRequest, context: Context
    ) -> payments_pb2.CreatePaymentResponse:
        """Pays an order by card."""
        payment = await self._do.create(
            require_user().id, request.order_id, _card(request), request.idempotency_key
        )
        return created_message(payment)

    async def GetPayment(
        self, request: payments_pb2.GetPaymentRequest, context: Context
    ) -> payments_pb2.GetPaymentResponse:
        """One of the caller's payments."""
        payment = await self._do.get(require_user().id, request.payment_id)
        return payments_pb2.GetPaymentResponse(payment=payment_message(payment))

    async def GetPaymentConfig(
        self, request: payments_pb2.GetPaymentConfigRequest, context: Context
    ) -> payments_pb2.GetPaymentConfigResponse:
        """What a page needs to take a card."""
        return self._config

    async def HandleWebhook(
        self, request: payments_pb2.HandleWebhookRequest, context: Context
    ) -> payments_pb2.HandleWebhookResponse:
        """Takes a delivery of Stripe's."""
        await self._do.follow_stripe.delivered(request.payload, request.signature)
        return payments_pb2.HandleWebhookResponse()

    async def RefundPayment(
        self, request: payments_pb2.RefundPaymentRequest, context: Context
    ) -> payments_pb2.RefundPaymentResponse:
        """Gives money back, all or part of it."""
        payment = await self._do.refund(
            request.payment_id,
            money_of(request.amount) if request.HasField("amount") else None,
            restock=request.restock,
            key=request.idempotency_key,
        )
        return payments_pb2.RefundPaymentResponse(payment=payment_message(payment))

    async def ListOrderPayments(
        self, request: payments_pb2.ListOrderPaymentsRequest, context: Context
    ) -> payments_pb2.ListOrderPaymentsResponse:
        """All payments of an order."""
        payments = await self._do.list_of_order(request.order_id)
        return payments_pb2.ListOrderPaymentsResponse(payments=map(record_message, payments))

    async def ListStuckPayments(
        self, request: payments_pb2.ListStuckPaymentsRequest, context: Context
    ) -> payments_pb2.ListStuckPaymentsResponse:
        """Payments that are late."""
        stuck = await self._do.stuck.list()
        return payments_pb2.ListStuckPaymentsResponse(stuck_payments=map(stuck_message, stuck))

    async def ReconcilePayment(
        self, request: payments_pb2.ReconcilePaymentRequest, context: Context
    ) -> payments_pb2.ReconcilePaymentResponse:
        """Asks Stripe about one payment."""
        payment = await self._do.stuck.free(request.payment_id)
        return payments_pb2.ReconcilePaymentResponse(payment=payment_message(payment))

    async def ReconcileOrders(
        self, request: payments_pb2.ReconcileOrdersRequest, context: Context
    ) -> payments_pb2.ReconcileOrdersResponse:
        """What became of the money of some orders."""
        asked = [order_to_reconcile_of(order) for order in request.orders]
        payments = await self._do.reconcile(asked)
        return payments_pb2.ReconcileOrdersResponse(
            orders=[
                reconciled_message(order.order_id, payment)
                for order, payment in zip(asked, payments, strict=True)
            ]
        )


def _card(request: payments_pb2.CreatePaymentRequest) -> Card:
    field = request.WhichOneof("card")
    if field is None:
        raise InvalidField("token", "is required, unless a payment method is given")
    reference: str = getattr(request, field)
    # Where a client takes one for the other, Stripe's prefix says what it is.
    return Card(KINDS.get(reference.partition("_")[0]) or CardKind(field), reference)


KINDS = {"tok": CardKind.TOKEN, "pm": CardKind.PAYMENT_METHOD}
DETAILS: Mapping[type[Refusal], Callable[[Any], Message]] = {CardDeclined: card_declined_message}

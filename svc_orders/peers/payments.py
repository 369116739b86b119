"""The payments, as the orders need them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import grpc
from shop.payments.v1 import payments_pb2

from chassis.errors import Unavailable
from svc_orders.model.order import Order, OrderStatus
from svc_orders.usecases.ports import OrderPayment, PaymentState

if TYPE_CHECKING:
    from shop.payments.v1.payments_pb2_grpc import PaymentsServiceAsyncStub

TIMEOUT_SECONDS = 5.0


class PaymentsPeer:
    """The payments over gRPC.

    Args:
        payments: Called as this service, which owns the orders' lifetimes.
    """

    def __init__(self, payments: "PaymentsServiceAsyncStub") -> None:
        self._payments = payments

    async def reconcile(self, orders: Sequence[Order]) -> Mapping[str, OrderPayment]:
        """What became of the money of each order, by id; see Payments."""
        request = payments_pb2.ReconcileOrdersRequest(
            orders=[
                payments_pb2.OrderToReconcile(
                    order_id=order.id,
                    has_ended=order.status is OrderStatus.CANCELLED,
                    was_completed=order.completed_at is not None,
                )
                for order in orders
            ]
        )
        try:
            answer = await self._payments.ReconcileOrders(request, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise Unavailable("The payments do not answer; try again.") from error
        return {
            each.order_id: OrderPayment(PAYMENT_STATES[each.money], each.payment_id)
            for each in answer.orders
        }


PAYMENT_STATES = {
    payments_pb2.ORDER_MONEY_NONE: PaymentState.NONE,
    payments_pb2.ORDER_MONEY_OPEN: PaymentState.OPEN,
    payments_pb2.ORDER_MONEY_CAPTURED: PaymentState.CAPTURED,
    payments_pb2.ORDER_MONEY_REFUNDED: PaymentState.REFUNDED,
}

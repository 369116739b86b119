"""The orders service, as payments need it."""

from typing import TYPE_CHECKING

import grpc
from shop.orders.v1 import orders_pb2

from chassis.errors import NotFound, Unavailable
from chassis.rpc.status import reason_of
from svc_payments.messages import order_of
from svc_payments.model.orders import Order

if TYPE_CHECKING:
    from shop.orders.v1.orders_pb2_grpc import OrdersServiceAsyncStub

TIMEOUT_SECONDS = 3.0


class OrdersPeer:
    """The orders service over gRPC.

    Args:
        orders: Called with the caller's own token, so that it gives out the caller's orders only.
    """

    def __init__(self, orders: "OrdersServiceAsyncStub") -> None:
        self._orders = orders

    async def own(self, order_id: str) -> Order:
        """An order of the caller's; raises NotFound, or Unavailable."""
        request = orders_pb2.GetOrderRequest(order_id=order_id)
        try:
            answer = await self._orders.GetOrder(request, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            if reason_of(error) == NotFound.reason:
                raise NotFound("There is no such order.") from error
            raise Unavailable("The orders do not answer; try again.") from error
        return order_of(answer.order)

"""The orders service, as the catalog needs it."""

from typing import TYPE_CHECKING

import grpc
from shop.orders.v1 import orders_pb2

from chassis.errors import NotFound, Unavailable
from chassis.rpc.status import reason_of
from svc_catalog.model.stock import OrderOutcome

if TYPE_CHECKING:
    from shop.orders.v1.orders_pb2_grpc import OrdersServiceAsyncStub

TIMEOUT_SECONDS = 3.0

_OPEN = (orders_pb2.ORDER_STATUS_CREATED, orders_pb2.ORDER_STATUS_PENDING)
_COMPLETED = "order.completed"


class OrdersPeer:
    """The orders service over gRPC.

    Args:
        orders: Called as this service, which may see any order.
    """

    def __init__(self, orders: "OrdersServiceAsyncStub") -> None:
        self._orders = orders

    async def outcome_of(self, order_id: str) -> OrderOutcome:
        """See OrderSource."""
        request = orders_pb2.GetAnyOrderRequest(order_id=order_id)
        try:
            answer = await self._orders.GetAnyOrder(request, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            if reason_of(error) == NotFound.reason:
                # It was refused, or never written down: no order to anyone.
                return OrderOutcome.DEAD
            raise Unavailable("The orders do not answer.") from error
        order = answer.order
        if order.status in _OPEN:
            return OrderOutcome.OPEN
        # An order that was completed and then cancelled had sold what it held. What its refund
        # puts back, the refund's own event says.
        was_sold = any(entry.type == _COMPLETED for entry in order.timeline)
        return OrderOutcome.SOLD if was_sold else OrderOutcome.DEAD

"""The orders, as the cart needs them."""

from typing import TYPE_CHECKING

import grpc
from shop.orders.v1 import orders_pb2

from chassis.errors import NotFound, Refusal
from chassis.rpc.status import detail_of, reason_of
from chassis.rpc.values import money_message
from svc_cart.messages import order_of, price_changes_of
from svc_cart.model.cart import Cart
from svc_cart.model.checkouts import PlacedOrder
from svc_cart.model.refusals import PriceChanged

if TYPE_CHECKING:
    from shop.orders.v1.orders_pb2_grpc import OrdersServiceAsyncStub

# An order takes its own calls, and waits for others with the same key.
ORDER_SECONDS = 8.0


class OrdersPeer:
    """The port Orders over gRPC, for the user whose call is being served."""

    def __init__(self, orders: "OrdersServiceAsyncStub") -> None:
        self._orders = orders

    async def create(self, cart: Cart, idempotency_key: str) -> PlacedOrder:
        """See Orders. Its other refusals pass through as they are."""
        request = orders_pb2.CreateCartOrderRequest(
            cart_id=cart.id,
            generation=cart.generation,
            version=cart.version,
            items=[
                orders_pb2.OrderLine(
                    product_id=line.product_id,
                    quantity=line.quantity,
                    expected_price=money_message(line.price),
                )
                for line in cart.lines
            ],
            idempotency_key=idempotency_key,
        )
        try:
            answer = await self._orders.CreateCartOrder(request, timeout=ORDER_SECONDS)
        except grpc.aio.AioRpcError as error:
            refusal = _refusal_of(error)
            if refusal is None:
                raise
            raise refusal from error
        return order_of(answer.order)


def _refusal_of(error: grpc.aio.AioRpcError) -> Refusal | None:
    """What the use cases act on."""
    match reason_of(error):
        case PriceChanged.reason:
            detail = detail_of(error, orders_pb2.PriceChanged) or orders_pb2.PriceChanged()
            return PriceChanged(error.details() or "", price_changes_of(detail))
        case NotFound.reason:
            return NotFound(error.details() or "")
    return None

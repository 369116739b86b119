"""The cart over gRPC: message -> use case -> message."""

from collections.abc import Callable, Mapping
from typing import Any

import grpc
from google.protobuf.message import Message
from prometheus_client import Counter
from shop.cart.v1 import cart_pb2, cart_pb2_grpc

from chassis.auth.identity import current_identity, require_user
from chassis.errors import Refusal
from svc_cart.messages import (
    cart_message,
    order_message,
    out_of_stock_message,
    price_changed_message,
)
from svc_cart.model.cart import Shopper
from svc_cart.model.refusals import OutOfStock, PriceChanged
from svc_cart.usecases.checkout import Checkout
from svc_cart.usecases.edit_cart import EditCart

CHECKOUTS = Counter(
    "checkouts",
    "Checkouts: ordered, failed, or the reason of a refusal, such as out_of_stock.",
    ["outcome"],
)

Context = grpc.aio.ServicerContext[Any, Any]


class CartRpc(cart_pb2_grpc.CartServiceServicer):
    """shop.cart.v1.CartService."""

    def __init__(self, edit_cart: EditCart, checkout: Checkout) -> None:
        self._edit_cart = edit_cart
        self._checkout = checkout

    async def GetCart(
        self, request: cart_pb2.GetCartRequest, context: Context
    ) -> cart_pb2.GetCartResponse:
        """The cart."""
        answer = await self._edit_cart.get(_shopper(request.guest_id))
        return cart_pb2.GetCartResponse(cart=cart_message(answer.cart), guest_id=answer.guest_id)

    async def AddItem(
        self, request: cart_pb2.AddItemRequest, context: Context
    ) -> cart_pb2.AddItemResponse:
        """Adds to a line, or begins one."""
        answer = await self._edit_cart.add(
            _shopper(request.guest_id), request.product_id, request.quantity
        )
        return cart_pb2.AddItemResponse(cart=cart_message(answer.cart), guest_id=answer.guest_id)

    async def SetItemQuantity(
        self, request: cart_pb2.SetItemQuantityRequest, context: Context
    ) -> cart_pb2.SetItemQuantityResponse:
        """Sets the quantity of a line."""
        answer = await self._edit_cart.set_quantity(
            _shopper(request.guest_id), request.product_id, request.quantity
        )
        return cart_pb2.SetItemQuantityResponse(
            cart=cart_message(answer.cart), guest_id=answer.guest_id
        )

    async def RemoveItem(
        self, request: cart_pb2.RemoveItemRequest, context: Context
    ) -> cart_pb2.RemoveItemResponse:
        """Takes a line out."""
        answer = await self._edit_cart.remove(_shopper(request.guest_id), request.product_id)
        return cart_pb2.RemoveItemResponse(cart=cart_message(answer.cart), guest_id=answer.guest_id)

    async def Checkout(
        self, request: cart_pb2.CheckoutRequest, context: Context
    ) -> cart_pb2.CheckoutResponse:
        """Makes an order of the whole cart."""
        shopper = Shopper(require_user().id, request.guest_id)
        outcome = "failed"
        try:
            done = await self._checkout(shopper, request.idempotency_key)
            outcome = "ordered"
        except Refusal as refusal:
            outcome = refusal.reason.lower()
            raise
        finally:
            CHECKOUTS.labels(outcome).inc()
        return cart_pb2.CheckoutResponse(order=order_message(done.order), guest_id=done.guest_id)


def _shopper(guest_id: str) -> Shopper:
    identity = current_identity()
    return Shopper(identity.id if identity.kind == "user" else "", guest_id)


DETAILS: Mapping[type[Refusal], Callable[[Any], Message]] = {
    OutOfStock: out_of_stock_message,
    PriceChanged: price_changed_message,
}

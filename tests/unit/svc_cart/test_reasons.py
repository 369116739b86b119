"""Every reason that the contract declares for the cart's RPCs can happen."""

from functools import partial
from typing import Any, cast

import pytest
from shop.cart.v1 import cart_pb2
from shop.orders.v1 import orders_pb2

from chassis.auth.identity import Identity, acting_as
from svc_cart.peers.orders import OrdersPeer
from svc_cart.rpc import CartRpc
from tests.support.reasons import Refusals, declared
from tests.unit.svc_cart.samples import product
from tests.unit.svc_cart.shops import Shop
from tests.unit.svc_cart.test_peers import Stub, refused

pytestmark = pytest.mark.anyio

USER = Identity("user", id="u1", role="user")
# No method looks at it.
CONTEXT = cast("Any", None)

refusals = Refusals(Shop)


def rpc_of(shop: Shop) -> CartRpc:
    return CartRpc(shop.edit_cart, shop.checkout)


async def add(shop: Shop, product_id: str = "lamp", quantity: int = 1) -> None:
    request = cart_pb2.AddItemRequest(product_id=product_id, quantity=quantity)
    with acting_as(USER):
        await rpc_of(shop).AddItem(request, CONTEXT)


async def set_quantity(shop: Shop, quantity: int = 1) -> None:
    request = cart_pb2.SetItemQuantityRequest(product_id="lamp", quantity=quantity)
    with acting_as(USER):
        await rpc_of(shop).SetItemQuantity(request, CONTEXT)


async def check_out(shop: Shop) -> None:
    with acting_as(USER):
        await rpc_of(shop).Checkout(cart_pb2.CheckoutRequest(), CONTEXT)


@refusals.of("AddItem", "NOT_FOUND")
async def add_what_is_not_sold(shop: Shop) -> None:
    await add(shop, "rug")


@refusals.of("AddItem", "OUT_OF_STOCK")
async def add_more_than_there_is(shop: Shop) -> None:
    shop.replica.products["lamp"] = product("lamp", available=1)
    await add(shop, quantity=2)


@refusals.of("SetItemQuantity", "NOT_FOUND")
async def change_a_line_that_is_not_there(shop: Shop) -> None:
    await add(shop, "vase")
    await set_quantity(shop)


@refusals.of("SetItemQuantity", "OUT_OF_STOCK")
async def want_more_than_there_is(shop: Shop) -> None:
    shop.replica.products["lamp"] = product("lamp", available=1)
    await add(shop)
    await set_quantity(shop, 2)


@refusals.of("Checkout", "CART_EMPTY")
async def check_out_nothing(shop: Shop) -> None:
    await check_out(shop)


@refusals.of("Checkout", "OUT_OF_STOCK")
async def check_out_what_is_gone(shop: Shop) -> None:
    await add(shop)
    del shop.orders.prices["lamp"]
    del shop.catalog.products["lamp"]
    await check_out(shop)


async def check_out_what_orders_refuse(reason: str, _: Shop) -> None:
    # Refused as over the wire.
    stub = cast("Any", Stub([refused(reason, "No.")]))
    shop = Shop(orders=cast("Any", OrdersPeer(stub)))
    await add(shop)
    await check_out(shop)


# What the orders refuse a cart's order with, the shopper is told.
for name, passed_on in declared(orders_pb2.DESCRIPTOR.services_by_name["OrdersService"]):
    if name == "CreateCartOrder":
        refusals.of("Checkout", passed_on)(partial(check_out_what_orders_refuse, passed_on))


async def test_every_declared_reason_can_happen() -> None:
    service = cart_pb2.DESCRIPTOR.services_by_name["CartService"]
    assert await refusals.provoked() == declared(service)

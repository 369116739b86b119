"""Every reason that the contract declares for the orders' RPCs can happen."""

from typing import Any, cast

import pytest
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from chassis.auth.identity import Identity, acting_as
from svc_orders.model.unpaid import Limits
from tests.support.reasons import Refusals, declared
from tests.unit.svc_orders.served import rpc_of
from tests.unit.svc_orders.world import World, product

pytestmark = pytest.mark.anyio

ANN = Identity("user", id="ann", role="user", email="ann@example.org")
# No method looks at it.
CONTEXT = cast("Any", None)

refusals = Refusals(lambda: World(lamp=5))
BOTH = ("CreateOrder", "CreateCartOrder")


class Ordering:
    """Ann orders, by one of the RPCs for that; each cart is another one."""

    def __init__(self, rpc: str, world: World) -> None:
        self._rpc = rpc
        self._world = world
        self._carts = 0

    async def __call__(
        self, product_id: str = "lamp", quantity: int = 1, *, expected: int = 0, key: str = ""
    ) -> None:
        line = orders_pb2.OrderLine(product_id=product_id, quantity=quantity)
        if expected:
            line.expected_price.CopyFrom(money_pb2.Money(amount_minor=expected, currency="USD"))
        self._carts += 1
        with acting_as(ANN):
            if self._rpc == "CreateOrder":
                await rpc_of(self._world).CreateOrder(
                    orders_pb2.CreateOrderRequest(items=[line], idempotency_key=key), CONTEXT
                )
            else:
                await rpc_of(self._world).CreateCartOrder(
                    orders_pb2.CreateCartOrderRequest(
                        cart_id=f"c{self._carts}", version=1, items=[line], idempotency_key=key
                    ),
                    CONTEXT,
                )


async def order_more_than_there_is(order: Ordering, _: World) -> None:
    await order(quantity=6)


async def order_at_another_price(order: Ordering, _: World) -> None:
    await order(expected=900)


async def order_what_is_not_sold(order: Ordering, _: World) -> None:
    await order("ghost")


async def order_something_else_with_the_key(order: Ordering, _: World) -> None:
    await order(key="k")
    await order(quantity=2, key="k")


async def order_once_too_often(order: Ordering, world: World) -> None:
    world.limits = Limits(orders=1, items=100)
    world.process = world.start()
    await order()
    await order()


async def order_too_many_of_a_product(order: Ordering, world: World) -> None:
    world.limits = Limits(orders=100, items=1)
    world.process = world.start()
    await order()
    await order()


async def order_too_little(order: Ordering, world: World) -> None:
    await world.products.put(product("lamp", price=10, version=2))
    await order()


ORDERING = {
    "OUT_OF_STOCK": order_more_than_there_is,
    "PRICE_CHANGED": order_at_another_price,
    "NOT_FOUND": order_what_is_not_sold,
    "IDEMPOTENCY_KEY_REUSED": order_something_else_with_the_key,
    "TOO_MANY_UNPAID_ORDERS": order_once_too_often,
    "TOO_MANY_UNPAID_ITEMS": order_too_many_of_a_product,
    "TOTAL_NOT_CHARGEABLE": order_too_little,
}


def register(rpc: str, reason: str) -> None:
    @refusals.of(rpc, reason)
    async def order(world: World) -> None:
        await ORDERING[reason](Ordering(rpc, world), world)


for each in BOTH:
    for why in ORDERING:
        register(each, why)


@refusals.of("CreateCartOrder", "CART_EMPTY")
async def order_an_empty_cart(world: World) -> None:
    with acting_as(ANN):
        request = orders_pb2.CreateCartOrderRequest(cart_id="c1", version=1)
        await rpc_of(world).CreateCartOrder(request, CONTEXT)


@refusals.of("GetOrder", "NOT_FOUND")
async def get_what_is_not_there(world: World) -> None:
    with acting_as(ANN):
        await rpc_of(world).GetOrder(orders_pb2.GetOrderRequest(order_id="ghost"), CONTEXT)


@refusals.of("GetAnyOrder", "NOT_FOUND")
async def get_what_nobody_has(world: World) -> None:
    await rpc_of(world).GetAnyOrder(orders_pb2.GetAnyOrderRequest(order_id="ghost"), CONTEXT)


async def cancel(world: World, order_id: str) -> None:
    with acting_as(ANN):
        request = orders_pb2.CancelOrderRequest(order_id=order_id)
        await rpc_of(world).CancelOrder(request, CONTEXT)


async def cancel_any(world: World, order_id: str) -> None:
    request = orders_pb2.CancelAnyOrderRequest(order_id=order_id)
    await rpc_of(world).CancelAnyOrder(request, CONTEXT)


@refusals.of("CancelOrder", "NOT_FOUND")
async def cancel_what_is_not_there(world: World) -> None:
    await cancel(world, "ghost")


@refusals.of("CancelOrder", "ORDER_NOT_CANCELLABLE")
async def cancel_twice(world: World) -> None:
    await Ordering("CreateOrder", world)()
    await cancel(world, world.only().id)
    await cancel(world, world.only().id)


@refusals.of("CancelAnyOrder", "NOT_FOUND")
async def cancel_what_nobody_has(world: World) -> None:
    await cancel_any(world, "ghost")


@refusals.of("CancelAnyOrder", "ORDER_NOT_CANCELLABLE")
async def cancel_anybodys_twice(world: World) -> None:
    await Ordering("CreateOrder", world)()
    await cancel_any(world, world.only().id)
    await cancel_any(world, world.only().id)


@refusals.of("ReconcileOrder", "NOT_FOUND")
async def free_what_is_not_there(world: World) -> None:
    request = orders_pb2.ReconcileOrderRequest(order_id="ghost")
    await rpc_of(world).ReconcileOrder(request, CONTEXT)


async def test_every_declared_reason_can_happen() -> None:
    service = orders_pb2.DESCRIPTOR.services_by_name["OrdersService"]
    assert await refusals.provoked() == declared(service)

"""What the port OrderSource promises: on the fake, and on the orders service over gRPC."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from shop.orders.v1 import orders_pb2_grpc

from chassis.auth.identity import Identity
from chassis.currencies import Money
from chassis.errors import NotFound, Unavailable
from chassis.rpc.channel import open_channel
from svc_orders.model.order import number_of
from svc_payments.model.orders import Item, Order
from svc_payments.peers.orders import OrdersPeer
from svc_payments.usecases.ports import OrderSource
from tests.support.serving import any_token, served
from tests.unit.svc_orders import world as orders_world
from tests.unit.svc_orders.served import rpc_of
from tests.unit.svc_payments.fakes import FakeOrderSource

pytestmark = pytest.mark.anyio

ORDER = Order(
    "o001",
    "ann",
    True,
    Money(2000, "USD"),
    (Item("lamp", "Lamp", Money(1000, "USD"), 2),),
    version=2,
    expires_at=orders_world.NOON + orders_world.LIFETIME,
    number=number_of("o001"),
)


@pytest.fixture
async def peer() -> AsyncIterator[OrdersPeer]:
    """The orders service, with an order of Ann's and one of Ben's."""
    world = orders_world.World(lamp=5)
    for buyer in (orders_world.ANN, orders_world.BEN):
        await world.process.create(buyer, orders_world.lines(lamp=2))
    add = partial(orders_pb2_grpc.add_OrdersServiceServicer_to_server, rpc_of(world))
    async with served(add, Identity("user", id="ann", role="user")) as channel:
        yield OrdersPeer(orders_pb2_grpc.OrdersServiceStub(channel))


@pytest.fixture(params=["fake", "real"])
def source(request: pytest.FixtureRequest) -> OrderSource:
    """The orders, both kinds."""
    if request.param == "real":
        peer: OrdersPeer = request.getfixturevalue("peer")
        return peer
    fake = FakeOrderSource()
    fake.orders["o001"] = ORDER
    return fake


async def test_an_order_of_the_callers(source: OrderSource) -> None:
    assert await source.own("o001") == ORDER


async def test_nobody_elses(source: OrderSource) -> None:
    for order_id in ("o002", "nothing"):
        with pytest.raises(NotFound):
            await source.own(order_id)


async def test_orders_that_are_away() -> None:
    channel = open_channel("127.0.0.1:1", any_token)
    with pytest.raises(Unavailable):
        await OrdersPeer(orders_pb2_grpc.OrdersServiceStub(channel)).own("o001")
    await channel.close()

"""What the port OrderSource promises: on the fake, and on the orders service over gRPC."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, cast

import grpc
import pytest
from shop.orders.v1 import orders_pb2_grpc

from chassis.auth.identity import Identity
from chassis.currencies import Money
from chassis.errors import NotFound, Unavailable
from chassis.rpc.channel import open_channel
from chassis.rpc.guard import Guard
from svc_orders.model.order import number_of
from svc_orders.rpc import OrdersRpc, UseCases
from svc_payments.model.orders import Item, Order
from svc_payments.peers.orders import OrdersPeer
from svc_payments.usecases.ports import OrderSource
from tests.unit.svc_orders import world as orders_world
from tests.unit.svc_payments.fakes import FakeOrderSource

if TYPE_CHECKING:
    from chassis.auth.tokens import TokenVerifier

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


class _EveryTokenIsAnns:
    async def verify(self, token: str) -> Identity:
        return Identity("user", id="ann", role="user")


async def token() -> str:
    return "any"


@pytest.fixture
async def peer() -> AsyncIterator[OrdersPeer]:
    """The orders service, with an order of Ann's and one of Ben's."""
    world = orders_world.World(lamp=5)
    process = world.process
    await process.create(orders_world.ANN, orders_world.lines(lamp=2))
    await process.create(orders_world.BEN, orders_world.lines(lamp=2))
    guard = Guard(cast("TokenVerifier", _EveryTokenIsAnns()))
    server = grpc.aio.server()
    rpc = OrdersRpc(UseCases(process.create, process.create_of_cart, process.cancel, process.read))
    orders_pb2_grpc.add_OrdersServiceServicer_to_server(rpc, guard.on(server))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channel = open_channel(f"127.0.0.1:{port}", token)
    yield OrdersPeer(orders_pb2_grpc.OrdersServiceStub(channel))
    await channel.close()
    await server.stop(None)


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
    channel = open_channel("127.0.0.1:1", token)
    with pytest.raises(Unavailable):
        await OrdersPeer(orders_pb2_grpc.OrdersServiceStub(channel)).own("o001")
    await channel.close()

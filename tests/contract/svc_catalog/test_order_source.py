"""What the port OrderSource promises: on the fake, and on the orders service over gRPC."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from shop.orders.v1 import orders_pb2_grpc

from chassis.auth.identity import Identity
from chassis.errors import Unavailable
from chassis.rpc.channel import open_channel
from svc_catalog.model.stock import OrderOutcome
from svc_catalog.peers.orders import OrdersPeer
from svc_catalog.usecases.ports import OrderSource
from svc_orders.model.timeline import PaymentUpdate
from tests.support.serving import any_token, served
from tests.unit.svc_catalog.fakes import FakeOrderSource
from tests.unit.svc_orders.served import rpc_of
from tests.unit.svc_orders.world import ANN, World, lines

pytestmark = pytest.mark.anyio

CATALOG = Identity("service", id="svc_catalog", role="service")
ENDS = {
    "o001": OrderOutcome.OPEN,
    "o002": OrderOutcome.DEAD,
    "o003": OrderOutcome.SOLD,
    "o004": OrderOutcome.SOLD,
    "nothing": OrderOutcome.DEAD,
}


@pytest.fixture
async def peer() -> AsyncIterator[OrdersPeer]:
    """The orders service: one order waits, one is cancelled, one paid, one paid and refunded."""
    world = World(lamp=9)
    process = world.process
    for _ in range(4):
        await process.create(ANN, lines(lamp=1))
    await process.cancel.own("ann", "o002")
    for order_id in ("o003", "o004"):
        paid = PaymentUpdate(f"paid-{order_id}", f"pay-{order_id}", "Paid.")
        await process.follow_payments.created(order_id, paid)
    back = PaymentUpdate("back", "pay-o004", "Back.")
    await process.follow_payments.refunded("o004", back, is_full=True)
    add = partial(orders_pb2_grpc.add_OrdersServiceServicer_to_server, rpc_of(world))
    async with served(add, CATALOG) as channel:
        yield OrdersPeer(orders_pb2_grpc.OrdersServiceStub(channel))


@pytest.fixture(params=["fake", "real"])
def source(request: pytest.FixtureRequest) -> OrderSource:
    """The orders, both kinds."""
    if request.param == "real":
        peer: OrdersPeer = request.getfixturevalue("peer")
        return peer
    return FakeOrderSource({name: end for name, end in ENDS.items() if name != "nothing"})


@pytest.mark.parametrize("order_id", list(ENDS))
async def test_how_an_order_ended(source: OrderSource, order_id: str) -> None:
    assert await source.outcome_of(order_id) is ENDS[order_id]


async def test_orders_that_do_not_answer() -> None:
    channel = open_channel("127.0.0.1:1", any_token)
    with pytest.raises(Unavailable):
        await OrdersPeer(orders_pb2_grpc.OrdersServiceStub(channel)).outcome_of("o001")
    await channel.close()

"""The orders' port on the payments, on the payments' own service over gRPC."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from shop.payments.v1 import payments_pb2_grpc

from chassis.auth.identity import Identity
from chassis.errors import Unavailable
from chassis.rpc.channel import open_channel
from svc_orders.model.order import Order, OrderStatus
from svc_orders.peers.payments import PaymentsPeer
from svc_orders.usecases.ports import OrderPayment, PaymentState
from tests.support.serving import any_token, served
from tests.unit.svc_orders.world import ANN, lines
from tests.unit.svc_orders.world import World as OrdersWorld
from tests.unit.svc_payments.served import rpc_of
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio

ORDERS = Identity("service", id="svc_orders", role="service")


async def order(order_id: str) -> Order:
    """A pending order."""
    made = await OrdersWorld(lamp=5).process.create(ANN, lines(lamp=1))
    return replace(made, id=order_id)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def peer(world: World) -> AsyncIterator[PaymentsPeer]:
    """The payments, as the orders service calls them."""
    add = partial(payments_pb2_grpc.add_PaymentsServiceServicer_to_server, rpc_of(world))
    async with served(add, ORDERS) as channel:
        yield PaymentsPeer(payments_pb2_grpc.PaymentsServiceStub(channel))


async def test_each_order_is_answered(peer: PaymentsPeer, world: World) -> None:
    none = OrderPayment(PaymentState.NONE)
    both = [await order("o2"), await order("o1")]
    assert await peer.reconcile(both) == {"o1": none, "o2": none}
    await world.pay("secure")
    open_payment = OrderPayment(PaymentState.OPEN, "p001")
    assert await peer.reconcile(both) == {"o1": open_payment, "o2": none}
    world.stripe.answer_challenge("pi_1", passed=True)
    await world.sweep(seconds=31)
    captured = OrderPayment(PaymentState.CAPTURED, "p001")
    assert await peer.reconcile(both) == {"o1": captured, "o2": none}


async def test_the_payments_learn_of_an_end(peer: PaymentsPeer, world: World) -> None:
    await world.pay()
    ended = replace(await order("o1"), status=OrderStatus.CANCELLED, completed_at=world.now)
    assert (await peer.reconcile([ended]))["o1"].state is PaymentState.CAPTURED
    await world.sweep()
    assert (await peer.reconcile([ended]))["o1"].state is PaymentState.REFUNDED
    assert world.payments.events[-1].restock  # type: ignore[union-attr]  # a refund's


async def test_payments_that_do_not_answer() -> None:
    channel = open_channel("127.0.0.1:1", any_token)
    peer = PaymentsPeer(payments_pb2_grpc.PaymentsServiceStub(channel))
    with pytest.raises(Unavailable):
        await peer.reconcile([await order("o1")])
    await channel.close()

"""What hangs is asked no more until it answers a probe: Redis, and services over gRPC."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import grpc
import pytest
from grpc.aio import AioRpcError
from limits import parse
from shop.cart.v1 import cart_pb2, cart_pb2_grpc

from chassis.auth.identity import ANONYMOUS, Identity
from chassis.auth.revocations import HEARTBEAT, RedisRevocations, connect_redis
from chassis.auth.tokens import TokenVerifier
from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.resilience.circuit_breakers import CircuitBreakers, states
from chassis.resilience.rate_limits import RateLimits, RedisCounters
from chassis.resilience.redis_library import RedisError
from chassis.rpc.channel import open_channel
from chassis.rpc.guard import Guard
from chassis.rpc.server import RpcServer
from chassis.rpc.status import reason_of
from tests.support.relays import Relay, relay_to
from tests.support.running import free_port

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 0.2
AGAIN_SECONDS = 20.0


@pytest.fixture
async def breakers() -> AsyncIterator[CircuitBreakers]:
    made = CircuitBreakers()
    yield made
    await made.aclose()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(AGAIN_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def before_redis(redis_url: str) -> AsyncIterator[Relay]:
    async with relay_to(urlsplit(redis_url).port or 6379) as relay:
        yield relay


async def test_a_redis_that_hangs_is_asked_no_more_and_no_one_is_taken_for_signed_in(
    before_redis: Relay, breakers: CircuitBreakers
) -> None:
    url = f"redis://127.0.0.1:{before_redis.port}/0"
    of_redis = partial(breakers.of, "redis")
    redis = connect_redis(url, patience=PATIENCE_SECONDS, retries=0, breaker=of_redis)
    revocations = RedisRevocations(redis)
    await redis.set(HEARTBEAT, 1)
    assert not await revocations.is_revoked(new_id(), "u", 1)

    before_redis.hold_up()
    for _ in range(3):
        with pytest.raises(Unavailable):
            await revocations.is_revoked(new_id(), "u", 1)
    before = before_redis.connections
    # For anyone, and also where a transaction would be needed.
    with pytest.raises(Unavailable):
        await revocations.is_revoked(new_id(), "u", 1)
    with pytest.raises(RedisError, match="did not answer lately"):
        await RedisCounters(redis).incr(new_id(), 60)
    assert (await RateLimits(RedisCounters(redis)).hit(parse("1/hour"), "k", cost=2)).is_over
    assert before_redis.connections - before <= 1, "but for a probe"

    before_redis.let_go()
    await until(lambda: states()["redis"] == "closed")
    assert not await revocations.is_revoked(new_id(), "u", 1)
    assert await RedisCounters(redis).incr(new_id(), 60) == 1
    await redis.aclose()


class Verifier(TokenVerifier):
    """Knows no one."""

    def __init__(self) -> None:
        pass

    async def verify(self, token: str) -> Identity:
        return ANONYMOUS


class Cart(cart_pb2_grpc.CartServiceServicer):
    """Serves each call at once, or never."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def GetCart(self, request: Any, context: Any) -> cart_pb2.GetCartResponse:
        await self.may_answer.wait()
        return cart_pb2.GetCartResponse()


@pytest.fixture
async def cart() -> Cart:
    return Cart()


@pytest.fixture
async def before_cart(cart: Cart) -> AsyncIterator[Relay]:
    server, port = RpcServer(Guard(Verifier())), free_port()
    server.add(cart_pb2_grpc.add_CartServiceServicer_to_server, cart)
    await server.start("127.0.0.1", port)
    async with relay_to(port) as relay:
        yield relay
    await server.stop(0)


@pytest.fixture
async def channel(before_cart: Relay, breakers: CircuitBreakers) -> AsyncIterator[grpc.aio.Channel]:
    target = f"127.0.0.1:{before_cart.port}"
    async with open_channel(target, breaker=partial(breakers.of, "svc_cart")) as channel:
        yield channel


async def unanswered(channel: grpc.aio.Channel) -> AioRpcError:
    stub = cart_pb2_grpc.CartServiceStub(channel)
    with pytest.raises(AioRpcError) as caught:
        await stub.GetCart(cart_pb2.GetCartRequest(), timeout=PATIENCE_SECONDS)
    return caught.value


async def test_a_service_that_hangs_is_asked_no_more_until_its_health_is_told(
    before_cart: Relay, channel: grpc.aio.Channel
) -> None:
    stub = cart_pb2_grpc.CartServiceStub(channel)
    await stub.GetCart(cart_pb2.GetCartRequest(), timeout=5)
    before_cart.hold_up()
    for _ in range(3):
        assert (await unanswered(channel)).code() is grpc.StatusCode.DEADLINE_EXCEEDED
    error = await unanswered(channel)
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert error.details() == "svc_cart did not answer lately"
    before_cart.let_go()
    await until(lambda: states()["svc_cart"] == "closed")
    await stub.GetCart(cart_pb2.GetCartRequest(), timeout=5)


async def test_a_service_whose_own_call_takes_too_long_has_answered(
    cart: Cart, channel: grpc.aio.Channel
) -> None:
    cart.may_answer.clear()
    for _ in range(4):
        assert reason_of(await unanswered(channel)) == "DEADLINE_EXCEEDED"
    assert states()["svc_cart"] == "closed"

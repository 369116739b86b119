"""Unary calls without a channel: when they begin, what they carry, what is repeated."""

import asyncio
from collections.abc import AsyncIterator, Generator
from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata
from shop.cart.v1 import cart_pb2

from chassis.resilience.backoff import Backoff
from chassis.resilience.circuit_breakers import CircuitBreaker
from chassis.rpc.calls import Token, UnaryMethod
from chassis.rpc.client_address import client_address
from chassis.rpc.deadline import deadline_in
from chassis.rpc.status import status_of, trailing
from chassis.telemetry.correlation import request_id

pytestmark = pytest.mark.anyio

SERVICE = cart_pb2.DESCRIPTOR.services_by_name["CartService"].full_name
READ, WRITE = f"/{SERVICE}/GetCart", f"/{SERVICE}/AddItem"


class Begun:
    """A call of gRPC's."""

    def __init__(self, timeout: float, metadata: Metadata, outcome: object) -> None:
        self.timeout = timeout
        self.metadata = dict(metadata)
        self.is_cancelled = False
        self._outcome = outcome

    def cancel(self) -> bool:
        self.is_cancelled = True
        return True

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


class Peer:
    """Answers what it is told to, and the last of it again and again."""

    def __init__(self, *outcomes: object) -> None:
        self._outcomes = list(outcomes) or ["answer"]
        self.begun: list[Begun] = []

    def __call__(self, request: Any, *, timeout: float, metadata: Metadata) -> Begun:
        outcome = self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
        self.begun.append(Begun(timeout, metadata, outcome))
        return self.begun[-1]


def error(code: grpc.StatusCode) -> AioRpcError:
    return AioRpcError(code, Metadata(), Metadata())


AWAY = error(grpc.StatusCode.UNAVAILABLE)
LATE = error(grpc.StatusCode.DEADLINE_EXCEEDED)


async def mine() -> str:
    return "t0k3n"


def method(path: str, peer: Peer, token: Token | None = None) -> UnaryMethod:
    """A method that pauses not."""
    return UnaryMethod(path, peer, token, Backoff(0.0, 0.0))


@pytest.mark.parametrize("path", [READ, WRITE])
async def test_a_call_begins_at_once_and_in_no_task_of_ours(path: str) -> None:
    peer = Peer()
    tasks = asyncio.all_tasks()
    call = method(path, peer)("request", timeout=5)
    assert len(peer.begun) == 1
    assert await call == "answer"
    assert asyncio.all_tasks() == tasks


@pytest.mark.parametrize(("path", "attempts"), [(READ, 4), (WRITE, 1)])
async def test_only_what_may_be_repeated_is(path: str, attempts: int) -> None:
    peer = Peer(AWAY)
    with pytest.raises(AioRpcError) as caught:
        await method(path, peer)("request", timeout=5)
    assert caught.value is AWAY
    assert len(peer.begun) == attempts


async def test_a_repetition_may_succeed() -> None:
    peer = Peer(AWAY, "answer")
    assert await method(READ, peer)("request", timeout=5) == "answer"


async def test_a_repetition_that_is_too_late_tells_what_it_repeats() -> None:
    with pytest.raises(AioRpcError) as caught:
        await method(READ, Peer(AWAY, LATE))("request", timeout=5)
    assert caught.value is AWAY


async def test_other_failures_are_not_repeated() -> None:
    peer = Peer(LATE)
    with pytest.raises(AioRpcError):
        await method(READ, peer)("request", timeout=5)
    assert len(peer.begun) == 1


@pytest.mark.parametrize("path", [READ, WRITE])
async def test_a_call_can_be_given_up(path: str) -> None:
    peer = Peer()
    call: Any = method(path, peer)("request", timeout=5)
    call.cancel()
    assert peer.begun[0].is_cancelled


async def test_a_call_carries_the_token_and_the_id_and_the_client_of_the_request() -> None:
    peer = Peer()
    call = method(WRITE, peer, mine)
    before, earlier = request_id.set("r1"), client_address.set("198.51.100.7")
    await call("request", timeout=5)
    given = (
        ("authorization", "Bearer other"),
        ("x-request-id", "r2"),
        ("x-forwarded-for", "198.51.100.8"),
    )
    await call("request", timeout=5, metadata=given)
    request_id.reset(before)
    client_address.reset(earlier)
    assert peer.begun[0].metadata == {
        "authorization": "Bearer t0k3n",
        "x-request-id": "r1",
        "x-forwarded-for": "198.51.100.7",
    }
    assert peer.begun[1].metadata == dict(given)


async def test_a_call_has_what_is_left_of_the_call_being_served() -> None:
    peer = Peer()
    with deadline_in(1):
        await method(WRITE, peer)("request", timeout=5)
    assert 0 < peer.begun[0].timeout < 1


@pytest.fixture
async def breaker() -> AsyncIterator[CircuitBreaker]:
    """Opens at the second failure, and is never closed again."""

    async def probe() -> None:
        await asyncio.Event().wait()

    made = CircuitBreaker("peer", probe, failures=2)
    yield made
    await made.aclose()


async def failing(peer: Peer, breaker: CircuitBreaker, times: int, *, timeout: float = 5) -> None:
    call = UnaryMethod(WRITE, peer, mine, Backoff(0.0, 0.0), breaker)
    for _ in range(times):
        with pytest.raises(AioRpcError):
            await call("request", timeout=timeout)


@pytest.mark.parametrize("outcome", [AWAY, LATE])
async def test_a_peer_that_does_not_answer_is_asked_no_more(
    breaker: CircuitBreaker, outcome: AioRpcError
) -> None:
    peer = Peer(outcome)
    await failing(peer, breaker, 2)
    for token in (None, mine):
        with pytest.raises(AioRpcError) as caught:
            await UnaryMethod(READ, peer, token, breaker=breaker)("request", timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(peer.begun) == 2


async def test_a_peer_that_says_what_does_not_answer_has_answered(breaker: CircuitBreaker) -> None:
    for reason in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "NOT_FOUND"):
        status = status_of(reason, "")
        code = next(each for each in grpc.StatusCode if each.value[0] == status.code)
        said = AioRpcError(code, Metadata(), Metadata(*trailing(status)), status.message)
        await failing(Peer(said), breaker, 3)
    assert breaker.state == "closed"


async def test_a_deadline_that_was_cut_short_says_nothing(breaker: CircuitBreaker) -> None:
    with deadline_in(0.5):
        await failing(Peer(LATE), breaker, 3)
    assert breaker.state == "closed"
    with deadline_in(2):
        await failing(Peer(LATE), breaker, 2)
    assert breaker.state == "open"


async def test_a_peer_that_misses_the_whole_of_a_short_timeout_counts(
    breaker: CircuitBreaker,
) -> None:
    with deadline_in(2):
        await failing(Peer(LATE), breaker, 2, timeout=0.2)
    assert breaker.state == "open"


async def test_a_call_that_is_given_up_says_nothing(breaker: CircuitBreaker) -> None:
    class Hanging(Begun):
        def __await__(self) -> Generator[Any, None, Any]:
            yield from asyncio.Event().wait().__await__()

    def hang(_: Any, *, timeout: float, metadata: Metadata) -> Begun:
        return Hanging(timeout, metadata, None)

    await failing(Peer(AWAY), breaker, 1)
    call: Any = UnaryMethod(WRITE, hang, None, breaker=breaker)("request", timeout=5)
    waiting = asyncio.ensure_future(call)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await failing(Peer(AWAY), breaker, 1)
    assert breaker.state == "open"


async def test_a_token_that_cannot_be_had_says_nothing_of_the_peer(breaker: CircuitBreaker) -> None:
    async def none() -> str:
        raise AWAY

    peer = Peer()
    for _ in range(3):
        with pytest.raises(AioRpcError):
            await UnaryMethod(WRITE, peer, none, breaker=breaker)("request", timeout=5)
    assert breaker.state == "closed"
    assert not peer.begun


async def test_a_call_needs_a_timeout() -> None:
    with pytest.raises(TypeError, match="without a timeout"):
        method(WRITE, Peer())("request")

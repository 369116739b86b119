"""What is counted, what is asked for before a scrape, and that nothing is done where it is off."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata
from pymongo.monitoring import (
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionClosedEvent,
    ConnectionCreatedEvent,
)

from chassis.mongo.pool_metrics import PoolListener, pool_listeners
from chassis.resilience.backoff import Backoff
from chassis.rpc.calls import UnaryMethod
from chassis.rpc.meters import client_meter, metered, metered_stream, server_meter
from chassis.telemetry import metrics, traces
from chassis.telemetry.metrics import FRESH_SECONDS, Measured, Scrapes
from tests.support.clock import FakeSeconds
from tests.support.metrics import Growth, grows, value_of
from tests.support.spans import SAMPLED, recorded
from tests.unit.chassis.test_calls import Peer

pytestmark = pytest.mark.anyio

ADD_ITEM = "/shop.cart.v1.CartService/AddItem"
RPC = {"grpc_service": "shop.cart.v1.CartService", "grpc_method": "AddItem"}
IN_USE, IDLE = {"state": "in_use"}, {"state": "idle"}
ADDRESS = ("mongo", 27017)


@pytest.fixture
def off() -> Iterator[None]:
    """Metrics are off meanwhile."""
    metrics.configure("svc_test", is_on=False)
    yield
    metrics.configure("svc_test", is_on=True)


class Context:
    """Of a call that ends in a code."""

    def __init__(self, code: grpc.StatusCode | None = None) -> None:
        self._code = code

    def code(self) -> grpc.StatusCode | None:
        return self._code


async def aborts(*_: Any) -> None:
    raise ConnectionAbortedError


async def answers(*_: Any) -> str:
    return "answer"


async def test_an_rpc_is_counted_by_its_server() -> None:
    serve = metered(answers, server_meter(ADD_ITEM))
    with (
        grows("grpc_server_handled_total", RPC | {"grpc_code": "OK"}),
        grows("grpc_server_handling_seconds_count", RPC),
    ):
        assert await serve("request", Context()) == "answer"


async def test_an_rpc_that_is_aborted_is_counted_by_its_code() -> None:
    serve = metered(aborts, server_meter(ADD_ITEM))
    with (
        grows("grpc_server_handled_total", RPC | {"grpc_code": "NOT_FOUND"}),
        pytest.raises(ConnectionAbortedError),
    ):
        await serve("request", Context(grpc.StatusCode.NOT_FOUND))


async def test_an_rpc_whose_client_leaves_is_cancelled() -> None:
    async def waits(*_: Any) -> None:
        await asyncio.Event().wait()

    serving = asyncio.ensure_future(metered(waits, server_meter(ADD_ITEM))("request", Context()))
    await asyncio.sleep(0)
    with grows("grpc_server_handled_total", RPC | {"grpc_code": "CANCELLED"}):
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving


async def test_a_stream_is_counted_once_at_its_end() -> None:
    async def two(*_: Any) -> AsyncIterator[int]:
        yield 1
        yield 2

    serve = metered_stream(two, server_meter(ADD_ITEM))
    with grows("grpc_server_handled_total", RPC | {"grpc_code": "OK"}):
        assert [each async for each in serve("request", Context())] == [1, 2]


def method(*outcomes: object) -> UnaryMethod:
    return UnaryMethod(ADD_ITEM, Peer(*outcomes), None, Backoff(0.0, 0.0))


async def test_a_call_is_counted_by_its_client() -> None:
    add_item = method("answer", AioRpcError(grpc.StatusCode.ABORTED, Metadata(), Metadata()))
    with (
        grows("grpc_client_handled_total", RPC | {"grpc_code": "OK"}),
        grows("grpc_client_handled_total", RPC | {"grpc_code": "ABORTED"}),
        grows("grpc_client_handling_seconds_count", RPC, by=2),
    ):
        assert await add_item("request", timeout=5) == "answer"
        with pytest.raises(AioRpcError):
            await add_item("request", timeout=5)


async def test_a_call_that_is_given_up_is_counted_once() -> None:
    with (
        grows("grpc_client_handled_total", RPC | {"grpc_code": "CANCELLED"}),
        grows("grpc_client_handling_seconds_count", RPC),
    ):
        call: Any = method()("request", timeout=5)
        call.cancel()
        await call


@pytest.mark.usefixtures("off")
async def test_where_metrics_are_off_nothing_is_between() -> None:
    assert client_meter(ADD_ITEM) is None
    assert metered(answers, server_meter(ADD_ITEM)) is answers
    assert pool_listeners() == []


def test_the_pool_is_counted_by_what_its_connections_do() -> None:
    listener = PoolListener()
    with grows("mongodb_pool_connections", IDLE):
        listener.connection_created(ConnectionCreatedEvent(ADDRESS, 1))
    with (
        grows("mongodb_pool_connections", IN_USE),
        grows("mongodb_pool_connections", IDLE, by=-1),
        grows("mongodb_pool_wait_seconds_count"),
        grows("mongodb_pool_wait_seconds_sum", by=0.5),
    ):
        listener.connection_checked_out(ConnectionCheckedOutEvent(ADDRESS, 1, 0.5))
    with grows("mongodb_pool_connections", IN_USE, by=-1):
        listener.connection_checked_in(ConnectionCheckedInEvent(ADDRESS, 1))
    with grows("mongodb_pool_connections", IDLE, by=-1):
        listener.connection_closed(ConnectionClosedEvent(ADDRESS, 1, "stale"))


async def test_a_loop_that_is_held_up_is_late() -> None:
    watching = asyncio.create_task(metrics.watch_loop(every=0.0))
    seen = Growth("event_loop_lag_seconds_count")
    while not seen():
        await asyncio.sleep(0)
    watching.cancel()


async def test_a_bucket_shows_the_last_trace_that_is_exported() -> None:
    opened = "application/openmetrics-text; version=1.0.0"
    serve = metered(answers, server_meter(ADD_ITEM))
    with recorded(), traces.span("request", "server", parent=SAMPLED):
        ids = traces.current_ids()
        await serve("request", Context())
    assert ids is not None
    _, body = await Scrapes().answer(opened)
    exemplars = [
        line for line in body.decode().splitlines() if f'# {{trace_id="{ids.trace_id}"}}' in line
    ]
    assert any(line.startswith("grpc_server_handling_seconds_bucket") for line in exemplars)


@pytest.fixture(scope="module")
def depth() -> Measured:
    return Measured("test_depth", "For these tests.", ["place"])


class Asked:
    """Sets `depth`, or fails, and counts how often it is asked."""

    def __init__(self, depth: Measured) -> None:
        self.times = 0
        self.fails = False
        self._depth = depth

    async def __call__(self) -> None:
        self.times += 1
        await asyncio.sleep(0)
        if self.fails:
            raise ConnectionError
        self._depth.values = {("here",): 7.0}


async def test_what_is_measured_is_asked_before_a_scrape_and_not_again_at_once(
    depth: Measured,
) -> None:
    clock, asked = FakeSeconds(), Asked(depth)
    scrapes = Scrapes(clock=clock)
    scrapes.ask([depth], asked)
    (_, body), _ = await asyncio.gather(scrapes.answer(""), scrapes.answer(""))
    assert b'\ntest_depth{place="here"} 7.0\n' in body
    assert asked.times == 1
    clock.now += FRESH_SECONDS
    await scrapes.answer("")
    assert asked.times == 2


async def test_what_cannot_be_known_is_not_shown_and_the_rest_is(depth: Measured) -> None:
    clock, asked = FakeSeconds(), Asked(depth)
    scrapes = Scrapes(clock=clock)
    scrapes.ask([depth], asked)
    await scrapes.answer("")
    asked.fails = True
    clock.now += FRESH_SECONDS
    _, body = await scrapes.answer("")
    assert b"\ntest_depth{" not in body
    assert b"\nprocess_cpu_seconds_total " in body


def test_a_process_says_what_it_is() -> None:
    metrics.configure("svc_test", is_on=True)
    assert value_of("build_info", {"process": "svc_test", "version": metrics.version_of_shop()})

"""What a line of a log says, by the names of ECS, and of what it says it."""

import asyncio
import logging
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import grpc
import orjson
import pytest
from shop.orders.v1 import events_pb2, orders_pb2

from chassis.auth.identity import Identity
from chassis.auth.tokens import TokenVerifier
from chassis.rpc.guard import Guard
from chassis.telemetry import correlation
from chassis.telemetry.logs import EcsFormatter
from tests.support.spans import recorded, traceparent_of
from tests.unit.chassis.test_delivery import ARRIVAL, delivery

pytestmark = pytest.mark.anyio

# What a process writes, from its first line on; the level comes by signals too.
WRITES = """
import logging, os, signal
import structlog
from chassis.telemetry.logs import configure

configure("warning", "svc_cart")
log = structlog.get_logger("svc_cart.usecases")
log.info("not wanted")
log.warning("order stays", order_id="o1", lines=[1, 2], left={"a": 1}, error="no answer")
try:
    raise ValueError("x")
except ValueError:
    log.exception("failed")
logging.getLogger("redis").warning("lost %s", "it")
os.kill(os.getpid(), signal.SIGUSR1)
log.debug("wanted now")
logging.getLogger("httpcore").debug("authorization: Bearer t0k3n")
os.kill(os.getpid(), signal.SIGUSR2)
log.info("not wanted again")
"""
REQUIRED = {"@timestamp", "log.level", "message", "ecs.version", "service.name", "log.logger"}


def written(program: str) -> list[dict[str, Any]]:
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return [orjson.loads(line) for line in ran.stdout.splitlines()]


def test_a_process_writes_objects_that_a_reader_of_ecs_understands() -> None:
    stays, failed, lost, debug = written(WRITES)
    for line in (stays, failed, lost, debug):
        assert set(line) >= REQUIRED
        assert list(line)[:3] == ["@timestamp", "log.level", "message"]
        assert line["service.name"] == "svc_cart"
    assert (stays["log.level"], stays["message"]) == ("WARN", "order stays")
    assert stays["labels.order_id"] == "o1"
    assert stays["labels.lines"] == ["1", "2"]
    assert stays["labels.left"] == '{"a":1}'
    assert stays["error.message"] == "no answer"
    assert (failed["log.level"], failed["error.type"]) == ("ERROR", "ValueError")
    assert failed["error.message"] == "x"
    assert failed["error.stack_trace"].startswith("Traceback")
    assert failed["error.stack_trace"].endswith("ValueError: x")
    assert (lost["message"], lost["log.logger"]) == ("lost it", "redis")


def test_signals_have_everything_logged_but_what_libraries_tell_of_secrets() -> None:
    assert [line["message"] for line in written(WRITES)][-2:] == ["lost it", "wanted now"]


class Verifier:
    """Knows one token."""

    async def verify(self, token: str) -> Identity:
        return Identity("user", id="u1", role="user", session_id="s1", token=token)


async def noted(request: Any) -> dict[str, str]:
    """What a line would say that is written while a call of GetOrder is served."""
    fields: list[dict[str, str]] = []

    async def serve(*_: Any) -> None:
        fields.append(dict(correlation.fields()))

    guard = Guard(cast("TokenVerifier", Verifier()))
    handler = guard.guarded(
        "/shop.orders.v1.OrdersService/GetOrder", grpc.unary_unary_rpc_method_handler(serve)
    )
    metadata = [("authorization", "Bearer t0k3n"), ("x-request-id", "r1")]
    context = SimpleNamespace(
        time_remaining=lambda: 20.0, invocation_metadata=lambda: metadata, abort=print
    )
    await asyncio.create_task(handler.unary_unary(request, context))
    return fields[0]


async def test_a_call_is_logged_with_its_request_session_user_and_order() -> None:
    assert await noted(orders_pb2.GetOrderRequest(order_id="o1")) == {
        "http.request.id": "r1",
        "user.id": "u1",
        "session.id": "s1",
        "labels.order_id": "o1",
    }


@pytest.mark.parametrize("at_once", [True, False])
async def test_an_event_is_logged_with_its_id_and_its_trace(at_once: bool) -> None:
    fields: list[dict[str, str]] = []

    async def handle(*_: Any) -> None:
        fields.append(dict(correlation.fields()))

    async def deliver() -> None:
        one = delivery(handle)
        await (one.try_once(ARRIVAL) if at_once else one.deliver(ARRIVAL, asyncio.Event()))

    with recorded() as spans:
        await asyncio.create_task(deliver())
    _, trace_id, span_id, _ = traceparent_of(spans.only()).split("-")
    assert trace_id in ARRIVAL.event.trace
    assert fields == [{"event.id": "e1", "trace.id": trace_id, "span.id": span_id}]


@pytest.mark.parametrize(
    ("message", "order_id"),
    [
        (orders_pb2.GetOrderRequest(order_id="o1"), "o1"),
        (events_pb2.OrderCreated(order=orders_pb2.Order(id="o1")), "o1"),
        (orders_pb2.ListOrdersRequest(), None),
    ],
    ids=["a field", "of the order", "none"],
)
async def test_a_message_is_about_the_order_that_it_names(
    message: Any, order_id: str | None
) -> None:
    before = correlation.message.set(message)
    assert dict(correlation.fields()).get("labels.order_id") == order_id
    correlation.message.reset(before)


def test_what_a_call_gives_does_not_hide_who_made_it() -> None:
    record = logging.LogRecord(
        "svc_auth", logging.INFO, "", 0, {"event": "blocked", "user_id": "u2"}, None, None
    )
    line = orjson.loads(EcsFormatter("svc_auth").format(record))
    assert line["labels.user_id"] == "u2"
    assert "user.id" not in line

"""What doctor finds, and what it says to do."""

import json
import time
from email.utils import formatdate

import grpc
import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from shop.auth.v1 import auth_pb2
from shop.ops.v1 import system_pb2

from shopctl import checks
from shopctl.checks import Finding, State
from shopctl.profile import Profile
from tests.unit.shopctl.conftest import Run, Shop


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Response | httpx.HTTPError]:
    """What the next HTTP request is answered."""
    queue: list[httpx.Response | httpx.HTTPError] = []

    def get(url: str, **_: object) -> httpx.Response:
        answer = queue.pop(0)
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    monkeypatch.setattr(httpx, "get", get)
    return queue


@pytest.mark.parametrize(("skew", "state"), [(0, State.OK), (3, State.OK), (60, State.FAILED)])
@pytest.mark.parametrize("sign", [1, -1])
def test_clocks_that_are_apart_are_found(
    answers: list[httpx.Response], skew: int, sign: int, state: State
) -> None:
    date = formatdate(time.time() + sign * skew, usegmt=True)
    answers.append(httpx.Response(200, json={"status": "ok"}, headers={"date": date}))
    gateway, clock = checks.gateway("http://127.0.0.1:8000")
    assert gateway.state is State.OK
    assert (clock.check, clock.state) == ("clock", state)
    assert ("NTP" in clock.advice) == (state is State.FAILED)


@pytest.mark.parametrize(("status", "state"), [(404, State.OK), (502, State.FAILED)])
def test_a_server_that_wants_a_key_is_reachable(
    answers: list[httpx.Response], status: int, state: State
) -> None:
    answers.append(httpx.Response(status))
    assert [each.state for each in checks.http_server("s3", "http://s3", "start it")] == [state]


def test_kafka_that_takes_no_connection_is_to_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.kafka.clients.KafkaClients.answers", lambda _: False)
    [found] = checks.kafka("127.0.0.1:1")
    assert found.state is State.FAILED
    assert "start Kafka" in found.advice


def test_a_shop_that_is_well_ends_with_0_and_one_that_is_not_with_1(
    profile: Profile, shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, found in (("service", State.OK), ("system", State.WARNING)):
        monkeypatch.setattr(checks, name, lambda *a, name=name, found=found: [Finding(name, found)])
    running = run("doctor", "-o", "json")
    user = auth_pb2.User(id="u1", email="ada@example.org", role=auth_pb2.ROLE_ADMIN)
    shop.answer("GetCurrentUser", auth_pb2.GetCurrentUserResponse(current_user=user))
    assert running.end().json["ok"]
    running = run("doctor")
    shop.answer("GetCurrentUser", auth_pb2.GetCurrentUserResponse())
    ended = running.end()
    assert ended.code == 1
    assert "shopctl login" in ended.out


def test_what_a_process_lacks_and_what_waits_in_it_is_named(
    profile: Profile, shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "service", lambda *_: [])
    monkeypatch.setattr(checks, "token", lambda *_: [])
    running = run("doctor", "--service", "cart", "-o", "json")
    process = system_pb2.Process(
        checks=[
            system_pb2.HealthCheck(name="keys", state="ok"),
            system_pb2.HealthCheck(name="mongodb", state="TimeoutError"),
        ],
        circuit_breakers=[
            system_pb2.CircuitBreakerState(name="svc_orders", state="open"),
            system_pb2.CircuitBreakerState(name="svc_catalog", state="closed"),
        ],
        outboxes=[
            system_pb2.OutboxDepth(collection="carts", entries=2, oldest_at=Timestamp(seconds=1)),
            system_pb2.OutboxDepth(collection="sessions"),
        ],
        dead_letters=3,
    )
    shop.answer("GetSystem", system_pb2.GetSystemResponse(processes=[process]), "svc_cart")
    ended = running.end()
    assert ended.code == 1
    keys, mongodb, circuit, outbox, letters = json.loads(ended.out)["checks"]
    assert (keys["check"], keys["state"]) == ("svc_cart: keys", "ok")
    assert (mongodb["state"], mongodb["detail"]) == ("failed", "TimeoutError")
    assert mongodb["advice"] == "start or mend it; look at its log"
    assert (circuit["state"], circuit["detail"]) == ("warning", "svc_orders open")
    assert outbox["detail"].startswith("carts: 2 events")
    assert letters["advice"] == "see `shopctl dead-letters list --service cart`"


def test_a_service_that_says_nothing_of_itself_is_skipped(
    profile: Profile, shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "service", lambda *_: [])
    monkeypatch.setattr(checks, "token", lambda *_: [])
    running = run("doctor", "--service", "cart", "-o", "json")
    shop.refuse(
        "GetSystem", grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED", service="svc_cart"
    )
    [found] = running.end().json["checks"]
    assert (found["check"], found["state"]) == ("svc_cart: system", "skipped")

"""What doctor finds, and what it says to do."""

import time
from email.utils import formatdate

import grpc
import httpx
import pytest
from shop.auth.v1 import auth_pb2
from shop.ops.v1 import ops_pb2, outbox_pb2

from shopctl import checks
from shopctl.checks import Finding, State
from shopctl.profile import Profile
from tests.unit.shopctl.conftest import Run, Shop

PROFILE = Profile("default", shop="/shop")


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


def test_what_a_process_lacks_is_named(answers: list[httpx.Response]) -> None:
    body = {"checks": {"keys": "ok", "mongodb": "TimeoutError"}}
    answers.append(httpx.Response(503, json=body))
    keys, mongodb = checks.readiness(PROFILE, "svc_cart", "http://127.0.0.1:1")
    assert keys.state is State.OK
    assert (mongodb.check, mongodb.state) == ("svc_cart: mongodb", State.FAILED)
    assert mongodb.advice == "start or mend mongodb; its log is /shop/logs/svc_cart.log"


def test_a_process_that_does_not_answer_is_to_be_started(
    answers: list[httpx.Response | httpx.HTTPError],
) -> None:
    answers.append(httpx.ConnectError("refused"))
    [found] = checks.readiness(PROFILE, "svc_cart", "http://127.0.0.1:1")
    assert found.state is State.FAILED
    assert found.advice.startswith("start it")


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
    monkeypatch.setattr("shopctl.checks.KafkaClients.answers", lambda _: False)
    [found] = checks.kafka("127.0.0.1:1")
    assert found.state is State.FAILED
    assert "start Kafka" in found.advice


def test_a_shop_that_is_well_ends_with_0_and_one_that_is_not_with_1(
    profile: Profile, shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, found in (("service", State.OK), ("dead_letters", State.WARNING)):
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


def test_letters_and_rejected_events_are_counted(
    profile: Profile, shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "service", lambda *_: [])
    monkeypatch.setattr(checks, "token", lambda *_: [])
    monkeypatch.setattr("shopctl.commands.doctor.SERVICES", ("svc_auth", "svc_cart"))
    monkeypatch.setattr("shopctl.commands.doctor._AT_ONCE", 1)
    running = run("doctor")
    shop.refuse("ListDeadLetters", grpc.StatusCode.UNIMPLEMENTED, service="svc_auth")
    shop.refuse("ListRejectedEvents", grpc.StatusCode.UNIMPLEMENTED, service="svc_auth")
    letters = ops_pb2.ListDeadLettersResponse(total_size=3)
    shop.answer("ListDeadLetters", letters, "svc_cart")
    shop.answer("ListRejectedEvents", outbox_pb2.ListRejectedEventsResponse(), "svc_cart")
    ended = running.end()
    assert ended.code == 0
    _, first, second, _ = ended.out.splitlines()
    assert first.split() == [
        *("svc_cart:", "dead", "letters", "warning", "3"),
        *("see", "`shopctl", "dead-letters", "list", "--service", "svc_cart`"),
    ]
    assert second.split() == ["svc_cart:", "rejected", "events", "ok", "0"]

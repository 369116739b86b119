"""RPCs that every service has: one is asked, or all of them."""

import logging
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from shop.ops.v1 import logs_pb2, ops_pb2, outbox_pb2, system_pb2

from chassis.rpc.paging import decode_page_token, scope_of
from chassis.telemetry.log_levels import levels
from tests.unit.gateway.fakes import World, refused, rpc_error

pytestmark = pytest.mark.anyio

ADMIN = {"authorization": "Bearer t0k3n"}
LETTERS = "/api/admin/dead-letters"


def letter(service: str, second: int) -> ops_pb2.DeadLetter:
    at = Timestamp(seconds=1_700_000_000 + second)
    return ops_pb2.DeadLetter(id=f"{service}{second}", service=service, failed_at=at)


def has(world: World, service: str, *seconds: int, more: int = 0) -> None:
    """A service has letters of these times, and `more` behind them."""

    def answer(_: Any) -> Message:
        return ops_pb2.ListDeadLettersResponse(
            dead_letters=[letter(service, second) for second in seconds],
            next_page_token="more" if more else "",
            total_size=len(seconds) + more,
        )

    world.calls.by_service["ListDeadLetters", service] = answer


async def listed(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    response = await client.get(LETTERS, params=query, headers=ADMIN)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def ids(body: dict[str, Any]) -> list[str]:
    return [each["id"] for each in body["deadLetters"]]


async def test_all_services_are_asked_and_their_lists_become_one(
    world: World, client: httpx.AsyncClient
) -> None:
    has(world, "cart", 1, 4)
    has(world, "orders", 2, 3, 5)
    body = await listed(client)
    assert ids(body) == ["cart1", "orders2", "orders3", "cart4", "orders5"]
    assert (body["totalSize"], body["nextPageToken"], body["unreachable"]) == (5, "", [])
    assert sorted(map(str, world.calls.asked)) == ["cart", "orders"]


async def test_a_page_ends_where_all_services_can_go_on(
    world: World, client: httpx.AsyncClient
) -> None:
    has(world, "cart", 1, 4)
    has(world, "orders", 2, 3, more=7)
    body = await listed(client, pageSize=2, group="g")
    assert (ids(body), body["totalSize"]) == (["cart1", "orders2"], 11)
    asked = ops_pb2.ListDeadLettersRequest(page_size=9, service="cart", group="g")
    position = decode_page_token(body["nextPageToken"], scope_of(asked), (datetime, str))
    assert position is not None
    assert position[1] == "orders2"
    await listed(client, pageToken=body["nextPageToken"])
    assert world.calls.last.request.page_token == body["nextPageToken"]


@pytest.mark.parametrize(
    "code",
    [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.INTERNAL],
)
async def test_a_service_that_does_not_answer_is_named(
    world: World, client: httpx.AsyncClient, code: grpc.StatusCode
) -> None:
    def fail(_: Any) -> Message:
        raise rpc_error(code)

    has(world, "cart", 1)
    world.calls.by_service["ListDeadLetters", "orders"] = fail
    body = await listed(client)
    assert (ids(body), body["unreachable"]) == (["cart1"], ["orders"])


async def test_a_service_that_hangs_is_named(world: World, client: httpx.AsyncClient) -> None:
    has(world, "cart", 1)
    world.calls.hanging.add("orders")
    body = await listed(client)
    assert (ids(body), body["unreachable"]) == (["cart1"], ["orders"])


async def test_a_service_of_an_older_release_has_nothing_to_tell(
    world: World, client: httpx.AsyncClient
) -> None:
    def fail(_: Any) -> Message:
        raise rpc_error(grpc.StatusCode.UNIMPLEMENTED)

    has(world, "cart", 1)
    world.calls.by_service["ListDeadLetters", "orders"] = fail
    body = await listed(client)
    assert (ids(body), body["unreachable"]) == (["cart1"], [])


async def test_what_they_refuse_is_refused(world: World, client: httpx.AsyncClient) -> None:
    world.calls.answers["ListDeadLetters"] = refused(
        "VALIDATION_FAILED", "", [("page_token", "is not a page token")]
    )
    response = await client.get(LETTERS, headers=ADMIN)
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "pageToken", "message": "is not a page token"}]


async def test_one_can_be_asked_alone(world: World, client: httpx.AsyncClient) -> None:
    has(world, "cart", 1)
    has(world, "orders", 2, more=1)
    body = await listed(client, service="orders")
    assert (ids(body), body["nextPageToken"]) == (["orders2"], "more")
    assert world.calls.asked == ["orders"]


async def test_the_service_of_a_path_is_asked(world: World, client: httpx.AsyncClient) -> None:
    response = await client.post(f"{LETTERS}/orders/l1/replay", headers=ADMIN)
    assert response.status_code == 200, response.text
    assert world.calls.asked == ["orders"]
    assert world.calls.last.request.dead_letter_id == "l1"


async def test_a_service_that_there_is_not(world: World, client: httpx.AsyncClient) -> None:
    response = await client.delete(f"{LETTERS}/ghost/l1", headers=ADMIN)
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"field": "service", "message": "must be one of cart, orders"}
    ]
    assert world.calls.made == []


def _same(answer: Message, _: Any) -> Message:
    return answer


async def test_numbers_are_added(world: World, client: httpx.AsyncClient) -> None:
    for service, dropped in (("cart", 2), ("orders", 3)):
        answer = ops_pb2.DropDeadLettersResponse(dropped=dropped)
        world.calls.by_service["DropDeadLetters", service] = partial(_same, answer)
    response = await client.post(f"{LETTERS}/drop", json={"topic": "t"}, headers=ADMIN)
    assert response.json() == {"dropped": 5, "unreachable": []}


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer u"}])
async def test_they_are_for_admins(
    world: World, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    world.verifier.knows("u", role="user")
    response = await client.get(LETTERS, headers=headers)
    assert response.status_code == (403 if headers else 401)


async def test_the_gateway_is_shown_beside_the_services(
    world: World, client: httpx.AsyncClient
) -> None:
    for service in ("cart", "orders"):
        answer = system_pb2.GetSystemResponse(processes=[system_pb2.Process(service=service)])
        world.calls.by_service["GetSystem", service] = partial(_same, answer)
    world.calls.hanging.add("cart")
    response = await client.get("/api/admin/system", headers=ADMIN)
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["unreachable"] == ["cart"]
    shown = {process["service"]: process for process in body["processes"]}
    assert list(shown) == ["orders", "gateway"]
    assert shown["gateway"]["isReady"]
    states = {each["name"]: each["state"] for each in shown["gateway"]["checks"]}
    assert states == {"keys": "ok", "redis": "ok", "events": "NotFollowedError"}
    settings = {each["name"]: each for each in shown["gateway"]["settings"]}
    assert settings["CART_URL"]["value"] == "cart:1"
    assert settings["CLIENT_SECRET"]["isHidden"]
    assert '"secret"' not in response.text


async def test_the_gateway_can_be_asked_alone(world: World, client: httpx.AsyncClient) -> None:
    response = await client.get("/api/admin/system?service=gateway", headers=ADMIN)
    [process] = response.json()["processes"]
    assert process["service"] == "gateway"
    assert world.calls.made == []


@pytest.fixture
def log_levels() -> Iterator[str]:
    """Where the levels are; those of this process are as they were at the end."""
    yield "/api/admin/log-levels"
    levels.set(None)


async def test_the_level_of_a_service_is_changed_at_its_address(
    world: World, client: httpx.AsyncClient, log_levels: str
) -> None:
    world.calls.by_service["SetLogLevel", "cart"] = lambda _: logs_pb2.SetLogLevelResponse()
    response = await client.put(f"{log_levels}/cart", json={"level": "debug"}, headers=ADMIN)
    assert response.status_code == 200, response.text
    assert world.calls.last.request.level == logs_pb2.LOG_LEVEL_DEBUG


async def test_the_gateways_own_level_is_changed_like_that_of_a_service(
    client: httpx.AsyncClient, log_levels: str
) -> None:
    of_one = {"level": "debug", "logger": "chassis.rpc", "durationSeconds": 60}
    address = f"{log_levels}/gateway"
    changed = await client.put(address, json=of_one, headers=ADMIN)
    assert changed.status_code == 200, changed.text
    assert logging.getLogger("chassis.rpc").level == logging.DEBUG
    [there] = (await client.get(address, headers=ADMIN)).json()["levels"]["changed"]
    assert (there["logger"], there["level"]) == ("chassis.rpc", "debug")
    await client.put(address, json={}, headers=ADMIN)
    assert logging.getLogger("chassis.rpc").level == logging.NOTSET


@pytest.mark.parametrize(
    ("body", "field"),
    [({"logger": "httpcore"}, "logger"), ({"durationSeconds": -1}, "durationSeconds")],
)
async def test_the_gateway_refuses_what_a_service_would(
    client: httpx.AsyncClient, log_levels: str, body: dict[str, Any], field: str
) -> None:
    response = await client.put(f"{log_levels}/gateway", json=body, headers=ADMIN)
    assert response.status_code == 400
    assert [each["field"] for each in response.json()["errors"]] == [field]
    assert levels.changed() == []


async def test_rejected_events_of_all_services(world: World, client: httpx.AsyncClient) -> None:
    for service, second in (("cart", 2), ("orders", 1)):
        event = outbox_pb2.RejectedEvent(
            id=service, service=service, rejected_at=Timestamp(seconds=second)
        )
        answer = outbox_pb2.ListRejectedEventsResponse(rejected_events=[event], total_size=1)
        world.calls.by_service["ListRejectedEvents", service] = partial(_same, answer)
    body = (await client.get("/api/admin/rejected-events", headers=ADMIN)).json()
    assert [each["id"] for each in body["rejectedEvents"]] == ["orders", "cart"]
    assert body["totalSize"] == 2
    path = "/api/admin/rejected-events/orders/e1"
    assert (await client.post(f"{path}/publish", headers=ADMIN)).status_code == 200
    assert (await client.delete(path, headers=ADMIN)).status_code == 200
    assert world.calls.asked[-2:] == ["orders", "orders"]

"""What a call carries: the caller's token, the request's id, the client's address, a deadline."""

from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from chassis.settings.networks import Networks
from chassis.telemetry import correlation
from gateway.contract import load_rpcs
from tests.unit.gateway.fakes import World, make_world, refused

pytestmark = pytest.mark.anyio


async def test_the_token_of_the_header_wins(world: World, client: httpx.AsyncClient) -> None:
    world.verifier.knows("header.token")
    headers = {"authorization": "bearer header.token", "cookie": "session=cookie.token"}
    await client.get("/api/orders", headers=headers)
    assert world.calls.last.metadata["authorization"] == "Bearer header.token"


async def test_the_token_of_the_cookie(world: World, client: httpx.AsyncClient) -> None:
    world.verifier.knows("cookie.token")
    await client.get("/api/orders", headers={"cookie": "session=cookie.token"})
    assert world.calls.last.metadata["authorization"] == "Bearer cookie.token"


async def test_what_fails_is_logged_with_its_request_session_user_and_order(
    world: World, client: httpx.AsyncClient
) -> None:
    def correlated(_: Any, __: str, line: Any) -> Any:
        return line | dict(correlation.fields())

    world.verifier.knows("mine", id="u1", session_id="s1")
    world.calls.answers["GetOrder"] = refused("UNAVAILABLE")
    headers = {"authorization": "Bearer mine", "x-request-id": "r1"}
    with capture_logs([correlated]) as logs:
        await client.get("/api/orders/o1", headers=headers)
    [line] = [each for each in logs if each["event"] == "request not served"]
    names = ("http.request.id", "user.id", "session.id", "labels.order_id")
    assert [line.get(name) for name in names] == ["r1", "u1", "s1", "o1"]


async def test_without_a_token_there_is_none(world: World, client: httpx.AsyncClient) -> None:
    await client.get("/api/products")
    assert "authorization" not in world.calls.last.metadata


@pytest.mark.parametrize(
    "value", ["Basic dTpw", "Bearer", "Bearer ", "x", "Bearer a b", "Bearer ü"]
)
async def test_another_authorization_is_refused(
    world: World, client: httpx.AsyncClient, value: str
) -> None:
    headers = {b"authorization": value.encode("latin-1")}
    response = await client.get("/api/products", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert world.calls.made == []


async def test_a_garbled_cookie_is_no_token(world: World, client: httpx.AsyncClient) -> None:
    headers = {b"cookie": 'session="a b; é'.encode()}
    response = await client.get("/api/products", headers=headers)
    assert response.status_code == 200
    assert "authorization" not in world.calls.last.metadata


async def test_protected_routes_ask_for_a_token_before_anything_is_read(
    world: World, client: httpx.AsyncClient
) -> None:
    for rpc in load_rpcs():
        for binding in rpc.bindings:
            if not rpc.is_public:
                path = binding.template.replace("{", "").replace("}", "")
                response = await client.request(binding.verb, path, content=b"{broken")
                assert response.status_code == 401, binding
    assert world.calls.made == []


async def test_a_request_id_is_taken_passed_on_and_answered(
    world: World, client: httpx.AsyncClient
) -> None:
    response = await client.get("/api/products", headers={"x-request-id": "abc-123"})
    assert world.calls.last.metadata["x-request-id"] == "abc-123"
    assert response.headers["x-request-id"] == "abc-123"
    response = await client.get("/nowhere", headers={"x-request-id": "abc-124"})
    assert response.json()["requestId"] == response.headers["x-request-id"] == "abc-124"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>"])
async def test_a_bad_request_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    first = await client.get("/api/products", headers={"x-request-id": given})
    second = await client.get("/api/products", headers={"x-request-id": given})
    assert first.headers["x-request-id"] not in {given, second.headers["x-request-id"]}


async def test_the_clients_address(world: World, client: httpx.AsyncClient) -> None:
    await client.get("/api/notifications/health", headers={"x-forwarded-for": "1.2.3.4"})
    assert world.calls.last.metadata["x-forwarded-for"] == "203.0.113.9"


async def test_the_clients_address_behind_trusted_proxies() -> None:
    world = make_world(trusted_proxies=Networks("203.0.113.9", "10.0.0.0/8"))
    async with world.client() as client:
        forwarded = {"x-forwarded-for": "6.6.6.6, 1.2.3.4, 10.9.8.7"}
        await client.get("/api/notifications/health", headers=forwarded)
    assert world.calls.last.metadata["x-forwarded-for"] == "1.2.3.4"


async def test_deadlines_differ_for_reads_and_writes(
    world: World, client: httpx.AsyncClient
) -> None:
    await client.get("/api/products")
    assert world.calls.last.timeout == 3.0
    await client.post("/api/users/signin", json={})
    assert world.calls.last.timeout == 10.0

"""HTTP in, gRPC out, over real sockets."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from chassis.http.server import HttpLimits
from tests.contract.gateway.conftest import PATIENCE_SECONDS, Backends, RunningGateway
from tests.contract.gateway.services import token

pytestmark = pytest.mark.anyio


def bearer(**claims: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {token(**claims)}"}


async def test_a_session_by_cookie(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/users/sessions")).status_code == 401
    body = {"email": "ada@shop.test", "password": "correct horse"}
    response = await client.post("/api/users/signin", json=body)
    assert response.status_code == 200
    assert response.json()["user"]["email"] == "ada@shop.test"
    assert set(response.cookies) == {"session", "refreshToken"}
    response = await client.get("/api/users/sessions")
    assert response.json()["sessions"][0]["id"] == "s1"
    response = await client.get("/api/users/currentuser")
    assert response.json()["currentUser"]["id"] == "u1"


async def test_a_stale_cookie_does_not_break_what_is_public(client: httpx.AsyncClient) -> None:
    cookie = {"cookie": f"session={token(life=-60)}"}
    response = await client.get("/api/users/currentuser", headers=cookie)
    assert (response.status_code, response.json()) == (200, {"currentUser": None})
    assert (await client.get("/api/users/sessions", headers=cookie)).status_code == 401


async def test_roles_are_enforced_by_the_service(client: httpx.AsyncClient) -> None:
    response = await client.post("/api/products", json={}, headers=bearer())
    assert (response.status_code, response.json()["reason"]) == (403, "PERMISSION_DENIED")


async def test_broken_rules_are_named_as_json_names_them(client: httpx.AsyncClient) -> None:
    price = {"amountMinor": -1, "currency": "usd"}
    response = await client.post(
        "/api/products", json={"title": "x" * 201, "price": price}, headers=bearer(role="admin")
    )
    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {
        "title",
        "category",
        "price.amountMinor",
        "price.currency",
    }


async def test_refusals_of_services(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/products/none", headers={"x-request-id": "r-77"})
    problem = response.json()
    assert (response.status_code, problem["reason"], problem["requestId"]) == (
        404,
        "NOT_FOUND",
        "r-77",
    )
    assert problem["detail"] == "There is no such product."
    response = await client.get("/api/products/short")
    assert response.status_code == 409
    assert response.json()["lines"][0]["requested"] == 2
    response = await client.get("/api/products/broken")
    assert response.status_code == 500
    assert "secret" not in response.text


async def test_a_picture_goes_in_and_comes_out(
    client: httpx.AsyncClient, backends: Backends
) -> None:
    picture = bytes(range(256)) * 4000
    response = await client.post(
        "/api/products",
        data={
            "title": "Lamp",
            "category": "lighting",
            "price.amountMinor": "5",
            "price.currency": "USD",
        },
        files={"image": ("lamp.png", picture, "image/png")},
        headers=bearer(role="admin"),
    )
    assert response.status_code == 201, response.text
    response = await client.get(response.json()["product"]["imageUrl"])
    assert response.content == picture
    assert response.headers["cache-control"].endswith("immutable")


async def test_304_and_head_on_the_wire(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/api/products/p1")).headers["etag"]
    response = await client.get("/api/products/p1", headers={"if-none-match": etag})
    assert response.status_code == 304
    response = await client.head("/api/products/p1")
    assert (response.status_code, response.content) == (200, b"")


async def test_a_service_that_is_away_and_comes_back(
    client: httpx.AsyncClient, backends: Backends
) -> None:
    assert (await client.get("/api/products")).status_code == 200
    await backends.servers["catalog"].stop()
    begun = time.monotonic()
    # The answer before may be kept for a moment: this asks for another.
    response = await client.get("/api/products?q=lamp")
    assert response.status_code == 503
    assert response.json()["reason"] == "UNAVAILABLE"
    assert int(response.headers["retry-after"]) > 0
    assert time.monotonic() - begun < PATIENCE_SECONDS / 2
    assert (await client.get("/api/users/currentuser")).status_code == 200
    assert (await client.get("/api/ready")).status_code == 200
    await backends.servers["catalog"].start()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await client.get("/api/products?q=lamp")).status_code != 200:
            await asyncio.sleep(0.05)


async def test_a_service_that_was_never_there(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/orders", headers=bearer())
    assert response.status_code == 503


async def test_a_service_that_does_not_answer_in_time(
    client: httpx.AsyncClient, backends: Backends
) -> None:
    backends.catalog.gate.clear()
    response = await client.get("/api/products")
    assert (response.status_code, response.json()["reason"]) == (503, "DEADLINE_EXCEEDED")


async def test_ready_says_how_the_parts_are(client: httpx.AsyncClient, backends: Backends) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await backends.notify.subscribed.wait()
    await client.get("/api/products")
    response = await client.get("/api/ready", headers=bearer(role="admin"))
    assert response.status_code == 200
    body = response.json()
    assert body["checks"] == {"redis": "ok", "keys": "ok", "events": "NotFollowedError"}
    assert body["services"]["shop.catalog.v1"] == "ready"
    assert body["services"]["shop.orders.v1"] != "ready"
    assert body["liveUpdates"] == "up"


async def test_an_endless_head_is_refused(gateway: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /api/products HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 40_000)
    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["detail"] == "The head of the request is too large."


@pytest.mark.parametrize("limits", [HttpLimits(head=0.01)])
async def test_a_late_head_is_refused(gateway: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /api/products HTTP/1.1\r\nHost: x\r\n")
    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await reader.read()
    writer.close()
    assert b"took too long" in answer


@pytest.mark.parametrize("limits", [HttpLimits(keep_alive=0.05)])
async def test_a_client_that_says_nothing_is_left(gateway: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await reader.read() == b""
    writer.close()


async def test_what_is_no_http_is_refused(gateway: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"\x16\x03\x01 nonsense\r\n\r\n")
    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await reader.read()
    writer.close()
    assert b"application/problem+json" in answer

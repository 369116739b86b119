"""The probes."""

from typing import Any

import httpx
import pytest

from tests.unit.gateway.fakes import World

pytestmark = pytest.mark.anyio


async def fails() -> None:
    raise ConnectionError("redis://secret@10.0.0.1")


async def passes() -> None:
    return


OPERATOR = {"authorization": "Bearer t0k3n"}


@pytest.mark.parametrize("headers", [{}, {"cookie": "session=u"}, {"authorization": "nonsense"}])
@pytest.mark.parametrize("check", [passes, fails])
async def test_strangers_learn_only_whether_it_is_ready(
    world: World, client: httpx.AsyncClient, headers: dict[str, str], check: Any
) -> None:
    world.verifier.knows("u", role="user")
    world.checks["keys"] = check
    response = await client.get("/api/ready", headers=headers)
    state = "unready" if check is fails else "ok"
    assert response.json() == {"status": state, "process": "gateway"}


async def test_healthy(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/health")
    assert response.json() == {"status": "ok", "process": "gateway"}
    assert response.headers["cache-control"] == "no-store"


async def test_ready_whatever_the_services_do(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/ready", headers=OPERATOR)
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "process": "gateway",
        "checks": {"keys": "ok", "redis": "ok"},
        "services": {"shop.cart.v1": "idle"},
        "liveUpdates": "down",
    }


async def test_unready_while_a_check_fails(world: World, client: httpx.AsyncClient) -> None:
    world.checks["keys"] = fails
    response = await client.get("/api/ready", headers=OPERATOR)
    assert response.status_code == 503
    assert response.json()["checks"] == {"keys": "ConnectionError", "redis": "ok"}


async def test_ready_without_redis_since_the_public_catalogue_goes_on(
    world: World, client: httpx.AsyncClient
) -> None:
    world.watched["redis"] = fails
    response = await client.get("/api/ready", headers=OPERATOR)
    assert response.status_code == 200
    assert response.json()["checks"] == {"keys": "ok", "redis": "ConnectionError"}

"""The probes."""

import httpx
import pytest

from tests.unit.gateway.fakes import World

pytestmark = pytest.mark.anyio


async def fails() -> None:
    raise ConnectionError("redis://secret@10.0.0.1")


async def test_healthy(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/health")
    assert response.json() == {"status": "ok", "process": "gateway"}
    assert response.headers["cache-control"] == "no-store"


async def test_ready_whatever_the_services_do(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/ready")
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
    response = await client.get("/api/ready")
    assert response.status_code == 503
    assert response.json()["checks"] == {"keys": "ConnectionError", "redis": "ok"}


async def test_ready_without_redis_since_the_public_catalogue_goes_on(
    world: World, client: httpx.AsyncClient
) -> None:
    world.watched["redis"] = fails
    response = await client.get("/api/ready")
    assert response.status_code == 200
    assert response.json()["checks"] == {"keys": "ok", "redis": "ConnectionError"}

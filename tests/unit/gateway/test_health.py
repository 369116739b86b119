"""The probes."""

from typing import Any

import httpx
import pytest

from gateway.cache.store import HEARING_SECONDS
from tests.support.clock import FakeSeconds
from tests.unit.gateway.fakes import World
from tests.unit.gateway.live_clients import running

pytestmark = pytest.mark.anyio


async def fails() -> None:
    raise ConnectionError("redis://secret@10.0.0.1")


async def passes() -> None:
    return


OPERATOR = {"authorization": "Bearer t0k3n"}
# What is not asked whether it is ready; no one follows events here.
REPORTED = {"redis": "ok", "events": "NotFollowedError"}


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
        "checks": {"keys": "ok"} | REPORTED,
        "services": {"shop.cart.v1": "idle"},
        "liveUpdates": "down",
    }


async def test_unready_while_a_check_fails(world: World, client: httpx.AsyncClient) -> None:
    world.checks["keys"] = fails
    response = await client.get("/api/ready", headers=OPERATOR)
    assert response.status_code == 503
    assert response.json()["checks"] == {"keys": "ConnectionError"} | REPORTED


async def test_ready_without_redis_since_the_public_catalogue_goes_on(
    world: World, client: httpx.AsyncClient
) -> None:
    world.watched["redis"] = fails
    response = await client.get("/api/ready", headers=OPERATOR)
    assert response.status_code == 200
    assert response.json()["checks"] == {"keys": "ok"} | REPORTED | {"redis": "ConnectionError"}


async def test_ready_says_whether_events_are_followed(
    world: World, client: httpx.AsyncClient, clock: FakeSeconds
) -> None:
    async def state() -> str:
        response = await client.get("/api/ready", headers=OPERATOR)
        assert response.status_code == 200
        return str(response.json()["checks"]["events"])

    async with running(world.app):
        [follower] = world.followers
        follower.begin()
        assert await state() == "NotFollowedError"
        follower.is_current(clock.now)
        assert await state() == "ok"
        clock.now += HEARING_SECONDS + 0.1
        assert await state() == "NotFollowedError"

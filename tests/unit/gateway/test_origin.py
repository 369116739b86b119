"""Pages of other sites may not change anything."""

import httpx
import pytest

from tests.unit.gateway.fakes import World, make_world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def world(anyio_backend: str) -> World:
    return make_world(
        public_url="https://Shop.example/ignored", allowed_origins=("https://admin.example",)
    )


REFUSED = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://shop.example.evil.example"},
    {"origin": "http://shop.example"},
    {"origin": "https://shop.test:8443"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]
ALLOWED = [
    {},
    {"origin": "https://shop.example"},
    {"origin": "https://admin.example"},
    {"origin": "http://shop.test"},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"origin": "https://evil.example", "authorization": "Bearer t0k3n"},
]


@pytest.mark.parametrize("headers", REFUSED)
async def test_refused_origins(
    world: World, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    for method, path in (("POST", "/api/users/signin"), ("DELETE", "/api/cart/remove")):
        response = await client.request(method, path, headers=headers)
        assert response.status_code == 403
        assert response.json()["reason"] == "ORIGIN_NOT_ALLOWED"
    assert world.calls.made == []


@pytest.mark.parametrize("headers", ALLOWED)
async def test_allowed_origins(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    response = await client.post("/api/users/signin", json={}, headers=headers)
    assert response.status_code == 200


@pytest.mark.parametrize("headers", REFUSED)
async def test_reading_is_allowed_from_anywhere(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await client.get("/api/products", headers=headers)).status_code == 200

"""Compressed responses: what is public, and nobody's own."""

from typing import Any

import httpx
import pytest
from shop.catalog.v1 import catalog_pb2
from shop.orders.v1 import orders_pb2

from tests.unit.gateway.fakes import World

pytestmark = pytest.mark.anyio

TOKEN = {"authorization": "Bearer t0k3n"}
PLAIN = {"accept-encoding": "identity"}


@pytest.fixture(autouse=True)
def much(world: World) -> None:
    products = [catalog_pb2.Product(id=f"p{number}", title="Lamp") for number in range(50)]
    orders = [orders_pb2.Order(id=f"o{number}") for number in range(50)]
    world.calls.answers["ListProducts"] = lambda _: catalog_pb2.ListProductsResponse(
        products=products
    )
    world.calls.answers["ListOrders"] = lambda _: orders_pb2.ListOrdersResponse(orders=orders)
    world.calls.answers["GetProduct"] = lambda _: catalog_pb2.GetProductResponse(
        product=catalog_pb2.Product(id="p1", description="x" * 1000, version=3)
    )


@pytest.mark.parametrize("address", ["/api/products", "/openapi.json", "/docs/problems"])
async def test_what_is_public_is_compressed(client: httpx.AsyncClient, address: str) -> None:
    zipped = await client.get(address, headers={"accept-encoding": "gzip"})
    plain = await client.get(address, headers=PLAIN)
    assert zipped.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert zipped.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert zipped.content == plain.content
    assert int(zipped.headers["content-length"]) * 2 < len(plain.content)


@pytest.mark.parametrize("address", ["/api/products", "/openapi.json", "/docs/problems"])
async def test_a_coding_of_weight_zero_is_not_used(client: httpx.AsyncClient, address: str) -> None:
    response = await client.get(address, headers={"accept-encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in response.headers


async def test_one_of_several_tags_names_the_document(client: httpx.AsyncClient) -> None:
    tag = (await client.get("/openapi.json")).headers["etag"]
    again = await client.get("/openapi.json", headers={"if-none-match": f'"other", {tag}'})
    assert again.status_code == 304


async def test_what_is_somebodys_own_is_not_compressed(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/orders", headers=TOKEN)
    assert response.headers["cache-control"] == "no-store"
    assert len(response.content) > 1000
    assert "content-encoding" not in response.headers


async def test_the_tag_of_other_bytes_is_another_tag(client: httpx.AsyncClient) -> None:
    zipped = await client.get("/api/products/p1")
    plain = await client.get("/api/products/p1", headers=PLAIN)
    assert (zipped.headers["etag"], plain.headers["etag"]) == ('W/"3"', '"3"')
    for tag in ('W/"3"', '"3"'):
        again = await client.get("/api/products/p1", headers={"if-none-match": tag})
        assert again.status_code == 304
    for address in ("/openapi.json",):
        tag = (await client.get(address)).headers["etag"]
        assert tag.startswith('W/"')
        again = await client.get(address, headers={"if-none-match": tag})
        assert again.status_code == 304


async def test_a_weak_tag_names_the_version_to_change(
    world: World, client: httpx.AsyncClient
) -> None:
    body: dict[str, Any] = {"title": "Lamp"}
    headers = TOKEN | {"if-match": 'W/"3"'}
    await client.put("/api/products/p1", json=body, headers=headers)
    assert world.calls.last.request.version == 3

"""What the gateway counts of requests, and that their paths are none of it."""

import httpx
import pytest
from prometheus_client import REGISTRY
from shop.catalog.v1 import catalog_pb2

from tests.support.clock import FakeSeconds
from tests.support.metrics import grows, value_of
from tests.unit.gateway.fakes import World, refused
from tests.unit.gateway.live_clients import connected

pytestmark = pytest.mark.anyio

PRODUCT, CART = "/api/products/{product_id}", "/api/cart"


def requests(route: str, status: int, method: str = "GET") -> dict[str, str]:
    return {"route": route, "method": method, "status": str(status)}


@pytest.fixture
def catalog(world: World, clock: FakeSeconds) -> None:
    """There is one product."""
    world.calls.answers["GetProduct"] = lambda _: catalog_pb2.GetProductResponse(
        product=catalog_pb2.Product(id="p1")
    )


@pytest.mark.usefixtures("catalog")
async def test_requests_are_counted_by_the_template_of_their_route(
    client: httpx.AsyncClient,
) -> None:
    with (
        grows("http_requests_total", requests(PRODUCT, 200), by=2),
        grows("http_request_duration_seconds_count", {"route": PRODUCT, "method": "GET"}, by=2),
        grows("cache_requests_total", {"result": "miss"}),
        grows("cache_requests_total", {"result": "hit"}),
    ):
        for _ in range(2):
            assert (await client.get("/api/products/p1")).status_code == 200


async def test_what_is_refused_is_counted_where_it_was_refused(
    world: World, client: httpx.AsyncClient
) -> None:
    world.calls.answers["GetProduct"] = refused("NOT_FOUND")
    with (
        grows("http_requests_total", requests(PRODUCT, 404)),
        grows("http_requests_total", requests(PRODUCT, 405, "POST")),
        grows("http_requests_total", requests("none", 404)),
        grows("http_requests_total", requests("none", 404, "other")),
        grows("http_requests_total", requests(CART, 200)),
        grows("cache_requests_total", {"result": "bypass"}, by=2),
    ):
        await client.get("/api/products/p1")
        await client.post("/api/products/p1")
        await client.get("/api/nothing/of/this/name")
        await client.request("JUGGLE", "/api/nothing/of/this/name")
        await client.get(CART)


@pytest.mark.usefixtures("catalog")
async def test_no_label_has_a_part_of_a_path(client: httpx.AsyncClient) -> None:
    for path in ("/api/products/p-of-a-path", "/of-a-path", "/api/orders/of-a-path?q=of-a-path"):
        await client.get(path)
    values = {
        value
        for family in REGISTRY.collect()
        for sample in family.samples
        for value in sample.labels.values()
    }
    assert not [value for value in values if "of-a-path" in value]


async def test_metrics_are_not_shown_to_the_public(client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 404


async def test_open_sockets_are_counted(world: World) -> None:
    async with connected(world.app) as socket:
        await socket.receive()
        assert value_of("websocket_connections") == 1
    assert value_of("websocket_connections") == 0

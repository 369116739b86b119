"""Pages beside the API: they answer what the API does not, and reach it in-process."""

import asyncio

import httpx
import pytest
from shop.catalog.v1 import catalog_pb2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from chassis.http.server import HttpLimits
from chassis.process import StartError
from tests.unit.gateway.fakes import World, make_world, refused

pytestmark = pytest.mark.anyio

MOUNT = f"{__name__}:create_pages"


def create_pages(api: ASGIApp, base_url: str) -> ASGIApp:
    """The pages that the tests mount."""
    client = httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url=base_url)

    async def home(request: Request) -> Response:
        headers = {"x-forwarded-for": request.client.host} if request.client else {}
        answer = await client.get("/api/products", headers=headers)
        await client.get("/api/notifications/health", headers=headers)
        return HTMLResponse(f"<p>{answer.status_code}</p>")

    async def strict(_: Request) -> Response:
        return HTMLResponse("", headers={"content-security-policy": "default-src 'self'"})

    async def missing(_: Request, __: Exception) -> Response:
        return HTMLResponse("<p>no such page</p>", status_code=404)

    async def form(request: Request) -> Response:
        return HTMLResponse(await request.body())

    return Starlette(
        routes=[
            Route("/", home, methods=["GET", "POST"]),
            Route("/strict", strict),
            Route("/form", form, methods=["POST"]),
        ],
        exception_handlers={404: missing},
    )


@pytest.fixture
async def world(anyio_backend: str) -> World:
    return make_world(mount=MOUNT)


async def test_pages_answer_beside_the_api(world: World, client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    assert response.text == "<p>200</p>"
    assert response.headers["content-security-policy"] == "frame-ancestors 'none'"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert world.calls.last.metadata["x-forwarded-for"] == "203.0.113.9"


async def test_pages_get_the_apis_problems(world: World, client: httpx.AsyncClient) -> None:
    world.calls.answers["ListProducts"] = refused("UNAVAILABLE")
    assert (await client.get("/")).text == "<p>503</p>"


async def test_pages_get_faults_as_problems_too(world: World, client: httpx.AsyncClient) -> None:
    def fail(_: object) -> catalog_pb2.ListProductsResponse:
        raise RuntimeError

    world.calls.answers["ListProducts"] = fail
    assert (await client.get("/")).text == "<p>500</p>"


async def test_pages_keep_their_own_policy(client: httpx.AsyncClient) -> None:
    response = await client.get("/strict")
    assert response.headers["content-security-policy"] == "default-src 'self'"


async def test_pages_answer_their_own_404(client: httpx.AsyncClient) -> None:
    response = await client.get("/nothing")
    assert (response.status_code, response.text) == (404, "<p>no such page</p>")


@pytest.mark.parametrize(
    "path", ["/api", "/api/nothing", "/media/x", "/ws/x", "/docs/x", "/.well-known/x"]
)
async def test_the_api_answers_its_own_404(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 404
    assert response.json()["reason"] == "NOT_FOUND"


async def test_pages_take_no_forms_of_other_sites(client: httpx.AsyncClient) -> None:
    response = await client.post("/", headers={"origin": "https://evil.example"})
    assert response.status_code == 403
    assert (await client.post("/", headers={"origin": "http://shop.test"})).status_code == 200


async def test_without_pages_there_is_nothing_at_other_addresses() -> None:
    async with make_world().client() as client:
        response = await client.get("/")
    assert response.json()["reason"] == "NOT_FOUND"


@pytest.mark.parametrize("mount", ["nothing.at.all:create", f"{__name__}:nothing", "nonsense"])
async def test_pages_that_are_not_there_are_one_line_at_start(mount: str) -> None:
    with pytest.raises(StartError) as caught:
        make_world(mount=mount)
    assert "MOUNT" in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_page_does_not_wait_for_a_body_for_ever() -> None:
    world = make_world(HttpLimits(body=0.0), mount=MOUNT)
    statuses: list[int] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    scope = {"type": "http", "method": "POST", "path": "/form", "query_string": b"", "headers": []}
    async with asyncio.timeout(20):
        await world.app(scope, receive, send)
    assert statuses[0] == 400

"""The API in the pages' own process and over HTTP: one app, reached both ways."""

import asyncio
import io
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from ui.api.client import Api
from ui.api.problems import ApiProblem
from ui.api.remote import RemoteApi
from ui.http.cookies import BrowserCookies

pytestmark = pytest.mark.anyio

HEADERS = {"User-Agent": "Caf\xe9/1", "X-Request-Id": "req-7"}


async def echo(request: Request) -> Response:
    """What was asked, as the API has read it."""
    names = ("cookie", "user-agent", "x-request-id", "idempotency-key", "content-type")
    content_type = request.headers.get("content-type", "").partition(";")[0]
    if content_type == "multipart/form-data":
        async with request.form() as form:
            body: Any = {name: str(value) for name, value in form.items() if name != "image"}
            image = form["image"]
            assert not isinstance(image, str)
            body["image"] = [image.filename, image.content_type, len(await image.read())]
    else:
        body = (await request.body()).decode()
    response = JSONResponse(
        {
            "method": request.method,
            "path": request.url.path,
            "query": request.url.query,
            "headers": {
                name: request.headers.get(name) for name in names if name != "content-type"
            },
            "type": content_type,
            "body": body,
        },
        201 if request.method == "POST" else 200,
    )
    response.set_cookie("one", "1")
    response.set_cookie("two", "2", max_age=9)
    return response


async def refuse(_: Request) -> Response:
    problem = {"reason": "RATE_LIMITED", "detail": "Slower.", "requestId": "req-7"}
    headers = {"content-type": "application/problem+json", "retry-after": "7"}
    return Response(json.dumps(problem), 429, headers)


async def nothing(_: Request) -> Response:
    return Response(status_code=204)


APP = Starlette(
    routes=[
        Route("/api/refused", refuse),
        Route("/api/nothing", nothing, methods=["DELETE"]),
        Route("/api/{path:path}", echo, methods=["GET", "POST", "PUT"]),
    ]
)


@pytest.fixture(params=["in-process", "remote"])
async def app(request: pytest.FixtureRequest, anyio_backend: str) -> AsyncIterator[ASGIApp]:
    """Both ways to reach the app."""
    if request.param == "in-process":
        yield APP
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(APP, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        port = listener.getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield RemoteApi(client)
        server.should_exit = True
        await serving


@pytest.fixture
def cookies() -> BrowserCookies:
    return BrowserCookies("session=s; cart=c")


@pytest.fixture
def api(app: ASGIApp, cookies: BrowserCookies) -> Api:
    return Api(app, cookies, HEADERS)


async def test_a_question(api: Api, cookies: BrowserCookies) -> None:
    found = await api.get("/api/products/a%2Fb%20c", {"q": "crème & sugar", "n": 2, "none": None})
    assert found == {
        "method": "GET",
        "path": "/api/products/a/b c",
        "query": "q=cr%C3%A8me+%26+sugar&n=2",
        "headers": {
            "cookie": "session=s; cart=c",
            "user-agent": "Caf\xe9/1",
            "x-request-id": "req-7",
            "idempotency-key": None,
        },
        "type": "",
        "body": "",
    }
    assert [each.partition(";")[0] for each in cookies.to_set] == ["one=1", "two=2"]


async def test_json(api: Api) -> None:
    answer = await api.post("/api/orders", {"title": "Crème"}, key="k1")
    assert (answer.status, answer.body["type"]) == (201, "application/json")
    assert json.loads(answer.body["body"]) == {"title": "Crème"}
    assert answer.body["headers"]["idempotency-key"] == "k1"


async def test_a_form_with_a_file(api: Api) -> None:
    picture = io.BytesIO(bytes(300_000))
    files = {"image": ("mill.png", picture, "image/png")}
    for _ in range(2):  # as where the session had to be renewed between
        answer = await api.call("POST", "/api/products", data={"title": "Mill"}, files=files)
        assert answer.body["body"] == {"title": "Mill", "image": ["mill.png", "image/png", 300_000]}


async def test_no_content(api: Api) -> None:
    answer = await api.call("DELETE", "/api/nothing")
    assert (answer.status, answer.body) == (204, {})


async def test_a_refusal(api: Api) -> None:
    with pytest.raises(ApiProblem) as caught:
        await api.get("/api/refused")
    problem = caught.value
    assert (problem.status, problem.reason, problem.retry_after) == (429, "RATE_LIMITED", "7")
    assert (problem.detail, problem.request_id) == ("Slower.", "req-7")

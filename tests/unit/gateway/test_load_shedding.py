"""Requests beyond the bounds: refused at once, and only those that cost something."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.contract import load_rpcs
from gateway.load_shedding import DEFAULT_BOUNDS, RequestClasses, parse_bounds
from tests.unit.gateway.fakes import HeldCalls, World, make_world

pytestmark = pytest.mark.anyio

MOUNT = f"{__name__}:create_pages"
HELD = "/api/products/lamp"


def create_pages(api: ASGIApp, base_url: str) -> ASGIApp:
    """Pages that ask the API for one product."""

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        inner = httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url=base_url)
        async with inner:
            answer = await inner.get(HELD)
        await PlainTextResponse(str(answer.status_code))(scope, receive, send)

    return page


def bounded(rules: str, **settings: Any) -> tuple[World, HeldCalls]:
    calls = HeldCalls()
    return make_world(calls=calls, requests_at_once=parse_bounds(rules), **settings), calls


def shed(name: str) -> float:
    return REGISTRY.get_sample_value("load_shed_requests_total", {"class": name}) or 0.0


@asynccontextmanager
async def held(client: httpx.AsyncClient, calls: HeldCalls, path: str) -> AsyncIterator[None]:
    """A request that is under way, and answered after the block."""
    under_way = asyncio.create_task(client.get(path))
    await calls.has_read.wait()
    yield
    calls.may_answer.set()
    assert (await under_way).status_code == 200


async def test_one_request_too_many_is_refused_and_says_when_to_come_again() -> None:
    world, calls = bounded("read 1")
    before = shed("read")
    async with world.client() as client:
        async with held(client, calls, HELD):
            refused = await client.get("/api/orders")
        assert refused.status_code == 503
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["reason"] == "UNAVAILABLE"
        assert refused.headers["retry-after"] == "2"
        assert shed("read") == before + 1
        assert (await client.get("/api/cart")).status_code == 200


async def test_other_classes_probes_and_copies_are_served_all_the_same() -> None:
    world, calls = bounded("read 1")
    async with world.client() as client:
        assert (await client.get("/api/catalog/config")).status_code == 200
        made = len(calls.made)
        async with held(client, calls, HELD):
            assert (await client.get("/api/cart")).status_code == 503
            assert (await client.get("/api/catalog/config")).status_code == 200
            assert (await client.get("/api/health")).status_code == 200
            assert (await client.get("/api/ready")).status_code == 200
            added = await client.post("/api/cart/add", json={"productId": "p1", "quantity": 1})
            assert added.status_code == 200
        assert len(calls.made) == made + 2


async def test_what_a_page_asks_for_is_part_of_the_page() -> None:
    world, calls = bounded("page 1; read 1", mount=MOUNT)
    before = shed("page")
    async with world.client() as client:
        async with held(client, calls, "/a-page"):
            assert (await client.get("/another-page")).status_code == 503
            assert (await client.get("/api/cart")).status_code == 200
        assert shed("page") == before + 1
        assert (await client.get("/a-page")).text == "200"


async def test_who_sends_slowly_keeps_no_one_else_out() -> None:
    world, _ = bounded("write 1")
    may_end, has_begun = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"productId": "p1",'
        has_begun.set()
        await may_end.wait()
        yield b'"quantity": 1}'

    async with world.client() as client:
        slow = asyncio.create_task(client.post("/api/cart/add", content=slowly()))
        await has_begun.wait()
        body = {"productId": "p1", "quantity": 1}
        assert (await client.post("/api/cart/add", json=body)).status_code == 200
        may_end.set()
        assert (await slow).status_code == 415  # it came without a type


async def test_a_request_that_fails_or_is_given_up_counts_no_longer() -> None:
    world, calls = bounded("read 1")
    async with world.client() as client:
        assert (await client.get("/api/nothing")).status_code == 404
        given_up = asyncio.create_task(client.get(HELD))
        await calls.has_read.wait()
        given_up.cancel()
        await asyncio.wait([given_up])
        assert (await client.get("/api/cart")).status_code == 200


async def test_off_is_off() -> None:
    world, calls = bounded("off")
    async with world.client() as client, held(client, calls, HELD):
        assert (await client.get("/api/cart")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/api/orders", "read"),
        ("HEAD", "/media/products/x/640.webp", "read"),
        ("POST", "/api/orders", "checkout"),
        ("DELETE", "/api/orders/o1", "write"),
        ("PUT", "/api/products/p1", "upload"),
        ("POST", "/api/users/signin", "sign_in"),
        ("POST", "/api/users/signup", "sign_up"),
        ("POST", "/api/payments/webhook", "webhook"),
        ("POST", "/api/nothing", "write"),
    ],
)
async def test_classes(method: str, path: str, name: str) -> None:
    assert RequestClasses(load_rpcs())(method, path) == name


async def test_a_setting_takes_the_place_of_a_default() -> None:
    assert parse_bounds("read 7; page  3") == {**DEFAULT_BOUNDS, "read": 7, "page": 3}
    assert parse_bounds("off") == {}
    for wrong in ("reads 7", "read", "read 0", "read 7 page 3"):
        with pytest.raises(ValueError, match=wrong):
            parse_bounds(wrong)

"""Who the API is told is asking, and how a shopper stays signed in."""

import asyncio
from collections.abc import Callable

import httpx
import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi, problem

pytestmark = pytest.mark.anyio

REFRESH = ("POST", "/api/users/refresh")
NEW = (
    "session=s2; Max-Age=900; Path=/; HttpOnly; SameSite=Lax",
    "refreshToken=r2; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax",
)


def only_with(cookie: str, body: samples.Json) -> Callable[[httpx.Request], httpx.Response]:
    """Answers those who have the cookie."""

    def answer(request: httpx.Request) -> httpx.Response:
        if cookie in request.headers.get("cookie", "").split("; "):
            return httpx.Response(200, json=body)
        return problem(401, "UNAUTHENTICATED")

    return answer


@pytest.fixture
def orders(api: FakeApi) -> None:
    """Orders for the new session, and for no other."""
    api.answers_by("GET", "/api/orders", only_with("session=s2", samples.orders(samples.order())))
    user = {"currentUser": samples.user()}
    api.answers_by("GET", "/api/users/currentuser", only_with("session=s2", user))
    api.answers_by("GET", "/api/cart", only_with("session=s2", samples.cart()))


async def test_cookies_and_client_are_passed_on(browser: AsyncClient, api: FakeApi) -> None:
    headers = {
        "Cookie": "__Host-session=s; cart=g; odd=a=b",
        "User-Agent": "Test/1",
        "X-Request-Id": "req-7",
        "X-Forwarded-For": "198.51.100.9",
        "Origin": "http://shop.test",
    }
    await browser.get("/", headers=headers)
    [request] = api.asked("GET", "/api/products")
    assert request.headers["cookie"] == "__Host-session=s; cart=g; odd=a=b"
    assert request.headers["user-agent"] == "Test/1"
    assert request.headers["x-request-id"] == "req-7"
    assert request.headers["x-forwarded-for"] == "198.51.100.9, 192.0.2.1"
    assert "origin" not in request.headers


async def test_the_calls_of_a_page_share_an_id(shopper: AsyncClient, api: FakeApi) -> None:
    await shopper.get("/")
    ids = {request.headers["x-request-id"] for request in api.requests}
    assert len(api.requests) == 3
    assert len(ids) == 1


async def test_one_visitors_cookies_never_reach_another(browser: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/products", samples.listing(), cookies=("session=mine; Path=/",))
    await browser.get("/")
    browser.cookies.clear()
    await browser.get("/")
    assert "cookie" not in api.asked("GET", "/api/products")[1].headers


@pytest.mark.usefixtures("orders")
async def test_a_session_that_is_over_is_renewed_first(browser: AsyncClient, api: FakeApi) -> None:
    browser.cookies.set("refreshToken", "r1")
    api.answers(*REFRESH, {"user": samples.user()}, cookies=NEW)
    page = await browser.get("/orders")
    assert page.status_code == 200
    assert api.requests[0].url.path == "/api/users/refresh"
    assert len(api.asked(*REFRESH)) == 1
    assert page.headers.get_list("set-cookie") == list(NEW)
    assert api.requests[0].headers["cookie"] == "refreshToken=r1"
    assert "refreshToken=r2" in api.requests[1].headers["cookie"]


@pytest.mark.usefixtures("orders")
async def test_a_session_that_is_refused_is_renewed_once_for_all_calls(
    browser: AsyncClient, api: FakeApi
) -> None:
    browser.cookies.update({"session": "s1", "refreshToken": "r1"})
    api.answers(*REFRESH, {"user": samples.user()}, cookies=NEW)
    page = await browser.get("/orders")
    assert page.status_code == 200
    assert len(api.asked(*REFRESH)) == 1
    assert page.headers.get_list("set-cookie") == list(NEW)


@pytest.mark.usefixtures("orders")
async def test_a_form_is_sent_again_with_the_new_session(
    browser: AsyncClient, api: FakeApi
) -> None:
    browser.cookies.update({"session": "s1", "refreshToken": "r1"})
    api.answers(*REFRESH, {"user": samples.user()}, cookies=NEW)
    order = {"order": samples.order("cancelled")}
    api.answers_by("DELETE", "/api/orders/o1", only_with("session=s2", order))
    answer = await browser.post("/orders/o1/cancel")
    assert answer.headers["location"] == "/orders/o1"
    assert answer.headers.get_list("set-cookie")[:2] == list(NEW)


@pytest.mark.usefixtures("orders")
async def test_a_session_that_has_ended_is_forgotten(browser: AsyncClient, api: FakeApi) -> None:
    browser.cookies.update({"session": "s1", "refreshToken": "r1"})
    api.refuses(*REFRESH, 401, "REFRESH_REUSED")
    answer = await browser.get("/orders")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/orders")
    assert sorted(answer.headers.get_list("set-cookie")) == [
        "refreshToken=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
        "session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
    ]
    assert len(api.asked(*REFRESH)) == 1


async def test_a_secure_session_is_forgotten_securely(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses(*REFRESH, 401, "REFRESH_INVALID")
    answer = await browser.get("/", headers={"Cookie": "__Host-refreshToken=r1"})
    assert answer.headers["set-cookie"] == (
        "__Host-refreshToken=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure"
    )


async def test_a_guest_sees_what_everybody_may_after_a_session_has_ended(
    browser: AsyncClient, api: FakeApi
) -> None:
    browser.cookies.update({"session": "s1"})
    guests = only_with("", samples.listing(samples.product()))
    api.answers_by("GET", "/api/products", guests)
    api.answers_by(
        "GET",
        "/api/products",
        lambda request: (
            problem(401, "UNAUTHENTICATED")
            if "cookie" in request.headers
            else httpx.Response(200, json=samples.listing(samples.product()))
        ),
    )
    assert (await browser.get("/")).status_code == 200
    assert api.asked(*REFRESH) == []


@pytest.mark.usefixtures("orders")
async def test_nobody_is_signed_out_because_auth_rests(browser: AsyncClient, api: FakeApi) -> None:
    browser.cookies.update({"refreshToken": "r1"})
    api.refuses(*REFRESH, 503, "UNAVAILABLE")
    page = await browser.get("/orders")
    assert page.status_code == 503
    assert "set-cookie" not in page.headers


@pytest.mark.usefixtures("orders")
async def test_two_pages_at_once_both_stay_signed_in(browser: AsyncClient, api: FakeApi) -> None:
    api.answers(*REFRESH, {"user": samples.user()}, cookies=NEW)
    headers = {"Cookie": "refreshToken=r1"}
    pages = await asyncio.gather(*(browser.get("/orders", headers=headers) for _ in range(2)))
    assert [page.status_code for page in pages] == [200, 200]

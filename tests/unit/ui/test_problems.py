"""What is shown when something is not as it should be."""

import re

import pytest
from httpx import AsyncClient

from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of

pytestmark = pytest.mark.anyio


async def test_an_unknown_page(browser: AsyncClient) -> None:
    page = await browser.get("/nowhere")
    assert page.status_code == 404
    assert "<title>There is nothing here · Larch</title>" in page.text


async def test_a_wrong_method(browser: AsyncClient) -> None:
    page = await browser.get("/signout")
    assert page.status_code == 405
    assert page.headers["allow"] == "POST"
    assert "That does not work here" in text_of(page)


async def test_a_part_that_rests(browser: AsyncClient, api: FakeApi) -> None:
    api.fails("GET", "/api/products")
    page = await browser.get("/?q=mill")
    assert page.status_code == 503
    assert int(page.headers["retry-after"]) > 0
    assert "A part of the shop is resting" in text_of(page)
    assert 'href="/?q=mill">Try again' in page.text


async def test_another_try_of_a_form_begins_at_its_page(browser: AsyncClient, api: FakeApi) -> None:
    api.fails("POST", "/api/cart/add")
    headers = {"referer": "http://shop.test/products/p1"}
    page = await browser.post("/products/p1/cart", data={"quantity": "1"}, headers=headers)
    assert page.status_code == 503
    assert 'href="/products/p1">Try again' in page.text


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/products/p1/cart", "/products/p1"),
        ("/cart/items/p1", "/cart"),
        ("/checkout", "/cart"),
        ("/account/password", "/account"),
        ("/orders/o1/cancel", "/orders/o1"),
    ],
)
async def test_the_address_of_a_form_leads_to_its_page(
    browser: AsyncClient, api: FakeApi, address: str, page: str
) -> None:
    answer = await browser.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    assert api.requests == []


@pytest.mark.parametrize(
    ("address", "page"),
    [("/admin/orders/o1/cancel", "/admin/orders/o1"), ("/admin/users/u1", "/admin/users")],
)
async def test_so_does_that_of_an_admins_form(admin: AsyncClient, address: str, page: str) -> None:
    answer = await admin.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, page)


async def test_what_the_api_says_of_waiting_is_passed_on(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.refuses("GET", "/api/products", 503, "DEADLINE_EXCEEDED")
    page = await browser.get("/")
    assert page.status_code == 503
    assert "req-1" in text_of(page)


async def test_too_many_requests(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses("POST", "/api/users/signin", 429, "RATE_LIMITED")
    page = await browser.post("/signin", data={"email": "a@b.example", "password": "x"})
    assert page.status_code == 429


async def test_a_fault_of_ours_tells_nothing(browser: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/products", {"secret": "inner workings"})
    page = await browser.get("/")
    assert page.status_code == 500
    assert "Something went wrong" in text_of(page)
    assert "inner workings" not in page.text
    assert "Traceback" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_a_body_that_is_too_large(shopper: AsyncClient, api: FakeApi) -> None:
    page = await shopper.post("/account", data={"address": "x" * (9 * 1024 * 1024)})
    assert page.status_code == 413
    assert api.asked("POST", "/api/users/profile") == []


async def test_a_form_that_can_not_be_read(shopper: AsyncClient) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    page = await shopper.post("/account", content=b"no form at all", headers=headers)
    assert page.status_code == 400


@pytest.mark.parametrize("path", ["/", "/products/p1", "/cart", "/signin", "/signup", "/nowhere"])
async def test_every_page_is_locked_down(browser: AsyncClient, path: str) -> None:
    page = await browser.get(path)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    for inline in ("style=", "<style", "onclick=", "<script>", "javascript:"):
        assert inline not in page.text


async def test_a_page_that_is_not_there_offers_a_search(browser: AsyncClient) -> None:
    page = await browser.get("/nothing")
    assert page.status_code == 404
    assert re.search(
        r'<form[^>]* role="search"[^>]* action="/"[^>]*>\s*<label[^>]*>What', page.text
    )

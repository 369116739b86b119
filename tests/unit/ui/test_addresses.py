"""Addresses that people type, keep and pass on, and those that programs ask for."""

import httpx
import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/cart/", "/cart"),
        ("/products/p1/", "/products/p1"),
        ("//cart", "/cart"),
        ("/cart//", "/cart"),
        ("//", "/"),
        ("//products//p1/?a=b", "/products/p1?a=b"),
        ("/robots.txt/", "/robots.txt"),
    ],
)
async def test_a_slash_too_many_leads_to_the_page(
    browser: AsyncClient, address: str, page: str
) -> None:
    answer = await browser.get(f"http://shop.test{address}")
    assert (answer.status_code, answer.headers["location"]) == (301, page)


@pytest.mark.parametrize(
    "address", ["/nothing/", "//evil.example/", "/%2fevil.example/", "/\\evil.example/"]
)
async def test_a_slash_too_many_leads_nowhere_else(browser: AsyncClient, address: str) -> None:
    answer = await browser.get(f"http://shop.test{address}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_a_form_with_a_slash_too_many_is_not_led_on(browser: AsyncClient) -> None:
    assert (await browser.post("/cart/", data={})).status_code == 404


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/?sort=&minPrice=5&maxPrice=", "/?minPrice=5"),
        ("/?q=", "/"),
        ("/?sort=&minPrice=abc&maxPrice=", "/?minPrice=abc"),
    ],
)
async def test_an_address_has_no_empty_filters(browser: AsyncClient, given: str, kept: str) -> None:
    answer = await browser.get(given)
    assert (answer.status_code, answer.headers["location"]) == (303, kept)
    assert (await browser.get(kept)).status_code == 200


async def test_robots_learn_what_is_worth_finding(browser: AsyncClient) -> None:
    answer = await browser.get("/robots.txt", headers={"host": "evil.example"})
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert "Disallow: /account" in lines
    assert "Sitemap: http://gateway.test/sitemap.xml" in lines


async def test_the_sitemap_names_every_product_and_is_made_once(
    browser: AsyncClient, api: FakeApi
) -> None:
    first = samples.listing(samples.product()) | {"nextPageToken": "next"}
    pages = iter([first, samples.listing(samples.product() | {"id": "p2"})])
    api.answers_by("GET", "/api/products", lambda _: httpx.Response(200, json=next(pages)))
    for _ in range(2):
        answer = await browser.get("/sitemap.xml")
        assert answer.headers["content-type"] == "application/xml"
        for path in ("/", "/products/p1", "/products/p2"):
            assert f"<loc>http://gateway.test{path}</loc>" in answer.text


async def test_what_everybody_may_keep_has_nothing_of_anybody(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.answers("POST", "/api/users/refresh", {"user": samples.user()}, cookies=("session=new",))
    for address in ("/sitemap.xml", "/robots.txt", "/favicon.ico"):
        answer = await browser.get(address, headers={"cookie": "refreshToken=r"})
        assert "public" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers
    assert not any("cookie" in request.headers for request in api.requests)


async def test_a_sitemap_that_can_not_be_made_is_not_kept(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.fails("GET", "/api/products")
    assert (await browser.get("/sitemap.xml")).status_code == 503
    api.answers("GET", "/api/products", samples.listing(samples.product()))
    assert (await browser.get("/sitemap.xml")).status_code == 200


async def test_the_icon_is_where_it_is_looked_for(browser: AsyncClient) -> None:
    answer = await browser.get("/favicon.ico", follow_redirects=True)
    assert answer.headers["content-type"] == "image/x-icon"
    assert answer.content.startswith(b"\0\0\1\0")

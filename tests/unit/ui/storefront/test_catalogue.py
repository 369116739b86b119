import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, text_of, value_of

pytestmark = pytest.mark.anyio


async def test_the_list_shows_what_is_sold(browser: AsyncClient) -> None:
    page = await browser.get("/")
    assert page.status_code == 200
    assert "Walnut pepper mill" in text_of(page)
    assert "$49.50" in text_of(page)
    assert 'href="/products/p1"' in page.text
    assert "/media/products/k/320.webp 320w, /media/products/k/640.webp 640w" in page.text


async def test_availability_is_shown(browser: AsyncClient, api: FakeApi) -> None:
    some = [samples.product(id="a", available=0), samples.product(id="b", available=2)]
    api.answers("GET", "/api/products", samples.listing(*some))
    words = text_of(await browser.get("/"))
    assert "Sold out" in words
    assert "Only 2 left" in words


async def test_filters_are_asked_of_the_api_and_stay_on_the_page(
    browser: AsyncClient, api: FakeApi
) -> None:
    asked = "q=mill&category=Kitchen&minPrice=10&maxPrice=49.5&inStock=true&sort=-price"
    page = await browser.get(f"/?{asked}")
    [request] = api.asked("GET", "/api/products")
    assert dict(request.url.params) == {
        "q": "mill",
        "category": "Kitchen",
        "minPrice": "1000",
        "maxPrice": "4950",
        "inStock": "true",
        "sort": "-price",
        "pageSize": "24",
    }
    assert value_of(page, "search") == "mill"
    assert value_of(page, "maxPrice") == "49.5"
    assert '<option value="-price" selected>' in page.text
    assert 'aria-current="true"><bdi>Kitchen</bdi>' in page.text


async def test_a_price_that_is_none_is_refused_and_not_asked_for(
    browser: AsyncClient, api: FakeApi
) -> None:
    page = await browser.get("/?minPrice=cheap&sort=stolen")
    assert page.status_code == 200
    assert error_of(page, "minPrice") == "Lowest price must be an amount such as 25 or 25.50."
    assert value_of(page, "minPrice") == "cheap"
    [request] = api.asked("GET", "/api/products")
    assert dict(request.url.params) == {"pageSize": "24"}


async def test_prices_in_the_wrong_order_are_refused_and_the_second_not_asked_for(
    browser: AsyncClient, api: FakeApi
) -> None:
    page = await browser.get("/?minPrice=50&maxPrice=20")
    assert page.status_code == 200
    assert error_of(page, "maxPrice") == "Highest price must not be less than the lowest."
    assert value_of(page, "maxPrice") == "20"
    [request] = api.asked("GET", "/api/products")
    assert dict(request.url.params) == {"minPrice": "5000", "pageSize": "24"}
    assert "leave the prices out" in text_of(page)
    assert "Walnut pepper mill" not in text_of(page)
    assert 'rel="next"' not in page.text


async def test_the_next_page_keeps_the_filters(browser: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/products", samples.listing(samples.product(), next_token="t&2"))
    page = await browser.get("/?q=mill")
    assert 'rel="next" href="?q=mill&amp;pageToken=t%262"' in page.text
    assert "First page" not in text_of(page)


async def test_a_later_page_leads_back(browser: AsyncClient) -> None:
    assert 'href="?q=mill">First page' in (await browser.get("/?q=mill&pageToken=x")).text


async def test_a_page_that_is_gone_leads_to_the_first(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses("GET", "/api/products", 400, "VALIDATION_FAILED", {"pageToken": "is not valid"})
    page = await browser.get("/?q=mill&pageToken=old")
    assert (page.status_code, page.headers["location"]) == (303, "/?q=mill")


async def test_nothing_found_is_said(browser: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/products", samples.listing())
    assert "Nothing matches “zzz”" in text_of(await browser.get("/?q=zzz"))


async def test_a_guest_without_a_cart_costs_one_call(browser: AsyncClient, api: FakeApi) -> None:
    await browser.get("/")
    assert [request.url.path for request in api.requests] == ["/api/products"]


async def test_the_catalogue_shows_while_everything_else_rests(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.refuses("GET", "/api/users/currentuser", 503, "UNAVAILABLE")
    api.fails("GET", "/api/cart")
    page = await shopper.get("/")
    assert page.status_code == 200
    assert "Walnut pepper mill" in text_of(page)


async def test_a_search_is_ordered_by_how_well_it_matches(browser: AsyncClient) -> None:
    assert '<option value="" selected>Best match' in (await browser.get("/?q=mill")).text
    assert '<option value="newest" selected>' in (await browser.get("/?q=mill&sort=newest")).text
    assert '<option value="" selected>Newest first' in (await browser.get("/")).text


async def test_how_a_search_was_understood_is_shown(browser: AsyncClient, api: FakeApi) -> None:
    corrected = samples.listing(samples.product(), correctedQuery="lamp")
    api.answers("GET", "/api/products", corrected)
    assert "Nothing is called “lmap”. These match “lamp”." in text_of(await browser.get("/?q=lmap"))
    api.answers("GET", "/api/products", samples.listing(samples.product(), anyWord=True))
    assert "These match some of them." in text_of(await browser.get("/?q=blue+lamp"))


async def test_a_search_that_finds_nothing_says_where_else_to_look(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/products", samples.listing(suggestedCategories=["Kitchen & more"]))
    page = await browser.get("/?q=zzz")
    assert "Nothing matches “zzz”." in text_of(page)
    assert 'href="/?category=Kitchen+%26+more"' in page.text

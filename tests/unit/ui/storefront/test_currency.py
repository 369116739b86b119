"""Prices are typed in the form of the shop's currency, which the API tells."""

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, value_of

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("currency", "typed", "asked"),
    [("JPY", "5,500", "5500"), ("KWD", "4.5", "4500"), ("USD", "45", "4500")],
)
async def test_a_price_filter_is_in_the_shops_currency(
    browser: AsyncClient, api: FakeApi, currency: str, typed: str, asked: str
) -> None:
    api.answers("GET", "/api/catalog/config", {"currency": currency})
    await browser.get("/", params={"minPrice": typed})
    [request] = api.asked("GET", "/api/products")
    assert request.url.params["minPrice"] == asked


async def test_a_price_of_the_wrong_form_is_refused_in_the_currencys_own(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/catalog/config", {"currency": "JPY"})
    page = await browser.get("/?minPrice=5.50")
    assert error_of(page, "minPrice") == "Lowest price must be a whole amount such as 25."


async def test_a_new_product_is_offered_in_the_shops_currency(
    admin: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/catalog/config", {"currency": "KWD"})
    page = await admin.get("/admin/products/new")
    assert value_of(page, "currency") == "KWD"


async def test_a_list_without_price_filters_does_not_ask_for_the_currency(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/products", samples.listing(samples.product()))
    await browser.get("/")
    assert api.asked("GET", "/api/catalog/config") == []

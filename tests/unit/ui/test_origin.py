"""Forms of other sites change nothing."""

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of

pytestmark = pytest.mark.anyio

ADD = ("POST", "/api/cart/add")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://shop.test.evil.example"},
        {"Origin": "http://shop.test:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_foreign_form_is_refused(
    browser: AsyncClient, api: FakeApi, headers: dict[str, str]
) -> None:
    page = await browser.post("/products/p1/cart", data={"quantity": "1"}, headers=headers)
    assert page.status_code == 403
    assert "sent from a page of another site" in text_of(page)
    assert api.asked(*ADD) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://shop.test"},
        {"Origin": "https://shop.test"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_an_own_form_is_taken(
    browser: AsyncClient, api: FakeApi, headers: dict[str, str]
) -> None:
    api.answers(*ADD, samples.cart())
    answer = await browser.post("/products/p1/cart", data={"quantity": "1"}, headers=headers)
    assert answer.status_code == 303
    [request] = api.asked(*ADD)
    assert "origin" not in request.headers


async def test_a_link_from_elsewhere_is_welcome(browser: AsyncClient) -> None:
    assert (await browser.get("/", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, text_of, value_of

pytestmark = pytest.mark.anyio


async def test_the_page_of_a_product(browser: AsyncClient) -> None:
    page = await browser.get("/products/p1")
    assert "<title>Walnut pepper mill · Larch</title>" in page.text
    assert "It grinds." in text_of(page)
    assert value_of(page, "quantity") == "1"
    assert 'max="9"' in page.text
    assert 'width="640" height="640" alt="Walnut pepper mill" fetchpriority="high"' in page.text


async def test_others_of_its_category_are_shown_without_itself(
    browser: AsyncClient, api: FakeApi
) -> None:
    other = samples.product(id="p2", title="Salt mill")
    api.answers("GET", "/api/products", samples.listing(samples.product(), other))
    page = await browser.get("/products/p1")
    assert "Salt mill" in text_of(page)
    assert page.text.count('<li class="product-card') == 1


async def test_a_product_shows_while_the_list_rests(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses("GET", "/api/products", 503, "UNAVAILABLE")
    assert (await browser.get("/products/p1")).status_code == 200


async def test_a_sold_out_product_can_not_be_put_in_the_cart(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/products/p1", {"product": samples.product(available=0)})
    page = await browser.get("/products/p1")
    assert "Sold out" in text_of(page)
    assert "Add to cart" not in text_of(page)


@pytest.mark.parametrize("path", ["/products/none", "/products/a%2e%2e", "/products/" + "x" * 99])
async def test_a_product_that_is_not_there(browser: AsyncClient, path: str) -> None:
    page = await browser.get(path)
    assert page.status_code == 404
    assert "There is nothing here" in text_of(page)


async def test_a_title_can_not_smuggle_markup_in(browser: AsyncClient, api: FakeApi) -> None:
    evil = samples.product(
        title='<script>alert(1)</script>"onload="x', description="<img src=x onerror=alert(1)>"
    )
    api.answers("GET", "/api/products/p1", {"product": evil})
    api.answers("GET", "/api/products", samples.listing(evil))
    for path in ("/", "/products/p1"):
        page = await browser.get(path)
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>alert" not in page.text
        assert '"onload=' not in page.text
        assert "<img src=x" not in page.text


async def test_putting_into_the_cart_goes_back_to_the_product(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.answers("POST", "/api/cart/add", samples.cart(), cookies=("cart=g; Path=/; HttpOnly",))
    answer = await browser.post("/products/p1/cart", data={"quantity": "2"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/products/p1")
    assert api.sent("POST", "/api/cart/add") == {"productId": "p1", "quantity": 2}
    assert "cart=g; Path=/; HttpOnly" in answer.headers.get_list("set-cookie")
    page = await browser.get("/products/p1")
    assert "Added to your cart." in text_of(page)
    assert "Added to your cart." not in text_of(await browser.get("/products/p1"))


@pytest.mark.parametrize("typed", ["", "two", "1.5", "-1", "9" * 30])
async def test_a_quantity_that_is_no_number_is_refused_beside_the_field(
    browser: AsyncClient, api: FakeApi, typed: str
) -> None:
    page = await browser.post("/products/p1/cart", data={"quantity": typed})
    assert page.status_code == 400
    assert error_of(page, "quantity") == "Quantity must be a whole number."
    assert value_of(page, "quantity") == typed
    assert api.asked("POST", "/api/cart/add") == []


async def test_too_many_are_refused_in_plain_words(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses("POST", "/api/cart/add", 409, "OUT_OF_STOCK", lines=[])
    page = await browser.post("/products/p1/cart", data={"quantity": "50"})
    assert page.status_code == 409
    assert "There is not enough left" in text_of(page)
    assert value_of(page, "quantity") == "50"


async def test_the_api_names_the_field(browser: AsyncClient, api: FakeApi) -> None:
    errors = {"quantity": "must be between 1 and 99"}
    api.refuses("POST", "/api/cart/add", 400, "VALIDATION_FAILED", errors)
    page = await browser.post("/products/p1/cart", data={"quantity": "0"})
    assert error_of(page, "quantity") == "Quantity must be between 1 and 99."


async def test_availability_alone(browser: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/products/p1", {"product": samples.product(available=1)})
    part = await browser.get("/products/p1/availability")
    assert text_of(part) == "Only 1 left"
    assert "<html" not in part.text
    assert part.headers["cache-control"] == "private, no-cache"


async def test_the_form_comes_by_itself_once_there_are_some_again(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/products/p1", {"product": samples.product(available=0)})
    page = await browser.get("/products/p1")
    assert 'data-live="/products/p1/buy"' in page.text
    assert 'action="/products/p1/cart"' not in page.text
    assert "none left" in text_of(await browser.get("/products/p1/buy"))
    api.answers("GET", "/api/products/p1", {"product": samples.product(available=3)})
    part = await browser.get("/products/p1/buy")
    assert "<html" not in part.text
    assert 'action="/products/p1/cart"' in part.text
    assert "none left" not in text_of(part)


def take_out(api: FakeApi) -> None:
    """The product is no longer sold."""
    api.refuses("POST", "/api/cart/add", 404, "NOT_FOUND")
    api.refuses(
        "GET",
        "/api/products/p1",
        404,
        "NOT_FOUND",
        productTitle="Walnut pepper mill",
        productCategory="Kitchen",
    )


async def test_a_product_that_is_no_longer_sold_leads_to_its_category(
    browser: AsyncClient, api: FakeApi
) -> None:
    take_out(api)
    page = await browser.get("/products/p1")
    assert page.status_code == 410
    assert "Walnut pepper mill is no longer sold" in text_of(page)
    assert 'href="/?category=Kitchen"' in page.text
    [asked] = api.asked("GET", "/api/products")
    assert asked.url.params["category"] == "Kitchen"


@pytest.mark.parametrize("quantity", ["1", "some"])
async def test_adding_what_is_taken_out_meanwhile_says_so(
    browser: AsyncClient, api: FakeApi, quantity: str
) -> None:
    take_out(api)
    page = await browser.post("/products/p1/cart", data={"quantity": quantity})
    assert page.status_code == 410
    assert "is no longer sold" in text_of(page)


async def test_an_open_page_hears_that_the_product_is_taken_out(
    browser: AsyncClient, api: FakeApi
) -> None:
    page = await browser.get("/products/p1")
    assert page.text.count("product.deleted") == 2
    take_out(api)
    part = await browser.get("/products/p1/availability")
    assert (part.status_code, text_of(part)) == (200, "No longer sold")
    part = await browser.get("/products/p1/buy")
    assert (part.status_code, text_of(part)) == (200, "We have taken it out of the shop.")


async def test_what_follows_adding_to_the_cart_has_the_focus_and_is_read_out_with_it(
    browser: AsyncClient,
) -> None:
    page = await browser.get("/products/p1", headers={"Cookie": "notice=added"})
    assert '<span id="notice">Added to your cart.</span>' in page.text
    assert '<a href="/cart" aria-describedby="notice" autofocus>Go to the cart</a>' in page.text


async def test_a_notice_has_the_focus_so_that_it_is_read_out(browser: AsyncClient) -> None:
    page = await browser.get("/", headers={"Cookie": "notice=signed-out"})
    [before, _] = page.text.split("You are signed out.")
    assert '<div class="notice" tabindex="-1" autofocus>' in before

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, hidden, text_of

pytestmark = pytest.mark.anyio

CHECKOUT = ("POST", "/api/cart/checkout")


@pytest.fixture(autouse=True)
def full_cart(api: FakeApi) -> None:
    api.answers("GET", "/api/cart", samples.cart(samples.cart_item()))


async def test_an_empty_cart(browser: AsyncClient) -> None:
    assert "Your cart is empty" in text_of(await browser.get("/cart"))


async def test_lines_and_subtotal(browser: AsyncClient) -> None:
    browser.cookies.set("cart", "g")
    words = text_of(await browser.get("/cart"))
    assert "Walnut pepper mill" in words
    assert "$49.50 each" in words
    assert "2 items $99.00" in words


async def test_a_guest_is_led_to_sign_in_and_back(browser: AsyncClient) -> None:
    browser.cookies.set("cart", "g")
    page = await browser.get("/cart")
    assert 'href="/signin?next=/cart"' in page.text
    assert 'action="/checkout"' not in page.text


async def test_what_changed_since_is_told(browser: AsyncClient, api: FakeApi) -> None:
    browser.cookies.set("cart", "g")
    changed = samples.cart_item(previousPrice=samples.usd(4500))
    short = samples.cart_item(productId="p2", available=1)
    gone = samples.cart_item(productId="p3", available=0)
    api.answers("GET", "/api/cart", samples.cart(changed, short, gone))
    words = text_of(await browser.get("/cart"))
    assert "The price was $45.00 when you last looked." in words
    assert "Only 1 left. Please take fewer." in words
    assert "Not to be had any more." in words


async def test_a_quantity_is_changed(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("PUT", "/api/cart/items/p1", samples.cart())
    answer = await shopper.post("/cart/items/p1", data={"quantity": "3"})
    assert answer.headers["location"] == "/cart"
    assert api.sent("PUT", "/api/cart/items/p1") == {"quantity": 3}


@pytest.mark.parametrize(("typed", "told"), [("x", "a whole number"), ("100", "at most 99")])
async def test_a_wrong_quantity_is_told_beside_its_line(
    shopper: AsyncClient, api: FakeApi, typed: str, told: str
) -> None:
    errors = {"quantity": "must be at most 99"}
    api.refuses("PUT", "/api/cart/items/p1", 400, "VALIDATION_FAILED", errors)
    page = await shopper.post("/cart/items/p1", data={"quantity": typed})
    assert page.status_code == 400
    assert error_of(page, "quantity") == f"Quantity must be {told}."
    assert f'value="{typed}" aria-invalid="true"' in page.text


async def test_a_quantity_that_is_not_there_is_refused(shopper: AsyncClient, api: FakeApi) -> None:
    api.refuses("PUT", "/api/cart/items/p1", 409, "OUT_OF_STOCK")
    page = await shopper.post("/cart/items/p1", data={"quantity": "50"})
    assert page.status_code == 409
    assert "There is not enough left" in text_of(page)


async def test_a_line_is_removed(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("DELETE", "/api/cart/remove", samples.cart())
    answer = await shopper.post("/cart/items/p1/remove")
    assert answer.headers["location"] == "/cart"
    [request] = api.asked("DELETE", "/api/cart/remove")
    assert request.url.params["productId"] == "p1"


async def test_checking_out_sends_the_key_of_the_page(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers(*CHECKOUT, {"order": samples.order()}, 201)
    key = hidden(await shopper.get("/cart"), "key")
    assert key != hidden(await shopper.get("/cart"), "key")
    answer = await shopper.post("/checkout", data={"key": key})
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders/o1/pay")
    [request] = api.asked(*CHECKOUT)
    assert request.headers["idempotency-key"] == key


async def test_a_guest_who_checks_out_signs_in_first(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses(*CHECKOUT, 401, "UNAUTHENTICATED")
    headers = {"referer": "http://shop.test/cart"}
    answer = await browser.post("/checkout", data={"key": "k"}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/cart")


async def test_a_changed_price_is_told_with_both(shopper: AsyncClient, api: FakeApi) -> None:
    line = {
        "productId": "p1",
        "title": "Walnut pepper mill",
        "expectedPrice": samples.usd(4950),
        "price": samples.usd(5450),
    }
    api.refuses(*CHECKOUT, 409, "PRICE_CHANGED", lines=[line])
    page = await shopper.post("/checkout", data={"key": "old"})
    assert page.status_code == 409
    assert "Walnut pepper mill: $54.50 now, $49.50 before." in text_of(page)
    assert hidden(page, "key") not in {"", "old"}


@pytest.mark.parametrize(("left", "told"), [(1, "1 is left"), (3, "3 are left"), (0, "none is")])
async def test_a_shortage_is_told_line_by_line(
    shopper: AsyncClient, api: FakeApi, left: int, told: str
) -> None:
    line = {"productId": "p1", "title": "Pepper mill", "requested": 4, "available": left}
    api.refuses(*CHECKOUT, 409, "OUT_OF_STOCK", lines=[line])
    page = await shopper.post("/checkout", data={"key": "k"})
    assert f"Pepper mill: you asked for 4, {told}" in text_of(page)


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [(409, "CART_EMPTY", "nothing to order"), (422, "IDEMPOTENCY_KEY_REUSED", "Please look again")],
)
async def test_other_refusals_in_plain_words(
    shopper: AsyncClient, api: FakeApi, status: int, reason: str, told: str
) -> None:
    api.refuses(*CHECKOUT, status, reason)
    page = await shopper.post("/checkout", data={"key": "k"})
    assert page.status_code == status
    assert told in text_of(page)


async def test_the_badge_alone(shopper: AsyncClient) -> None:
    assert text_of(await shopper.get("/cart/badge")) == "2 in the cart"

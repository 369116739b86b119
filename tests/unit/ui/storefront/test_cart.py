import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, text_of

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


async def test_what_changed_since_is_shown(browser: AsyncClient, api: FakeApi) -> None:
    browser.cookies.set("cart", "g")
    changed = samples.cart_item(previousPrice=samples.usd(4500))
    short = samples.cart_item(productId="p2", available=1)
    gone = samples.cart_item(productId="p3", available=0)
    api.answers("GET", "/api/cart", samples.cart(changed, short, gone))
    words = text_of(await browser.get("/cart"))
    assert "The price was $45.00 when you last looked." in words
    assert "Only 1 left. Please take fewer." in words
    assert "No longer available. Please remove it." in words


async def test_a_quantity_is_changed(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("PUT", "/api/cart/items/p1", samples.cart())
    answer = await shopper.post("/cart/items/p1", data={"quantity": "3"})
    assert answer.headers["location"] == "/cart"
    assert api.sent("PUT", "/api/cart/items/p1") == {"quantity": 3}


@pytest.mark.parametrize(("typed", "sentence"), [("x", "a whole number"), ("100", "at most 99")])
async def test_a_wrong_quantity_is_shown_beside_its_line(
    shopper: AsyncClient, api: FakeApi, typed: str, sentence: str
) -> None:
    errors = {"quantity": "must be at most 99"}
    api.refuses("PUT", "/api/cart/items/p1", 400, "VALIDATION_FAILED", errors)
    page = await shopper.post("/cart/items/p1", data={"quantity": typed})
    assert page.status_code == 400
    assert error_of(page, "quantity") == f"Quantity must be {sentence}."
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


@pytest.mark.parametrize(
    ("status", "redirect_to"), [("pending", "/orders/o1/pay"), ("completed", "/orders/o1")]
)
async def test_checking_out_leads_to_the_one_order_of_the_cart(
    shopper: AsyncClient, api: FakeApi, status: str, redirect_to: str
) -> None:
    api.answers(*CHECKOUT, {"order": samples.order(status)}, 201)
    answer = await shopper.post("/checkout")
    assert (answer.status_code, answer.headers["location"]) == (303, redirect_to)
    # A key of the page's own would make every page another order.
    [request] = api.asked(*CHECKOUT)
    assert "idempotency-key" not in request.headers


async def test_the_order_that_waits_is_shown_with_pay_and_cancel(
    shopper: AsyncClient, api: FakeApi
) -> None:
    others = samples.order(id="o9", cartId="")
    api.answers("GET", "/api/orders", samples.orders(others, samples.order(cartId="c1")))
    page = await shopper.get("/cart")
    words = text_of(page)
    assert "Your order is waiting for payment Order 4821-5539-0714 , $99.00" in words
    assert 'href="/orders/o1/pay"' in page.text
    assert 'action="/orders/o1/cancel"' in page.text
    assert "Go on to pay" in words
    assert "Check out" not in words
    [request] = api.asked("GET", "/api/orders")
    assert request.url.params["status"] == "pending"


async def test_a_cart_that_has_changed_since_says_what_checking_out_does(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/orders", samples.orders(samples.order(cartId="c1")))
    api.answers("GET", "/api/cart", samples.cart(samples.cart_item(quantity=3)))
    words = text_of(await shopper.get("/cart"))
    assert "Your order is waiting for payment" in words
    assert "Checking out makes a new order of it and cancels the one that is waiting." in words


async def test_what_the_order_that_waits_has_set_aside_is_left_for_its_shopper(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/orders", samples.orders(samples.order(cartId="c1")))
    api.answers("GET", "/api/cart", samples.cart(samples.cart_item(available=0)))
    page = await shopper.get("/cart")
    assert "No longer available" not in text_of(page)
    assert "disabled" not in page.text


async def test_orders_that_cannot_be_had_keep_no_cart_from_being_shown(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.fails("GET", "/api/orders")
    assert "2 items $99.00" in text_of(await shopper.get("/cart"))


async def test_count_and_sum_are_of_what_can_be_bought_and_the_rest_is_shown_before(
    shopper: AsyncClient, api: FakeApi
) -> None:
    gone = samples.cart_item(productId="p3", available=0, quantity=3)
    api.answers("GET", "/api/cart", samples.cart(samples.cart_item(), gone))
    page = await shopper.get("/cart")
    words = text_of(page)
    assert "2 items $99.00" in words
    assert "One product in your cart cannot be bought as it stands." in words
    assert 'disabled aria-describedby="cart-problem">Check out' in page.text


async def test_the_content_alone(shopper: AsyncClient) -> None:
    part = await shopper.get("/cart/content")
    assert "Walnut pepper mill" in text_of(part)
    assert "<html" not in part.text
    page = await shopper.get("/cart")
    assert 'data-live="/cart/content" data-live-types="cart. order. payment."' in page.text
    # Other tabs of the browser are told by it that the cart is another one.
    assert 'data-cart="c1:2"' in page.text


async def test_too_much_unpaid_is_shown_with_a_way_to_the_orders(
    shopper: AsyncClient, api: FakeApi
) -> None:
    line = {"productId": "p1", "title": "Mill", "requested": 60, "held": 50, "limit": 99}
    api.refuses(*CHECKOUT, 409, "TOO_MANY_UNPAID_ITEMS", lines=[line])
    page = await shopper.post("/checkout")
    assert (
        "Mill: you asked for 60, and your unpaid orders hold 50 of at most 99. See your orders"
        in text_of(page)
    )
    api.refuses(*CHECKOUT, 409, "TOO_MANY_UNPAID_ORDERS")
    page = await shopper.post("/checkout")
    assert "Pay or cancel one of them first. See your orders" in text_of(page)


async def test_a_guest_who_checks_out_signs_in_first(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses(*CHECKOUT, 401, "UNAUTHENTICATED")
    headers = {"referer": "http://shop.test/cart"}
    answer = await browser.post("/checkout", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/cart")


async def test_a_changed_price_is_shown_with_both(shopper: AsyncClient, api: FakeApi) -> None:
    line = {
        "productId": "p1",
        "title": "Walnut pepper mill",
        "expectedPrice": samples.usd(4950),
        "price": samples.usd(5450),
    }
    api.refuses(*CHECKOUT, 409, "PRICE_CHANGED", lines=[line])
    page = await shopper.post("/checkout")
    assert page.status_code == 409
    assert "Walnut pepper mill: $54.50 now, $49.50 before." in text_of(page)


@pytest.mark.parametrize(
    ("left", "sentence"), [(1, "1 is left"), (3, "3 are left"), (0, "none is")]
)
async def test_a_shortage_is_shown_line_by_line(
    shopper: AsyncClient, api: FakeApi, left: int, sentence: str
) -> None:
    line = {"productId": "p1", "title": "Pepper mill", "requested": 4, "available": left}
    api.refuses(*CHECKOUT, 409, "OUT_OF_STOCK", lines=[line])
    page = await shopper.post("/checkout")
    assert f"Pepper mill: you asked for 4, {sentence}" in text_of(page)


@pytest.mark.parametrize(
    ("status", "reason", "sentence"),
    [(409, "CART_EMPTY", "nothing to order"), (422, "IDEMPOTENCY_KEY_REUSED", "Please look again")],
)
async def test_other_refusals_in_plain_words(
    shopper: AsyncClient, api: FakeApi, status: int, reason: str, sentence: str
) -> None:
    api.refuses(*CHECKOUT, status, reason)
    page = await shopper.post("/checkout")
    assert page.status_code == status
    assert sentence in text_of(page)


async def test_the_badge_alone(shopper: AsyncClient) -> None:
    assert text_of(await shopper.get("/cart/badge")) == "2 in the cart"

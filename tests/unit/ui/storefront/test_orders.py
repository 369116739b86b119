import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def pending_order(api: FakeApi) -> None:
    api.answers("GET", "/api/orders/o1", {"order": samples.order()})


async def test_the_history(shopper: AsyncClient, api: FakeApi) -> None:
    some = samples.orders(samples.order("completed", timeline=[]), next_token="t2")
    api.answers("GET", "/api/orders", some)
    page = await shopper.get("/orders")
    assert "Walnut pepper mill" in text_of(page)
    assert "Completed $99.00" in text_of(page)
    assert 'href="?pageToken=t2"' in page.text


async def test_an_order_is_named_by_its_number_and_its_first_product(
    shopper: AsyncClient, api: FakeApi
) -> None:
    item = samples.order()["items"][0]
    cushion = {**item, "title": "Washed linen cushion, 50 cm"}
    order = samples.order("completed", items=[cushion, item, item])
    api.answers("GET", "/api/orders", samples.orders(order))
    words = text_of(await shopper.get("/orders"))
    assert "Washed linen cushion, 50 cm and 2 more Order 4821-5539-0714, 23 November" in words
    api.answers("GET", "/api/orders/o1", {"order": order})
    page = await shopper.get("/orders/o1")
    assert "<title>Order 4821-5539-0714 · Larch</title>" in page.text
    assert "o1" not in text_of(page)


async def test_no_orders_yet(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/orders", samples.orders())
    assert "You have not ordered anything yet." in text_of(await shopper.get("/orders"))


@pytest.mark.parametrize("path", ["/orders", "/orders/o1"])
async def test_a_guest_signs_in_first(browser: AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.headers["location"] == f"/signin?next={path}"


async def test_a_pending_order_can_be_paid_and_cancelled(shopper: AsyncClient) -> None:
    page = await shopper.get("/orders/o1")
    assert "Waiting for payment" in text_of(page)
    assert 'href="/orders/o1/pay"' in page.text
    assert 'action="/orders/o1/cancel"' in page.text
    assert '<time datetime="2026-11-23T09:45:00Z" data-local>23 November 2026, 09:45' in page.text


async def test_the_page_turns_by_itself_with_scripts_and_without(shopper: AsyncClient) -> None:
    page = await shopper.get("/orders/o1?paid=1")
    assert "Confirming your payment" in text_of(page)
    assert 'data-live="/orders/o1/state?paid=1"' in page.text
    assert 'data-live-id="o1"' in page.text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page.text
    assert 'href="/orders/o1/pay"' not in page.text


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("completed", "Your payment was received."), ("cancelled", "Stock is reserved.")],
)
async def test_an_order_that_has_ended_stays_as_it_is(
    shopper: AsyncClient, api: FakeApi, status: str, sentence: str
) -> None:
    api.answers("GET", "/api/orders/o1", {"order": samples.order(status)})
    page = await shopper.get("/orders/o1?paid=1")
    assert sentence in text_of(page)
    assert "http-equiv" not in page.text
    assert 'action="/orders/o1/cancel"' not in page.text


async def test_the_bank_refused(shopper: AsyncClient) -> None:
    page = await shopper.get("/orders/o1?redirect_status=failed&payment_intent=pi")
    assert "Your bank did not confirm the payment." in text_of(page)
    assert 'href="/orders/o1/pay"' in page.text
    # It is still told once the page has asked where the order stands.
    assert 'data-live="/orders/o1/state?redirect_status=failed"' in page.text
    part = await shopper.get("/orders/o1/state?redirect_status=failed")
    assert "Your bank did not confirm the payment." in text_of(part)


async def test_the_bank_agreed(shopper: AsyncClient) -> None:
    page = await shopper.get("/orders/o1?redirect_status=succeeded")
    assert "Confirming your payment" in text_of(page)


async def test_the_state_alone(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/orders/o1", {"order": samples.order("completed")})
    part = await shopper.get("/orders/o1/state?paid=1")
    assert text_of(part).startswith("Completed")
    assert "<html" not in part.text
    assert [request.url.path for request in api.requests] == ["/api/orders/o1"]


async def test_another_users_order_is_not_there(shopper: AsyncClient) -> None:
    page = await shopper.get("/orders/o2")
    assert page.status_code == 404
    assert "There is nothing here" in text_of(page)


async def test_cancelling(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("DELETE", "/api/orders/o1", {"order": samples.order("cancelled")})
    answer = await shopper.post("/orders/o1/cancel")
    assert answer.headers["location"] == "/orders/o1"
    assert "The order is cancelled." in text_of(await shopper.get("/orders/o1"))


async def test_cancelling_from_the_cart_leads_back_to_it(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.answers("DELETE", "/api/orders/o1", {"order": samples.order("cancelled")})
    answer = await shopper.post("/orders/o1/cancel", data={"from": "cart"})
    assert answer.headers["location"] == "/cart"


async def test_too_late_to_cancel(shopper: AsyncClient, api: FakeApi) -> None:
    api.refuses("DELETE", "/api/orders/o1", 409, "ORDER_NOT_CANCELLABLE")
    page = await shopper.post("/orders/o1/cancel")
    assert page.status_code == 409
    assert "This order cannot be cancelled any more." in text_of(page)

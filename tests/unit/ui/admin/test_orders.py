import re

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of

pytestmark = pytest.mark.anyio

PAYMENTS = ("GET", "/api/payments/admin/orders/o1")
REFUND = ("POST", "/api/payments/admin/pay1/refund")
CANCEL = ("POST", "/api/orders/admin/o1/cancel")


@pytest.fixture(autouse=True)
def one_order(api: FakeApi) -> None:
    api.answers("GET", "/api/orders/admin/all", samples.orders(samples.order(), next_token="t"))
    api.answers("GET", "/api/orders/admin/o1", {"order": samples.order("completed")})
    api.answers(*PAYMENTS, {"payments": [samples.payment_record()]})


async def test_the_list_by_status(admin: AsyncClient, api: FakeApi) -> None:
    page = await admin.get("/admin/orders?status=pending")
    assert "mira@shop.example" in text_of(page)
    assert 'href="?status=pending&amp;pageToken=t"' in page.text
    [request] = api.asked("GET", "/api/orders/admin/all")
    assert dict(request.url.params) == {"status": "pending"}


async def test_what_an_account_holds_is_shown_with_its_orders(
    admin: AsyncClient, api: FakeApi
) -> None:
    words = text_of(await admin.get("/admin/orders?userId=u1"))
    assert "1 or more unpaid order; until" in words
    assert "2 × Walnut pepper mill" in words
    asked = [dict(each.url.params) for each in api.asked("GET", "/api/orders/admin/all")]
    assert {"userId": "u1", "status": "pending", "pageSize": "100"} in asked
    assert {"userId": "u1"} in asked
    api.answers("GET", "/api/orders/admin/all", samples.orders())
    assert "it has no unpaid orders" in text_of(await admin.get("/admin/orders?userId=u1"))
    assert "What this account holds" not in text_of(await admin.get("/admin/orders"))


async def test_an_unknown_status_is_all(admin: AsyncClient, api: FakeApi) -> None:
    await admin.get("/admin/orders?status=stolen")
    [request] = api.asked("GET", "/api/orders/admin/all")
    assert dict(request.url.params) == {}


async def test_one_order(admin: AsyncClient) -> None:
    words = text_of(await admin.get("/admin/orders/o1"))
    assert "Stock is reserved." in words
    assert "The money goes back" in words


async def test_cancelling_with_a_reason(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*CANCEL, {"order": samples.order("cancelled")})
    answer = await admin.post("/admin/orders/o1/cancel", data={"detail": "It broke."})
    assert answer.headers["location"] == "/admin/orders/o1"
    assert api.sent(*CANCEL) == {"detail": "It broke."}


async def test_cancelling_too_late(admin: AsyncClient, api: FakeApi) -> None:
    api.refuses(*CANCEL, 409, "ORDER_NOT_CANCELLABLE")
    page = await admin.post("/admin/orders/o1/cancel", data={"detail": ""})
    assert page.status_code == 409
    assert "cannot be cancelled any more" in text_of(page)


async def test_the_payments_of_an_order(admin: AsyncClient, api: FakeApi) -> None:
    page = text_of(await admin.get("/admin/orders/o1"))
    for word in ("pay1", "pi_1", "pm_card_visa", "Captured", "$69.90", "$20.00", "$49.90"):
        assert word in page
    api.answers(*PAYMENTS, {"payments": []})
    page = text_of(await admin.get("/admin/orders/o1"))
    assert "No one has tried to pay this order." in page


async def test_an_order_is_shown_although_its_payments_can_not_be_reached(
    admin: AsyncClient, api: FakeApi
) -> None:
    api.refuses(*PAYMENTS, 503, "UNAVAILABLE")
    page = await admin.get("/admin/orders/o1")
    assert page.status_code == 200
    assert "The payments cannot be reached now." in text_of(page)


def typed(page: str, **fields: str) -> dict[str, str]:
    """The form as it was rendered, filled in."""
    [key] = set(re.findall(r'name="key" value="([^"]+)"', page))
    return {"key": key, "paymentId": "pay1", "currency": "USD", **fields}


async def test_a_part_is_refunded_with_the_pages_key(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*REFUND, {"payment": {}})
    form = typed((await admin.get("/admin/orders/o1")).text, share="part", amount="12.50")
    answer = await admin.post("/admin/orders/o1/refund", data=form | {"restock": "yes"})
    assert answer.headers["location"] == "/admin/orders/o1"
    assert api.sent(*REFUND) == {
        "amount": {"amountMinor": 1250, "currency": "USD"},
        "restock": False,
    }
    [request] = api.asked(*REFUND)
    assert request.headers["Idempotency-Key"] == form["key"]


async def test_all_that_is_left_is_refunded_with_the_stock(
    admin: AsyncClient, api: FakeApi
) -> None:
    api.answers(*REFUND, {"payment": {}})
    form = typed((await admin.get("/admin/orders/o1")).text, share="all", restock="yes")
    await admin.post("/admin/orders/o1/refund", data=form)
    assert api.sent(*REFUND) == {"restock": True}


async def test_a_refund_of_nonsense_and_one_of_too_much(admin: AsyncClient, api: FakeApi) -> None:
    form = typed((await admin.get("/admin/orders/o1")).text, share="part", amount="lots")
    page = await admin.post("/admin/orders/o1/refund", data=form)
    assert page.status_code == 400
    assert api.asked(*REFUND) == []
    api.refuses(*REFUND, 409, "REFUND_NOT_POSSIBLE")
    page = await admin.post("/admin/orders/o1/refund", data=form | {"amount": "900"})
    assert page.status_code == 409
    assert "cannot be refunded" in text_of(page)
    assert typed(page.text)["key"] != form["key"]
    assert 'value="900"' in page.text


async def test_a_refund_without_an_answer_is_sent_again_with_its_key(
    admin: AsyncClient, api: FakeApi
) -> None:
    api.refuses(*REFUND, 503, "UNAVAILABLE")
    form = typed((await admin.get("/admin/orders/o1")).text, share="part", amount="5")
    page = await admin.post("/admin/orders/o1/refund", data=form)
    assert page.status_code == 503
    assert typed(page.text)["key"] == form["key"]

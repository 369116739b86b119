import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of

pytestmark = pytest.mark.anyio

CANCEL = ("POST", "/api/orders/admin/o1/cancel")


@pytest.fixture(autouse=True)
def one_order(api: FakeApi) -> None:
    api.answers("GET", "/api/orders/admin/all", samples.orders(samples.order(), next_token="t"))
    api.answers("GET", "/api/orders/admin/o1", {"order": samples.order("completed")})


async def test_the_list_by_status(admin: AsyncClient, api: FakeApi) -> None:
    page = await admin.get("/admin/orders?status=pending")
    assert "mira@shop.example" in text_of(page)
    assert 'href="?status=pending&amp;pageToken=t"' in page.text
    [request] = api.asked("GET", "/api/orders/admin/all")
    assert dict(request.url.params) == {"status": "pending"}


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
    assert "can not be cancelled any more" in text_of(page)

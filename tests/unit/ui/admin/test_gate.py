import pytest
from httpx import AsyncClient

from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of
from ui.admin import ROUTES

pytestmark = pytest.mark.anyio

PAGES = [
    (method, route.path.replace("{product_id}", "p1").replace("{order_id}", "o1"))
    for route in ROUTES
    for method in ("GET", "POST")
    if method in (route.methods or set())
]


@pytest.mark.parametrize(("method", "path"), PAGES)
async def test_a_shopper_may_not_enter(
    shopper: AsyncClient, api: FakeApi, method: str, path: str
) -> None:
    page = await shopper.request(method, path.replace("{user_id}", "u2"))
    assert page.status_code == 403
    assert "for those who run it" in text_of(page)
    asked = {request.url.path for request in api.requests}
    assert asked <= {"/api/users/currentuser", "/api/cart"}


@pytest.mark.parametrize(("method", "path"), PAGES)
async def test_a_guest_signs_in_first(browser: AsyncClient, method: str, path: str) -> None:
    answer = await browser.request(method, path.replace("{user_id}", "u2"))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?next=/")


async def test_only_admins_see_the_way_in(admin: AsyncClient, api: FakeApi) -> None:
    assert 'href="/admin"' in (await admin.get("/")).text
    api.answers("GET", "/api/users/currentuser", {"currentUser": None})
    assert 'href="/admin"' not in (await admin.get("/")).text

import re
from html import unescape

import pytest
from httpx import AsyncClient, Request, Response

from tests.unit.ui import samples
from tests.unit.ui.admin.test_products import UNTOUCHED
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, text_of, value_of
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


EDIT = {
    **{name: text for name, text in UNTOUCHED.items() if name != "title"},
    "title": "Walnut & <b>brass</b> mill",
    "description": "First\r\nsecond",
}
NO_PICTURE = {"image": ("", b"", "application/octet-stream")}
PICTURE = {"image": ("mill.png", b"\x89PNG picture", "image/png")}
SIGN_IN = ("POST", "/api/users/signin")


def kept_form(page: Response) -> dict[str, str]:
    """The hidden fields of the page to sign in on."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {unescape(name): unescape(value) for name, value in found}


def lets_in(api: FakeApi, role: str = "admin") -> None:
    """Whoever signs in from now on is let in."""

    def signed_in(_: Request) -> Response:
        api.answers("GET", "/api/users/currentuser", {"currentUser": samples.user(role=role)})
        return Response(200, headers=[("set-cookie", "session=s; Path=/")], json={})

    api.answers_by(*SIGN_IN, signed_in)
    api.answers("PATCH", "/api/products/p1", {"product": samples.product()})


async def test_what_was_typed_outlives_the_session(browser: AsyncClient, api: FakeApi) -> None:
    page = await browser.post("/admin/products/p1", data=EDIT, files=NO_PICTURE)
    assert page.status_code == 401
    assert "What you typed is kept" in text_of(page)
    kept = kept_form(page)
    assert kept["title"] == EDIT["title"]
    assert api.asked("PATCH", "/api/products/p1") == []

    api.refuses(*SIGN_IN, 401, "INVALID_CREDENTIALS")
    action = "/admin/products/p1?signin=1"
    assert f'action="{action}"' in page.text
    wrong = {**kept, "email": "ann@example.org", "password": "wrong"}
    again = await browser.post(action, data=wrong)
    assert again.status_code == 401
    assert "Email or password is wrong" in text_of(again)
    assert value_of(again, "email") == "ann@example.org"
    assert 'wrong"' not in again.text
    assert kept_form(again) == kept

    lets_in(api)
    right = {**kept_form(again), "email": "ann@example.org", "password": "right"}
    saved = await browser.post(action, data=right)
    assert saved.headers["location"] == "/admin/products"
    assert "session=s" in saved.headers["set-cookie"]
    assert api.sent("PATCH", "/api/products/p1") == {
        "title": EDIT["title"],
        "description": "First\nsecond",
        "detailsVersion": 2,
    }


async def test_a_picture_has_to_be_chosen_again_after_signing_in(
    browser: AsyncClient, api: FakeApi
) -> None:
    page = await browser.post("/admin/products/p1", data=EDIT, files=PICTURE)
    assert "Only the picture has to be chosen again" in text_of(page)
    lets_in(api)
    form = {**kept_form(page), "email": "ann@example.org", "password": "right"}
    page = await browser.post("/admin/products/p1?signin=1", data=form)
    assert value_of(page, "title") == EDIT["title"]
    assert error_of(page, "image") == "Please choose the picture again."
    assert api.asked("PATCH", "/api/products/p1") == []


async def test_who_signs_in_to_save_and_is_no_admin_saves_nothing(
    browser: AsyncClient, api: FakeApi
) -> None:
    lets_in(api, role="user")
    form = {**EDIT, "email": "ann@example.org", "password": "right"}
    page = await browser.post("/admin/products/p1?signin=1", data=form)
    assert page.status_code == 403
    assert api.asked("PATCH", "/api/products/p1") == []

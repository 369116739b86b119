import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, hidden, text_of, value_of

pytestmark = pytest.mark.anyio

SESSION = "session=abc; Max-Age=900; Path=/; HttpOnly; SameSite=Lax"
REFRESH = "refreshToken=def; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"
TYPED = {"email": "mira@shop.example", "password": " s3cret words "}

FOREIGN = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/a b",
    "",
    "evil",
]


async def test_signing_in_passes_the_cookies_on_verbatim(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.answers("POST", "/api/users/signin", {"user": samples.user()}, cookies=(SESSION, REFRESH))
    answer = await browser.post("/signin", data={**TYPED, "next": "/cart"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    assert answer.headers.get_list("set-cookie")[:2] == [SESSION, REFRESH]
    assert api.sent("POST", "/api/users/signin") == TYPED


@pytest.mark.parametrize("address", FOREIGN)
async def test_it_never_leads_to_another_site(
    browser: AsyncClient, api: FakeApi, address: str
) -> None:
    assert hidden(await browser.get("/signin", params={"next": address}), "next") == "/"
    for path in ("/signin", "/signup"):
        api.answers("POST", f"/api/users{path}", {"user": samples.user()})
        answer = await browser.post(path, data={**TYPED, "next": address})
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize("path", ["/signin", "/signup"])
async def test_who_is_signed_in_goes_on(shopper: AsyncClient, path: str) -> None:
    answer = await shopper.get(f"{path}?next=/orders")
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders")
    answer = await shopper.get(f"{path}?next=//evil.example")
    assert answer.headers["location"] == "/"


async def test_wrong_credentials_keep_the_email_and_drop_the_password(
    browser: AsyncClient, api: FakeApi
) -> None:
    api.refuses("POST", "/api/users/signin", 401, "INVALID_CREDENTIALS")
    page = await browser.post("/signin", data={**TYPED, "next": "/cart"})
    assert page.status_code == 401
    assert "Email or password is wrong." in text_of(page)
    assert value_of(page, "email") == TYPED["email"]
    assert hidden(page, "next") == "/cart"
    assert "s3cret" not in page.text
    assert api.asked("POST", "/api/users/refresh") == []


async def test_a_blocked_account_is_refused(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses("POST", "/api/users/signin", 403, "USER_BLOCKED")
    page = await browser.post("/signin", data=TYPED)
    assert page.status_code == 403
    assert "This account is blocked." in text_of(page)


async def test_signing_up(browser: AsyncClient, api: FakeApi) -> None:
    answer = {"user": samples.user()}
    api.answers("POST", "/api/users/signup", answer, 201, cookies=(SESSION, REFRESH))
    done = await browser.post("/signup", data={**TYPED, "name": "Mira", "next": "/cart"})
    assert done.headers["location"] == "/cart"
    assert api.sent("POST", "/api/users/signup") == {**TYPED, "name": "Mira"}


async def test_what_is_wrong_with_fields_is_shown_beside_them(
    browser: AsyncClient, api: FakeApi
) -> None:
    errors = {
        "email": "must be an email address",
        "password": "must be at least 8 characters long",
    }
    api.refuses("POST", "/api/users/signup", 400, "VALIDATION_FAILED", errors)
    page = await browser.post("/signup", data={"name": "Mira", "email": "x", "password": "short"})
    assert page.status_code == 400
    assert error_of(page, "email") == "Email must be an email address."
    assert error_of(page, "password") == "Password must be at least 8 characters long."
    assert value_of(page, "name") == "Mira"
    assert value_of(page, "email") == "x"
    assert "short" not in page.text


async def test_a_taken_email_is_refused(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses("POST", "/api/users/signup", 409, "EMAIL_TAKEN")
    page = await browser.post("/signup", data=TYPED)
    assert page.status_code == 409
    assert "There is an account with this email already." in text_of(page)


async def test_what_was_typed_can_not_smuggle_markup_in(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses("POST", "/api/users/signin", 401, "INVALID_CREDENTIALS")
    evil = '"><script>alert(1)</script>'
    page = await browser.post("/signin", data={"email": evil, "password": "x"})
    assert "<script>alert" not in page.text
    assert value_of(page, "email") == evil


async def test_signing_out(shopper: AsyncClient, api: FakeApi) -> None:
    gone = "session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    api.answers("POST", "/api/users/signout", status=204, cookies=(gone,))
    answer = await shopper.post("/signout")
    assert answer.headers["location"] == "/"
    assert gone in answer.headers.get_list("set-cookie")

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, text_of, value_of

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def two_devices(api: FakeApi) -> None:
    other = samples.session(id="s2", userAgent="An old phone", isCurrent=False)
    sessions = {"sessions": [samples.session(), other], "nextPageToken": "", "totalSize": 2}
    api.answers("GET", "/api/users/sessions", sessions)


async def test_the_page(shopper: AsyncClient) -> None:
    page = await shopper.get("/account")
    assert value_of(page, "name") == "Mira"
    assert "Birch Lane 4</textarea>" in page.text
    assert "An old phone" in text_of(page)
    assert 'action="/account/sessions/s2/end"' in page.text
    assert 'action="/account/sessions/s1/end"' not in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_guest_signs_in_first(browser: AsyncClient) -> None:
    answer = await browser.get("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/account")


async def test_details_are_saved(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("POST", "/api/users/profile", {"user": samples.user()})
    typed = {"name": "Mira S", "phone": "+47 1", "address": "Birch Lane 4\r\nOslo"}
    answer = await shopper.post("/account", data=typed)
    assert answer.headers["location"] == "/account"
    sent = api.sent("POST", "/api/users/profile")
    assert sent == {**typed, "address": "Birch Lane 4\nOslo"}
    assert "Your details are saved." in text_of(await shopper.get("/account"))


async def test_wrong_details_stay_on_the_page(shopper: AsyncClient, api: FakeApi) -> None:
    errors = {"phone": "may only have digits"}
    api.refuses("POST", "/api/users/profile", 400, "VALIDATION_FAILED", errors)
    page = await shopper.post("/account", data={"name": "M", "phone": "call me", "address": ""})
    assert page.status_code == 400
    assert error_of(page, "phone") == "Phone may only have digits."
    assert value_of(page, "phone") == "call me"
    assert value_of(page, "name") == "M"


async def test_the_password_is_changed(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("POST", "/api/users/password", status=204)
    typed = {"currentPassword": "old words", "newPassword": "new words"}
    answer = await shopper.post("/account/password", data=typed)
    assert answer.headers["location"] == "/account"
    assert api.sent("POST", "/api/users/password") == typed


async def test_a_wrong_password_is_refused_and_not_shown(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.refuses("POST", "/api/users/password", 401, "INVALID_CREDENTIALS")
    typed = {"currentPassword": "xyzzy-1", "newPassword": "xyzzy-2"}
    page = await shopper.post("/account/password", data=typed)
    assert page.status_code == 401
    assert "That is not your present password." in text_of(page)
    assert "xyzzy" not in page.text


async def test_a_device_is_signed_out(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("DELETE", "/api/users/sessions/s2", status=204)
    answer = await shopper.post("/account/sessions/s2/end")
    assert answer.headers["location"] == "/account"
    assert len(api.asked("DELETE", "/api/users/sessions/s2")) == 1

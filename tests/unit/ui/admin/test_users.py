import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of

pytestmark = pytest.mark.anyio

USERS = ("GET", "/api/users/admin/users")


@pytest.fixture(autouse=True)
def two_people(api: FakeApi) -> None:
    other = samples.user(id="u2", email="other@shop.example", isBlocked=True)
    some = {"users": [samples.user(), other], "nextPageToken": "", "totalSize": 2}
    api.answers(*USERS, some)


async def test_the_list(admin: AsyncClient, api: FakeApi) -> None:
    page = await admin.get("/admin/users?query=shop&role=user&blocked=true")
    assert "other@shop.example Blocked" in text_of(page)
    [request] = api.asked(*USERS)
    assert dict(request.url.params) == {"query": "shop", "role": "user", "blocked": "true"}


async def test_nobody_is_offered_to_block_themself(admin: AsyncClient) -> None:
    page = await admin.get("/admin/users")
    assert 'action="/admin/users/u2"' in page.text
    assert 'action="/admin/users/u1"' not in page.text


@pytest.mark.parametrize(
    ("form", "path", "body"),
    [
        ({"action": "block", "role": "admin"}, "block", {}),
        ({"action": "unblock", "role": "admin"}, "unblock", {}),
        ({"action": "role", "role": "admin"}, "role", {"role": "admin"}),
    ],
)
async def test_accounts_are_changed(
    admin: AsyncClient, api: FakeApi, form: dict[str, str], path: str, body: dict[str, str]
) -> None:
    address = ("POST", f"/api/users/admin/users/u2/{path}")
    api.answers(*address, {"user": samples.user()})
    answer = await admin.post("/admin/users/u2", data=form)
    assert answer.headers["location"] == "/admin/users"
    assert api.sent(*address) == body


async def test_the_own_account_is_refused_in_plain_words(admin: AsyncClient, api: FakeApi) -> None:
    api.refuses("POST", "/api/users/admin/users/u1/block", 409, "OWN_ACCOUNT")
    page = await admin.post("/admin/users/u1", data={"action": "block"})
    assert page.status_code == 409
    assert "You can not do this to your own account." in text_of(page)

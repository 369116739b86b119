import re
from html import unescape

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import hidden, text_of

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
    assert 'href="/admin/users/u2?' in page.text
    assert 'href="/admin/users/u1?' not in page.text


async def test_a_change_is_asked_for_by_the_persons_name(admin: AsyncClient) -> None:
    page = await admin.get("/admin/users?query=shop&pageToken=t")
    links = re.findall(r'<a class="btn[^>]* href="(/admin/users/u2[^"]*)">(.*?)</a>', page.text)
    assert [re.sub("<[^>]*>", "", label) for _, label in links] == [
        "Make admin other@shop.example",
        "Unblock other@shop.example",
    ]
    asked = await admin.get(unescape(links[0][0]))
    assert "Make this person an admin? other@shop.example" in text_of(asked)
    assert hidden(asked, "next") == "/admin/users?query=shop&pageToken=t"
    assert 'href="/admin/users?query=shop&amp;pageToken=t">Cancel' in asked.text


async def test_what_cannot_be_asked_for_leads_back(admin: AsyncClient, api: FakeApi) -> None:
    for address in ("/admin/users/u2", "/admin/users/u2?action=delete"):
        assert (await admin.get(address)).headers["location"] == "/admin/users"
    answer = await admin.post("/admin/users/u2", data={"action": "delete"})
    assert answer.headers["location"] == "/admin/users"
    assert (await admin.get("/admin/users/u3?action=block&email=x")).status_code == 404


@pytest.mark.parametrize(
    ("action", "path", "body"),
    [
        ("block", "block", {}),
        ("unblock", "unblock", {}),
        ("make-admin", "role", {"role": "admin"}),
        ("make-user", "role", {"role": "user"}),
    ],
)
async def test_accounts_are_changed_and_the_list_is_as_it_was(
    admin: AsyncClient, api: FakeApi, action: str, path: str, body: dict[str, str]
) -> None:
    address = ("POST", f"/api/users/admin/users/u2/{path}")
    api.answers(*address, {"user": samples.user()})
    form = {"action": action, "next": "/admin/users?role=user&pageToken=t"}
    answer = await admin.post("/admin/users/u2", data=form)
    assert answer.headers["location"] == "/admin/users?role=user&pageToken=t"
    assert api.sent(*address) == body


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/cart", ""])
async def test_a_change_leads_to_the_list_and_nowhere_else(
    admin: AsyncClient, api: FakeApi, elsewhere: str
) -> None:
    api.answers("POST", "/api/users/admin/users/u2/block", {"user": samples.user()})
    answer = await admin.post("/admin/users/u2", data={"action": "block", "next": elsewhere})
    assert answer.headers["location"] == "/admin/users"


async def test_who_changed_an_account_is_shown(admin: AsyncClient, api: FakeApi) -> None:
    changed = samples.user(
        id="u2", rightsChangedAt="2026-11-20T10:00:00Z", rightsChangedBy="boss@shop.example"
    )
    api.answers(*USERS, {"users": [changed], "nextPageToken": "", "totalSize": 1})
    assert "by boss@shop.example" in text_of(await admin.get("/admin/users"))


async def test_the_own_account_is_refused_in_plain_words(admin: AsyncClient, api: FakeApi) -> None:
    api.refuses("POST", "/api/users/admin/users/u1/block", 409, "OWN_ACCOUNT")
    page = await admin.post("/admin/users/u1", data={"action": "block"})
    assert page.status_code == 409
    assert "to your own account." in text_of(page)

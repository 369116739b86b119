from html import unescape

import pytest
from httpx import AsyncClient

from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of

pytestmark = pytest.mark.anyio

AUDIT = ("GET", "/api/admin/audit")
ENTRY = {
    "id": "e1",
    "at": "2026-11-26T12:00:00Z",
    "service": "auth",
    "actorKind": "user",
    "actorId": "a1",
    "actorEmail": "ada@shop.example",
    "action": "SetUserRole",
    "subjectKind": "user",
    "subjectId": "u2",
    "outcome": "OK",
    "changes": [{"field": "role", "value": "<admin>"}],
    "requestId": "r1",
    "traceId": "t1",
    "address": "203.0.113.9",
}


@pytest.fixture(autouse=True)
def one_entry(api: FakeApi) -> None:
    found = {"entries": [ENTRY], "nextPageToken": "t", "totalSize": 30, "unreachable": ["cart"]}
    api.answers(*AUDIT, found)


async def test_who_did_what_to_whom_is_shown(admin: AsyncClient) -> None:
    page = await admin.get("/admin/audit")
    text = text_of(page)
    for part in ("SetUserRole", "auth · role: ", "ada@shop.example", "203.0.113.9", "user u2"):
        assert part in text
    assert "&lt;admin&gt;" in page.text
    assert "OK" in text
    assert "request r1" in text
    assert "No answer from cart." in text
    assert 'href="/admin/audit" aria-current="page"' in page.text


async def test_filters_are_those_of_the_api_and_the_last_day_is_whole(
    admin: AsyncClient, api: FakeApi
) -> None:
    query = "service=auth&actor=a1&action=BlockUser&subject=u2&from=2026-11-25&to=2026-11-26"
    page = await admin.get(f"/admin/audit?{query}")
    [request] = api.asked(*AUDIT)
    assert dict(request.url.params) == {
        "service": "auth",
        "actor": "a1",
        "action": "BlockUser",
        "subject": "u2",
        "from": "2026-11-25T00:00:00Z",
        "to": "2026-11-27T00:00:00Z",
    }
    assert f'href="?{query}&pageToken=t"' in unescape(page.text)


async def test_what_is_no_filter_is_left_out(admin: AsyncClient, api: FakeApi) -> None:
    await admin.get("/admin/audit?service=evil&from=yesterday&to=9999-12-31")
    [request] = api.asked(*AUDIT)
    assert dict(request.url.params) == {}


async def test_the_next_page_is_asked_for_by_its_token(admin: AsyncClient, api: FakeApi) -> None:
    page = await admin.get("/admin/audit?pageToken=t")
    assert dict(api.asked(*AUDIT)[0].url.params) == {"pageToken": "t"}
    assert "First page" in text_of(page)

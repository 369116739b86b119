"""What a page takes of a form: files only where it asks for one, of those who may send it."""

import asyncio

import pytest
from httpx import AsyncClient
from starlette.routing import Route

from tests.unit.ui.fake_api import FakeApi
from ui import admin, storefront

pytestmark = pytest.mark.anyio

FILE = {"image": ("a.png", b"x" * 1000, "image/png")}
WITH_FILES = {"/admin/products", "/admin/products/{product_id}"}


def addresses() -> list[str]:
    routes: list[Route] = [*storefront.ROUTES, *admin.ROUTES]
    posts = {route.path for route in routes if "POST" in (route.methods or ())}
    return sorted(posts - WITH_FILES)


def spooled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    made: list[object] = []

    def spool(**_: object) -> object:
        made.append(None)
        raise AssertionError("a file was kept")

    monkeypatch.setattr("starlette.formparsers.SpooledTemporaryFile", spool)
    return made


@pytest.mark.parametrize("path", addresses())
async def test_no_other_page_keeps_a_file(
    admin: AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    made = spooled(monkeypatch)
    await admin.post(path.replace("{", "").replace("}", ""), files=FILE)
    assert made == []


@pytest.mark.parametrize("path", sorted(WITH_FILES))
async def test_files_of_others_than_admins_are_not_kept(
    shopper: AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    made = spooled(monkeypatch)
    answer = await shopper.post(path.replace("{", "").replace("}", ""), files=FILE)
    assert answer.status_code == 403
    assert made == []


async def test_a_form_without_a_file_has_64_kib(browser: AsyncClient, api: FakeApi) -> None:
    api.refuses("POST", "/api/users/signin", 401, "INVALID_CREDENTIALS")
    for size, status in ((60_000, 401), (70_000, 413)):
        answer = await browser.post("/signin", data={"email": "x" * size, "password": "y"})
        assert answer.status_code == status


async def test_only_so_many_uploads_are_kept_at_once(admin: AsyncClient, api: FakeApi) -> None:
    site = admin._transport.app.state.site  # type: ignore[attr-defined]
    async with asyncio.timeout(20):
        for _ in range(4):
            await site.uploads.acquire()
        waiting = asyncio.create_task(admin.post("/admin/products", files=FILE))
        while not (waiting.done() or site.uploads._waiters):
            await asyncio.sleep(0)
        assert not waiting.done()
        site.uploads.release()
        assert (await waiting).status_code == 400
        assert not site.uploads.locked()

"""Static files are addressed by what is in them."""

import re

import pytest
from httpx import AsyncClient

pytestmark = pytest.mark.anyio


async def test_all_that_a_page_names_is_there_for_good(browser: AsyncClient) -> None:
    page = await browser.get("/")
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert len(addresses) >= 5
    for address in addresses:
        file = await browser.get(address)
        assert file.status_code == 200
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert file.headers["content-encoding"] == "gzip"


async def test_modules_find_each_other(browser: AsyncClient) -> None:
    page = await browser.get("/")
    [main] = re.findall(r'type="module" src="([^"]+)"', page.text)
    imports = re.findall(r'from "\./([^"]+)"', (await browser.get(main)).text)
    assert imports
    for name in imports:
        module = await browser.get(main.replace("main.js", name))
        assert module.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_the_look_comes_from_bootstrap(browser: AsyncClient) -> None:
    page = await browser.get("/")
    [address] = re.findall(r'href="([^"]+bootstrap\.min\.css)"', page.text)
    assert "Bootstrap  v5.3.8" in (await browser.get(address)).text[:200]


async def test_an_older_page_gets_the_present_file_but_not_for_good(browser: AsyncClient) -> None:
    file = await browser.get("/static/0000/css/shop.css", headers={"accept-encoding": "identity"})
    assert file.status_code == 200
    assert file.headers["cache-control"] == "no-cache"
    assert "content-encoding" not in file.headers


@pytest.mark.parametrize("path", ["css/none.css", "../settings.py", "%2e%2e/app.py"])
async def test_nothing_else_is_served(browser: AsyncClient, path: str) -> None:
    assert (await browser.get(f"/static/0000/{path}")).status_code == 404

"""One running shop, and a Chromium to look at it with."""

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.visitors import Visitors
from tests.support.people import Shop
from tests.support.running import running_shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="package")
def chromium() -> Iterator["Browser"]:
    """Whatever Chromium this machine has; without one there is nothing to test with."""
    library = pytest.importorskip(
        "playwright.sync_api",
        reason="Playwright is not installed: these tests are `nox -s browser`",
    )
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip(f"there is no browser: none of {', '.join(_NAMES)} is on the PATH")
    # Chromium's sandbox refuses to work for root, whom containers run as.
    arguments = [] if os.geteuid() else ["--no-sandbox"]
    with library.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shop(chromium: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A running shop with its demo data; not started where there is no browser."""
    with running_shop(tmp_path_factory.mktemp("shop") / "data", {}) as running:
        yield running


@pytest.fixture(scope="package")
def visitors(chromium: "Browser", shop: Shop) -> Visitors:
    """Whoever comes to the shop."""
    return Visitors(chromium, shop.ready)


@pytest.fixture
def guest(visitors: Visitors) -> Iterator["Page"]:
    """The browser of somebody who has just come in."""
    with visitors.page_of("guest") as page:
        yield page


@pytest.fixture
def shopper(visitors: Visitors) -> Iterator["Page"]:
    """The browser of the demo shop's shopper."""
    with visitors.page_of("shopper") as page:
        yield page

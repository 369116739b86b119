"""Browsers of people who are signed in or not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_WAIT_MS = 60_000.0  # for a busy machine; what is there is taken at once


class Visitors:
    """Opens pages for people of the demo shop.

    Args:
        chromium: The browser.
        ready: What the shop said of itself when it was ready.
    """

    def __init__(self, chromium: "Browser", ready: Mapping[str, Any]) -> None:
        self._chromium = chromium
        self._address: str = ready["url"]
        self._logins = ready["logins"]
        self._states: dict[str, Any] = {"guest": None}

    @contextmanager
    def page_of(self, name: str) -> Iterator["Page"]:
        """An empty page of `guest`, `shopper` or `admin`; those two sign in once."""
        if name not in self._states:
            self._states[name] = self._signed_in(self._logins[name])
        with self._page(self._states[name]) as page:
            yield page

    @contextmanager
    def _page(self, state: Any) -> Iterator["Page"]:
        context = self._chromium.new_context(
            base_url=self._address, storage_state=state, reduced_motion="reduce"
        )
        context.set_default_timeout(_WAIT_MS)
        yield context.new_page()
        context.close()

    def _signed_in(self, login: Mapping[str, str]) -> Any:
        with self._page(None) as page:
            page.goto("/signin")
            page.fill("#email", login["email"])
            page.fill("#password", login["password"])
            page.press("#password", "Enter")
            page.wait_for_selector(".notice")
            return page.context.storage_state()

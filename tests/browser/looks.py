"""What can be wrong with how a page looks, whatever is on it."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

_WIDTHS = {"phone": 390, "desktop": 1280}
_HEIGHT = 900
# The narrowest window that the accessibility guidelines ask for: 1280 pixels enlarged four times.
_NARROWEST = 320

# Elements that reach out of the window to the right, where one has to scroll sideways for them.
_WIDER = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("main *, header *, footer *")]
    .filter((element) => element.getBoundingClientRect().right > room + 1)
    .map((element) => element.outerHTML.slice(0, 100));
}"""


def complaints(page: "Page", path: str) -> list[str]:
    """What is wrong with the page: barriers for people, and scrolling sideways.

    The page is left small, dark, and with large letters.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.goto(path)
        for name, width in _WIDTHS.items():
            page.set_viewport_size({"width": width, "height": _HEIGHT})
            found += [
                f"{theme} {name}: {violation['id']}: {node['html']}"
                for violation in axe.run(page).response["violations"]
                for node in violation["nodes"]
            ]
    page.set_viewport_size({"width": _NARROWEST, "height": _HEIGHT})
    found += [f"wider than {_NARROWEST} px: {element}" for element in page.evaluate(_WIDER)]
    page.set_viewport_size({"width": _WIDTHS["phone"], "height": _HEIGHT})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += [f"wider with large letters: {element}" for element in page.evaluate(_WIDER)]
    return found

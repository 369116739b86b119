"""Where the keyboard is after something was done, which is also what screen readers read."""

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

FIRST = "#quantity-1"
REMOVE_LAST = ".cart-line:last-child >> text=Remove"
SECONDS = 60


def quantities(cart: "Page") -> list[str]:
    """How many of each line the page of the cart shows."""
    fields = cart.locator(".cart-line input[name=quantity]").all()
    return [field.input_value() for field in fields]


def wait_for_cart(page: "Page", wanted: list[str]) -> None:
    """Until the cart is as wanted: what a page sends as it is left can arrive after the next."""
    until = time.monotonic() + SECONDS
    page.goto("/cart")
    while (seen := quantities(page)) != wanted:
        assert time.monotonic() < until, f"waited in vain; the last was {seen}"
        page.goto("/cart")


@pytest.fixture
def in_cart(guest: "Page") -> "Page":
    """The cart of a guest, with one piece each of two products."""
    guest.goto("/")
    cards = guest.locator(".product-card:not(.is-sold-out) a").all()[:2]
    for address in [card.get_attribute("href") for card in cards]:
        assert address
        guest.goto(address)
        guest.click("text=Add to cart")
        guest.wait_for_selector(".notice")
    guest.goto("/cart")
    return guest


def test_adding_to_the_cart_leads_on_to_it(guest: "Page") -> None:
    guest.goto("/")
    guest.click(".product-card:not(.is-sold-out) a")
    guest.focus("text=Add to cart")
    guest.keyboard.press("Enter")
    guest.wait_for_selector(".notice a:focus")
    guest.keyboard.press("Enter")
    guest.wait_for_url("**/cart")


def test_a_quantity_is_saved_once_where_the_keyboard_stays(in_cart: "Page") -> None:
    sent: list[Request] = []
    in_cart.on("request", lambda request: sent.append(request) if request.method == "POST" else 0)
    in_cart.focus(FIRST)
    for _ in range(4):
        in_cart.keyboard.press("ArrowUp")
    in_cart.wait_for_selector("[data-announced]:has-text('up to date')", state="attached")
    assert in_cart.input_value(f"{FIRST}:focus") == "5"
    assert in_cart.inner_text(".summary dt") == "6 items"
    assert in_cart.inner_text(".cart-badge").startswith("6")
    assert [request.post_data for request in sent] == ["quantity=5"]


def test_a_refused_quantity_says_why_beside_the_field(in_cart: "Page") -> None:
    # As where the product's stock or the shop's limit has changed since the page was made.
    in_cart.eval_on_selector(FIRST, "(field) => field.removeAttribute('max')")
    in_cart.fill(FIRST, "1000")
    in_cart.press(FIRST, "Enter")
    in_cart.wait_for_selector(f"{FIRST}:focus[aria-invalid]")
    assert "99" in in_cart.inner_text("#quantity-error")


def test_who_leaves_at_once_has_changed_the_quantity(in_cart: "Page") -> None:
    in_cart.focus(FIRST)
    in_cart.keyboard.press("ArrowUp")
    in_cart.click("a.brand")
    wait_for_cart(in_cart, ["2", "1"])


def test_what_is_removed_at_once_waits_for_the_quantity(in_cart: "Page") -> None:
    in_cart.focus(FIRST)
    in_cart.keyboard.press("ArrowUp")
    in_cart.click(REMOVE_LAST)
    in_cart.wait_for_selector("[data-announced]:has-text('Removed')", state="attached")
    assert quantities(in_cart) == ["2"]
    in_cart.wait_for_selector("[data-cart-content]:focus")


def test_a_line_without_a_quantity_can_be_removed(in_cart: "Page") -> None:
    in_cart.fill(FIRST, "")
    in_cart.click(".cart-line:first-child >> text=Remove")
    in_cart.wait_for_selector(".cart-line:only-child")
    assert quantities(in_cart) == ["1"]


def test_the_cart_works_without_scripts(in_cart: "Page") -> None:
    state = in_cart.context.storage_state()
    browser = in_cart.context.browser
    assert browser
    bare = browser.new_context(java_script_enabled=False, storage_state=state)
    page = bare.new_page()
    page.goto(in_cart.url)
    page.fill(FIRST, "3")
    page.click(".cart-line:first-child >> text=Update")
    page.wait_for_selector(".notice:focus")
    assert page.input_value(FIRST) == "3"
    bare.close()

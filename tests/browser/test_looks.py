"""Every page has room and contrast, on phones and desktops, by day and by night."""

from typing import TYPE_CHECKING

import pytest

from tests.browser.looks import complaints
from tests.browser.visitors import Visitors

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("guest", "/"),
        ("guest", "/?q=lamp&minPrice=1&inStock=true&sort=price"),
        ("guest", "/?q=xqzzy"),
        ("guest", "/?minPrice=50&maxPrice=20"),
        ("guest", "/cart"),
        ("guest", "/signin"),
        ("guest", "/signup"),
        ("guest", "/nothing"),
        ("shopper", "/orders"),
        ("shopper", "/account"),
        ("admin", "/admin"),
        ("admin", "/admin/orders"),
        ("admin", "/admin/products"),
        ("admin", "/admin/products/new"),
        ("admin", "/admin/users"),
        ("admin", "/admin/system"),
        ("admin", "/admin/system/gateway"),
        ("admin", "/admin/dead-letters"),
        ("admin", "/admin/audit"),
    ],
)
def test_a_page(visitors: Visitors, who: str, path: str) -> None:
    with visitors.page_of(who) as page:
        assert complaints(page, path) == []


@pytest.mark.parametrize(
    ("who", "path", "link"),
    [
        ("guest", "/", ".product-card a"),
        ("shopper", "/orders", ".order-row a"),
        ("admin", "/admin/orders", "tbody a"),
        ("admin", "/admin/products", "tbody a"),
        ("admin", "/admin/users", ".row-actions a"),
    ],
)
def test_a_page_behind_a_list(visitors: Visitors, who: str, path: str, link: str) -> None:
    with visitors.page_of(who) as page:
        page.goto(path)
        behind = page.locator(link).first.get_attribute("href")
        assert behind
        assert complaints(page, behind) == []


def test_the_way_to_pay(shopper: "Page") -> None:
    shopper.goto("/")
    shopper.click(".product-card:not(.is-sold-out) a")
    shopper.click("text=Add to cart")
    shopper.click("text=Go to the cart")
    assert complaints(shopper, "/cart") == []
    shopper.click("text=Check out")
    shopper.wait_for_url("**/pay")
    assert complaints(shopper, shopper.url) == []

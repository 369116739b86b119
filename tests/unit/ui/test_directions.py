"""What people typed in Hebrew or Arabic reads from its own side, and turns nothing else around."""

from html.parser import HTMLParser

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi

pytestmark = pytest.mark.anyio

TYPED = "שולחן"
VOID = {"br", "hr", "img", "input", "link", "meta", "path", "source", "use"}
PAGES = [
    "/",
    f"/?category={TYPED}",
    f"/?q={TYPED}",
    "/?q=none",
    "/products/p1",
    "/products/p2",
    "/cart",
    "/orders",
    "/orders/o1",
    "/account",
    "/admin",
    "/admin/products",
    "/admin/products/p1",
    "/admin/orders",
    "/admin/orders/o1",
    "/admin/users",
]


class Loose(HTMLParser):
    """Collects the elements in which what was typed stands without a direction of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.seen = 0
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        given = dict(attrs)
        is_unseen = tag in {"title", "script"} or "visually-hidden" in (given.get("class") or "")
        self._open.append((tag, is_unseen or tag == "bdi" or given.get("dir") == "auto"))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if TYPED not in data:
            return
        self.seen += 1
        if not any(is_directed for _, is_directed in self._open):
            self.found.append(" > ".join(tag for tag, _ in self._open))


@pytest.mark.parametrize("path", PAGES)
async def test_what_was_typed_has_a_direction_of_its_own(
    admin: AsyncClient, api: FakeApi, path: str
) -> None:
    product = samples.product(title=TYPED, category=TYPED, description=TYPED)
    found = samples.listing(product, correctedQuery=TYPED)
    found["facets"]["categories"] = [{"category": TYPED, "count": 1}]
    if path == "/?q=none":
        found = samples.listing(suggestedCategories=[TYPED])
    line = samples.order()["items"][0] | {"title": TYPED}
    order = samples.order(items=[line, line])
    person = samples.user(role="admin", name=TYPED, address=TYPED)
    stats = samples.stats()
    stats["bestSellers"] = [each | {"title": TYPED} for each in stats["bestSellers"]]
    answers = {
        "/api/products": found,
        "/api/products/p1": {"product": product},
        "/api/cart": samples.cart(samples.cart_item(title=TYPED)),
        "/api/orders": samples.orders(order),
        "/api/orders/o1": {"order": order},
        "/api/orders/admin/all": samples.orders(order),
        "/api/orders/admin/o1": {"order": order},
        "/api/orders/admin/stats": stats,
        "/api/payments/admin/orders/o1": {"payments": []},
        "/api/users/currentuser": {"currentUser": person},
        "/api/users/admin/users": {"users": [person], "nextPageToken": "", "totalSize": 1},
        "/api/users/sessions": {"sessions": [], "nextPageToken": "", "totalSize": 0},
    }
    for address, answer in answers.items():
        api.answers("GET", address, answer)
    address = "/api/products/p2"
    api.refuses("GET", address, 404, "NOT_FOUND", productTitle=TYPED, productCategory=TYPED)
    page = await admin.get(path)
    assert page.status_code in {200, 410}, page.text
    loose = Loose()
    loose.feed(page.text)
    assert loose.seen
    assert loose.found == []

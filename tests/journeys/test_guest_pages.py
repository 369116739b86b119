"""Pages that guests share, at two gateways: fresh as soon as anyone can know, and no one else's."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.gateways import LONG_SECONDS, another_gateway
from tests.support.people import Admin, Shop, Shopper, eventually, ok


@pytest.fixture(scope="module")
def elsewhere(shop: Shop) -> Iterator[httpx.Client]:
    """A guest at another gateway than everybody else's."""
    with another_gateway(shop) as there, there.visitor() as client:
        yield client


def has_price(page: httpx.Response, price: str) -> bool:
    assert page.status_code == 200, page.text
    return price in page.text


@pytest.mark.parametrize("address", ["/products/{id}", "/?q={id}"])
def test_a_guest_sees_a_changed_price(
    admin: Admin, guest: Shopper, elsewhere: httpx.Client, address: str
) -> None:
    product = admin.add_product(quantity=1, price=1234)
    path = address.format_map(product)
    assert has_price(guest.client.get(path), "$12.34")
    # There it is a copy, which lives on only because nothing is heard of a change.
    eventually(lambda: int(elsewhere.get(path).headers["age"]), lambda age: age >= LONG_SECONDS)
    assert has_price(elsewhere.get(path), "$12.34")
    price = {"amountMinor": 5678, "currency": "USD"}
    ok(admin.client.patch(f"/api/products/{product['id']}", json={"price": price}))
    assert has_price(guest.client.get(path), "$56.78")
    eventually(lambda: has_price(elsewhere.get(path), "$56.78"))


def test_shoppers_and_guests_never_get_each_others_pages(
    shop: Shop, admin: Admin, guest: Shopper, shopper: Shopper
) -> None:
    product_id = admin.add_product(quantity=9)["id"]
    path = f"/products/{product_id}"
    guest.put_in_cart(product_id)
    with shop.visitor() as newcomer:
        for _ in range(2):
            shared = newcomer.get(path)
            assert ("/signin" in shared.text, "/signout" in shared.text) == (True, False)
            assert "cart-badge" not in shared.text
            assert "set-cookie" not in shared.headers
            known = {"if-none-match": shared.headers["etag"]}
            assert newcomer.get(path, headers=known).status_code == 304
            for person in (shopper, admin):
                own = person.client.get(path, headers=known)
                assert "/signout" in own.text
                assert ('href="/admin"' in own.text) == (person is admin)
            assert "cart-badge" in guest.client.get(path, headers=known).text
    assert shopper.client.post("/api/users/signout", json={}).status_code == 204
    assert shopper.client.get(path).text == shared.text

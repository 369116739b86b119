"""Paying on the storefront's page while Stripe does not answer: what the shopper is told."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.support.people import Admin, Json, Shop, Shopper, charges_of, eventually, ok

CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 40", "cvc": "123"}
PRICE = 4400
# Until the sweep has asked Stripe again, on a busy machine too.
SETTLED_SECONDS = 90.0


@pytest.fixture
def stripe(shop: Shop) -> Iterator[httpx.Client]:
    """The emulator's controls; no fault is left on."""
    with httpx.Client(base_url=shop.ready["servers"]["stripe"]) as client:
        yield client
        ok(client.delete("/_emulator/faults"))


def pay_on_page(shopper: Shopper, order: Json) -> httpx.Response:
    """Type a card on the order's page to pay, and send it; the page that this leads to."""
    address = f"/orders/{order['id']}/pay"
    page = shopper.client.get(address)
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key, page.text
    return shopper.client.post(address, data={**CARD, "key": key[1]}, follow_redirects=True)


def live_part(shopper: Shopper, page: httpx.Response) -> Callable[[], str]:
    """What the page's script asks for again, to say how the order stands."""
    address = re.search(r'data-live="(/orders/[^"]+)"', page.text)
    assert address, page.text
    return lambda: shopper.client.get(address[1]).raise_for_status().text


@pytest.mark.parametrize("fault", ["slow", "error_500_before", "error_500"])
def test_the_page_of_the_order_tells_what_becomes_of_it(
    shop: Shop, stripe: httpx.Client, admin: Admin, shopper: Shopper, fault: str
) -> None:
    thing = admin.add_product(quantity=3, price=PRICE)
    order = shopper.buy_now((thing["id"], 1))
    # Of these only the last charges the card, and says nothing of it either.
    silent = {"path": "/v1/payment_intents*", "method": "*"}
    longer_than_anybody_waits = {"times": 1000, "seconds": 30}
    for body in ({"kind": fault, "match": silent}, {"kind": "webhook_never"}):
        ok(stripe.post("/_emulator/faults", json=longer_than_anybody_waits | body))

    page = pay_on_page(shopper, order)
    assert page.status_code == 200, page.text
    assert page.url.path == f"/orders/{order['id']}"
    assert "Your payment is being checked" in page.text
    assert "You will not be charged twice." in page.text

    # Who does not believe it enters the card again, and is told the same.
    again = pay_on_page(shopper, order)
    assert again.url.path == page.url.path
    assert "Your payment is being checked" in again.text
    part = live_part(shopper, page)
    assert "Your payment is being checked" in part()
    assert shopper.order(order["id"])["status"] == "pending"

    ok(stripe.delete("/_emulator/faults"))
    eventually(part, lambda text: "Your payment was received." in text, SETTLED_SECONDS)
    assert shopper.order(order["id"])["status"] == "completed"
    assert "being checked" not in part()
    # Its page leads to no third payment.
    late = shopper.client.get(f"/orders/{order['id']}/pay", follow_redirects=True)
    assert late.url.path == f"/orders/{order['id']}"
    assert charges_of(shop, order["id"]) == [PRICE]

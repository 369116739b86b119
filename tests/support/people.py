"""People who use the shop over HTTP, and what they can do."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

Json = dict[str, Any]
T = TypeVar("T")

# Long enough for a busy machine; a test that waits this long has failed.
PATIENCE_SECONDS = 30.0


def eventually(
    look: Callable[[], T], is_right: Callable[[T], bool] = bool, seconds: float = PATIENCE_SECONDS
) -> T:
    """What `look` sees, once it is right; fails with what was seen last after `seconds`."""
    until = time.monotonic() + seconds
    while not is_right(seen := look()):
        assert time.monotonic() < until, f"waited in vain; the last was {seen!r}"
        time.sleep(0.05)
    return seen


@dataclass(frozen=True)
class Shop:
    """A running shop.

    Attributes:
        ready: What its `ready.json` says.
        data: Its data folder.
    """

    ready: Json
    data: Path

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.ready["url"])

    def visitor(self) -> httpx.Client:
        """A browser that has just come in."""
        # Without TLS there is nothing to verify, and reading the authorities takes its time.
        return httpx.Client(base_url=self.url, timeout=30, verify=False)


class Shopper:
    """Somebody with a browser."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.user: Json = {}

    def sign_up(self) -> None:
        """Open an account with a new email."""
        email = f"{uuid.uuid4().hex}@example.org"
        answer = self.client.post(
            "/api/users/signup", json={"email": email, "password": "correct horse"}
        )
        self.user = ok(answer, 201)["user"]

    def sign_in(self, email: str, password: str) -> None:
        """Sign in to an account."""
        answer = self.client.post("/api/users/signin", json={"email": email, "password": password})
        self.user = ok(answer)["user"]

    def put_in_cart(self, product_id: str, quantity: int = 1) -> Json:
        """Add to the cart; the cart."""
        body = {"productId": product_id, "quantity": quantity}
        cart: Json = ok(self.client.post("/api/cart/add", json=body))["cart"]
        return cart

    def cart(self) -> Json:
        """The cart."""
        cart: Json = ok(self.client.get("/api/cart"))["cart"]
        return cart

    def check_out(self, key: str | None = None) -> Json:
        """Make an order of the cart; the order."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.client.post("/api/cart/checkout", json={}, headers=headers)
        order: Json = ok(answer, 201)["order"]
        return order

    def buy_now(self, *lines: tuple[str, int]) -> Json:
        """Order without a cart; the order."""
        items = [{"productId": product, "quantity": quantity} for product, quantity in lines]
        order: Json = ok(self.client.post("/api/orders", json={"items": items}), 201)["order"]
        return order

    def pay(self, order: Json, card: str = "pm_card_visa") -> httpx.Response:
        """Pay an order with one of Stripe's test cards."""
        field = "token" if card.startswith("tok_") else "paymentMethodId"
        return self.client.post("/api/payments", json={"orderId": order["id"], field: card})

    def order(self, order_id: str) -> Json:
        """One of the own orders."""
        order: Json = ok(self.client.get(f"/api/orders/{order_id}"))["order"]
        return order

    def order_when(self, order_id: str, status: str, seconds: float = PATIENCE_SECONDS) -> Json:
        """One of the own orders, once it has `status`."""
        return eventually(
            lambda: self.order(order_id), lambda order: order["status"] == status, seconds
        )


class Admin(Shopper):
    """Somebody who runs the shop."""

    def add_product(self, quantity: int, price: int = 1000, **fields: Any) -> Json:
        """Add a product of a title of its own; the product."""
        body = {
            "title": f"Test thing {uuid.uuid4().hex[:12]}",
            "category": "Tests",
            "price": {"amountMinor": price, "currency": "USD"},
            "quantity": quantity,
        } | fields
        product: Json = ok(self.client.post("/api/products", json=body), 201)["product"]
        return product

    def product(self, product_id: str) -> Json:
        """A product as it is now."""
        product: Json = ok(self.client.get(f"/api/products/{product_id}"))["product"]
        return product


def ok(answer: httpx.Response, status: int = 200) -> Json:
    """The body of an answer that has to have `status`."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    body: Json = answer.json()
    return body


def refused(answer: httpx.Response, status: int, reason: str) -> Json:
    """The problem document of an answer that has to be refused for `reason`."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    problem: Json = answer.json()
    assert problem["reason"] == reason, problem
    return problem


def charges_of(shop: Shop, order_id: str) -> list[int]:
    """What Stripe has charged for an order, net of refunds, one figure per charge."""
    stripe = shop.ready["servers"]["stripe"]
    listed = httpx.get(f"{stripe}/_emulator/charges", params={"metadata[order_id]": order_id})
    return [charge["net"] for charge in ok(listed)["data"]]

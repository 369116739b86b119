"""Money that goes back in other ways than the shop's own: by hand, and not at the first attempt."""

import json
from dataclasses import dataclass

import httpx
import pytest

from tests.support.people import Admin, Json, Shop, Shopper, charges_of, eventually, ok

# A refund that did not arrive is made again after 15 seconds.
AGAIN_SECONDS = 60.0


@dataclass(frozen=True)
class Dashboard:
    """Somebody at Stripe's dashboard, and what the banks tell it."""

    url: str
    key: str

    def refund(self, payment: Json, amount: int | None = None) -> Json:
        """Give an amount back, or all that is left."""
        form = {"payment_intent": payment["stripeId"]} | ({"amount": amount} if amount else {})
        return ok(httpx.post(f"{self.url}/v1/refunds", data=form, auth=(self.key, "")))

    def refunds(self, payment: Json) -> list[Json]:
        """All refunds of a payment, newest first."""
        wanted = {"payment_intent": payment["stripeId"]}
        listed = httpx.get(f"{self.url}/v1/refunds", params=wanted, auth=(self.key, ""))
        refunds: list[Json] = ok(listed)["data"]
        return refunds

    def fail(self, refund: Json) -> None:
        """The card's bank sends the money back."""
        ok(httpx.post(f"{self.url}/_emulator/refunds/{refund['id']}/failed"))


@pytest.fixture
def dashboard(shop: Shop) -> Dashboard:
    """Stripe's dashboard, with the shop's account."""
    keys = json.loads((shop.data / "secrets.json").read_text())
    return Dashboard(shop.ready["servers"]["stripe"], keys["stripe_secret_key"])


def bought(admin: Admin, shopper: Shopper) -> tuple[Json, Json, Json]:
    """Three of five things at 10.00 each: the product, the order and its payment."""
    thing = admin.add_product(quantity=5, price=1000)
    order = shopper.buy_now((thing["id"], 3))
    payment = ok(shopper.pay(order), 201)["payment"]
    shopper.order_when(order["id"], "completed")
    eventually(lambda: admin.product(thing["id"])["quantity"], lambda left: left == 2)
    return thing, order, payment


def payment_now(shopper: Shopper, payment: Json) -> Json:
    """A payment as the shop knows it."""
    now: Json = ok(shopper.client.get(f"/api/payments/{payment['id']}"))["payment"]
    return now


def refund_sentences(order: Json) -> list[str]:
    """What an order's timeline says of refunds."""
    return [each["detail"] for each in order["timeline"] if each["type"] == "payment.refunded"]


def test_refunds_made_by_hand_at_stripe(
    shop: Shop, admin: Admin, shopper: Shopper, dashboard: Dashboard
) -> None:
    thing, order, payment = bought(admin, shopper)
    dashboard.refund(payment, 500)
    part = eventually(
        lambda: shopper.order(order["id"]), lambda order: refund_sentences(order) != []
    )
    assert refund_sentences(part) == ["A part of the money went back."]
    assert part["status"] == "completed"
    assert payment_now(shopper, payment)["refunded"] == {"amountMinor": 500, "currency": "USD"}

    dashboard.refund(payment)
    over = shopper.order_when(order["id"], "cancelled")
    assert refund_sentences(over) == [
        "A part of the money went back.",
        "All of the money went back.",
    ]
    assert payment_now(shopper, payment)["status"] == "refunded"
    assert charges_of(shop, order["id"]) == [0]
    # Whoever wants the stock back as well cancels the order in the shop.
    assert admin.product(thing["id"])["quantity"] == 2


def test_a_refund_that_does_not_arrive_is_made_again(
    shop: Shop, admin: Admin, shopper: Shopper, dashboard: Dashboard
) -> None:
    thing, order, payment = bought(admin, shopper)
    ok(admin.client.post(f"/api/orders/admin/{order['id']}/cancel", json={"detail": "Broken."}))
    eventually(lambda: payment_now(shopper, payment)["status"], lambda now: now == "refunded")
    [refund] = dashboard.refunds(payment)

    dashboard.fail(refund)
    failed = eventually(
        lambda: payment_now(shopper, payment), lambda now: now["status"] == "succeeded"
    )
    assert failed["refunded"]["amountMinor"] == 0
    assert charges_of(shop, order["id"]) == [3000]

    eventually(
        lambda: payment_now(shopper, payment)["status"],
        lambda now: now == "refunded",
        AGAIN_SECONDS,
    )
    assert charges_of(shop, order["id"]) == [0]
    assert [each["status"] for each in dashboard.refunds(payment)] == ["succeeded", "failed"]
    sentences = eventually(
        lambda: refund_sentences(shopper.order(order["id"])), lambda sentences: len(sentences) == 2
    )
    assert set(sentences) == {"All of the money went back."}
    # The stock came back with the first one.
    assert admin.product(thing["id"])["quantity"] == 5

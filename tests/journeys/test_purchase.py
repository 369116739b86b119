"""Buying something, from the first look to the completed order."""

import json

import pytest
from websockets.sync.client import connect

from tests.support.people import Admin, Shop, Shopper, charges_of, eventually, ok, refused


def test_a_guest_becomes_a_customer(shop: Shop, guest: Shopper, admin: Admin) -> None:
    thing = admin.add_product(quantity=10, price=1250)
    other = admin.add_product(quantity=10, price=300)
    guest.put_in_cart(thing["id"], 2)
    guest.put_in_cart(other["id"], 1)

    guest.sign_up()
    cart = guest.cart()
    assert {item["productId"]: item["quantity"] for item in cart["items"]} == {
        thing["id"]: 2,
        other["id"]: 1,
    }
    assert cart["subtotal"] == {"amountMinor": 2800, "currency": "USD"}

    cookie = "; ".join(f"{name}={value}" for name, value in guest.client.cookies.items())
    address = shop.url.replace("http", "ws") + "/ws/notifications"
    with connect(address, additional_headers={"Cookie": cookie}) as socket:
        hello = json.loads(socket.recv(timeout=10))
        assert hello["data"]["userId"] == guest.user["id"]

        order = guest.check_out()
        assert order["status"] == "pending"
        assert order["total"] == {"amountMinor": 2800, "currency": "USD"}
        paid = ok(guest.pay(order, "tok_visa"), 201)["payment"]
        assert paid["status"] == "succeeded"

        wanted = {"cart.checkout", "order.created", "order.completed", "payment.created"}
        while wanted:
            message = json.loads(socket.recv(timeout=30))
            if message["type"] in wanted and message["data"]["orderId"] == order["id"]:
                wanted.remove(message["type"])

    done = guest.order_when(order["id"], "completed")
    assert [entry["type"] for entry in done["timeline"]][-1] == "order.completed"
    eventually(lambda: admin.product(thing["id"])["quantity"], lambda left: left == 8)
    assert admin.product(thing["id"])["available"] == 8
    eventually(lambda: admin.product(other["id"])["quantity"], lambda left: left == 9)
    eventually(guest.cart, lambda cart: cart["items"] == [])
    assert charges_of(shop, order["id"]) == [2800]


def test_only_what_was_bought_leaves_the_cart(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=10)
    shopper.put_in_cart(thing["id"], 2)
    order = shopper.check_out()
    shopper.put_in_cart(thing["id"], 3)
    ok(shopper.pay(order), 201)
    cart = eventually(shopper.cart, lambda cart: cart["totalQuantity"] != 5)
    assert [item["quantity"] for item in cart["items"]] == [3]


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("tok_chargeDeclined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    ],
)
def test_a_declined_card_leaves_the_order_payable(
    shop: Shop, admin: Admin, shopper: Shopper, card: str, code: str
) -> None:
    thing = admin.add_product(quantity=1)
    order = shopper.buy_now((thing["id"], 1))
    problem = refused(shopper.pay(order, card), 402, "CARD_DECLINED")
    assert problem["declineCode"] == code
    assert shopper.order(order["id"])["status"] == "pending"
    ok(shopper.pay(order), 201)
    shopper.order_when(order["id"], "completed")
    assert charges_of(shop, order["id"]) == [1000]


def test_cancelling_gives_the_stock_back(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=3)
    order = shopper.buy_now((thing["id"], 3))
    assert admin.product(thing["id"])["available"] == 0
    cancelled = ok(shopper.client.delete(f"/api/orders/{order['id']}"))["order"]
    assert cancelled["status"] == "cancelled"
    eventually(lambda: admin.product(thing["id"])["available"], lambda left: left == 3)
    refused(shopper.pay(order), 409, "ORDER_NOT_PAYABLE")
    again = shopper.client.delete(f"/api/orders/{order['id']}")
    refused(again, 409, "ORDER_NOT_CANCELLABLE")


def test_a_cancelled_sale_is_refunded_and_restocked(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=5)
    order = shopper.buy_now((thing["id"], 2))
    ok(shopper.pay(order), 201)
    shopper.order_when(order["id"], "completed")
    eventually(lambda: admin.product(thing["id"])["quantity"], lambda left: left == 3)
    ok(admin.client.post(f"/api/orders/admin/{order['id']}/cancel", json={"detail": "Broken."}))
    shopper.order_when(order["id"], "cancelled")
    eventually(lambda: charges_of(shop, order["id"]), lambda net: net == [0])
    eventually(lambda: admin.product(thing["id"])["quantity"], lambda left: left == 5)


def test_a_changed_price_is_not_charged_unseen(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=5, price=1000)
    shopper.put_in_cart(thing["id"])
    dearer = {
        "title": thing["title"],
        "category": thing["category"],
        "price": {"amountMinor": 1500, "currency": "USD"},
        "quantity": 5,
        "version": thing["version"],
    }
    ok(admin.client.put(f"/api/products/{thing['id']}", json=dearer))
    problem = refused(shopper.client.post("/api/cart/checkout", json={}), 409, "PRICE_CHANGED")
    line = problem["lines"][0]
    assert (line["expectedPrice"]["amountMinor"], line["price"]["amountMinor"]) == (1000, 1500)
    assert shopper.check_out()["total"]["amountMinor"] == 1500

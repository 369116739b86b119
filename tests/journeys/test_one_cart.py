"""One cart, one order: whoever checks out how often, in which tab, and with which key."""

from functools import partial

import httpx
import pytest

from tests.support.crowds import at_once
from tests.support.people import Admin, Json, Shop, Shopper, charges_of, eventually, ok, refused

HELD_AT_MOST = 99


def unpaid(shopper: Shopper) -> list[Json]:
    """The shopper's orders that wait to be paid."""
    orders: list[Json] = ok(shopper.client.get("/api/orders", params={"status": "pending"}))[
        "orders"
    ]
    return orders


def submit(shop: Shop, shopper: Shopper, path: str, **fields: str) -> httpx.Response:
    """Send a form of a page, as its browser does."""
    return shopper.client.post(path, data=fields, headers={"Origin": shop.url})


@pytest.mark.parametrize("keys", [(None, None), (None, "tab 2"), ("tab 1", "tab 2")])
def test_checking_out_again_leads_to_the_order_that_waits(
    admin: Admin, shopper: Shopper, keys: tuple[str | None, str | None]
) -> None:
    thing = admin.add_product(quantity=9)
    cart = shopper.put_in_cart(thing["id"], 2)
    first, second = [shopper.check_out(key) for key in keys]
    assert first["id"] == second["id"]
    assert first["cartId"] == cart["id"]
    assert len(first["number"]) == len("4821-5539-0714")
    assert admin.product(thing["id"])["available"] == 7


def test_paying_both_tabs_of_one_cart_charges_once(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=9, price=1500)
    shopper.put_in_cart(thing["id"])
    tabs = [submit(shop, shopper, "/checkout") for _ in range(2)]
    assert {each.status_code for each in tabs} == {303}
    assert len({each.headers["location"] for each in tabs}) == 1
    [order] = unpaid(shopper)
    assert tabs[0].headers["location"] == f"/orders/{order['id']}/pay"
    at_once([partial(shopper.pay, order) for _ in tabs])
    shopper.order_when(order["id"], "completed")
    # Once it is paid a third tab, whose cart may not have heard of it yet, makes no other order.
    third = shopper.client.post("/api/cart/checkout", json={})
    if third.status_code == 201:
        assert third.json()["order"]["id"] == order["id"]
    else:
        refused(third, 409, "CART_EMPTY")
    assert unpaid(shopper) == []
    assert [net for net in charges_of(shop, order["id"]) if net] == [1500]
    eventually(shopper.cart, lambda cart: cart["items"] == [])


def test_a_checkout_that_is_repeated_after_its_payment_leads_to_the_paid_order(
    admin: Admin, shopper: Shopper
) -> None:
    shopper.put_in_cart(admin.add_product(quantity=2)["id"])
    order = shopper.check_out("mine")
    shopper.pay(order)
    shopper.order_when(order["id"], "completed")
    eventually(shopper.cart, lambda cart: cart["items"] == [])
    again = shopper.check_out("mine")
    assert (again["id"], again["status"]) == (order["id"], "completed")
    refused(shopper.client.post("/api/cart/checkout", json={}), 409, "CART_EMPTY")


def test_the_carts_page_shows_the_order_that_waits_with_pay_and_cancel(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=2)
    shopper.put_in_cart(thing["id"], 2)
    order = shopper.check_out()
    page = shopper.client.get("/cart").text
    assert f"Order {order['number']}" in page
    assert f'href="/orders/{order["id"]}/pay"' in page
    # What it has set aside is left for this shopper.
    assert "No longer available" not in page
    cancelled = submit(shop, shopper, f"/orders/{order['id']}/cancel", **{"from": "cart"})
    assert cancelled.headers["location"] == "/cart"
    assert "Your order is waiting" not in shopper.client.get("/cart").text
    assert shopper.cart()["totalQuantity"] == 2
    eventually(lambda: admin.product(thing["id"])["available"], lambda left: left == 2)
    assert shopper.check_out()["id"] != order["id"]


def test_a_changed_cart_replaces_its_order_and_what_that_held_is_free_at_once(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=3)
    shopper.put_in_cart(thing["id"], 2)
    first = shopper.check_out()
    ok(shopper.client.put(f"/api/cart/items/{thing['id']}", json={"quantity": 1}))
    second = shopper.check_out()
    assert first["id"] != second["id"]
    assert [order["id"] for order in unpaid(shopper)] == [second["id"]]
    assert admin.product(thing["id"])["available"] == 2
    assert shopper.order(first["id"])["status"] == "cancelled"
    refused(shopper.pay(first), 409, "ORDER_NOT_PAYABLE")
    ok(shopper.pay(second), 201)
    shopper.order_when(second["id"], "completed")
    assert not [net for net in charges_of(shop, first["id"]) if net]


@pytest.mark.parametrize("_", range(5))
def test_payment_in_one_tab_and_a_changed_cart_checked_out_in_the_other(
    shop: Shop, admin: Admin, shopper: Shopper, _: int
) -> None:
    """Whoever is first: the money that stays is that of the orders that are completed."""
    thing = admin.add_product(quantity=9, price=700)
    shopper.put_in_cart(thing["id"])
    first = shopper.check_out()
    shopper.put_in_cart(thing["id"])
    at_once(
        [
            partial(shopper.pay, first),
            partial(shopper.client.post, "/api/cart/checkout", json={}),
        ]
    )
    settled = {"completed", "cancelled"}
    old = eventually(lambda: shopper.order(first["id"]), lambda order: order["status"] in settled)
    kept = 700 if old["status"] == "completed" else 0
    eventually(lambda: sum(charges_of(shop, first["id"])), lambda net: net == kept)
    for order in unpaid(shopper):
        assert order["id"] != first["id"]
        ok(shopper.client.delete(f"/api/orders/{order['id']}"))
    eventually(
        lambda: admin.product(thing["id"])["available"],
        lambda left: left == (8 if kept else 9),
    )


def test_an_order_without_the_cart_takes_nothing_out_of_it(admin: Admin, shopper: Shopper) -> None:
    thing, other = admin.add_product(quantity=9), admin.add_product(quantity=9)
    shopper.put_in_cart(thing["id"], 2)
    shopper.put_in_cart(other["id"])
    at_once_order = shopper.buy_now((thing["id"], 1))
    ok(shopper.pay(at_once_order), 201)
    shopper.order_when(at_once_order["id"], "completed")
    # What is bought of the cart afterwards leaves it, and the events of one shopper's orders came.
    ok(shopper.client.delete("/api/cart/remove", params={"productId": other["id"]}))
    order = shopper.check_out()
    assert [item["quantity"] for item in order["items"]] == [2]
    ok(shopper.pay(order), 201)
    eventually(shopper.cart, lambda cart: cart["items"] == [])


def test_one_account_cannot_hold_all_stock_without_paying(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=300)
    lines = {"items": [{"productId": thing["id"], "quantity": 99}]}
    answers = at_once([partial(shopper.client.post, "/api/orders", json=lines) for _ in range(3)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    [problem] = {answer.json()["reason"] for answer in answers if answer.status_code == 409}
    assert problem == "TOO_MANY_UNPAID_ITEMS"
    [line] = refused(shopper.client.post("/api/orders", json=lines), 409, "TOO_MANY_UNPAID_ITEMS")[
        "lines"
    ]
    assert (line["requested"], line["held"], line["limit"]) == (99, 99, HELD_AT_MOST)
    assert admin.product(thing["id"])["available"] == 201
    [order] = unpaid(shopper)
    ok(shopper.client.delete(f"/api/orders/{order['id']}"))
    ok(shopper.client.post("/api/orders", json=lines), 201)


def test_a_refusal_of_many_long_titles_arrives(admin: Admin, shopper: Shopper) -> None:
    things = [
        admin.add_product(quantity=1, title=f"{number:02} {'long ' * 39}".strip())
        for number in range(30)
    ]
    lines = [{"productId": thing["id"], "quantity": 2} for thing in things]
    key = {"Idempotency-Key": f"many of {shopper.user['id']}"}
    for _ in range(2):
        answer = shopper.client.post("/api/orders", json={"items": lines}, headers=key)
        assert len(refused(answer, 409, "OUT_OF_STOCK")["lines"]) == 20
    assert ok(shopper.client.get("/api/orders"))["totalSize"] == 0

"""Shops of other currencies: one starts with its demo data, sells, gives back, and says so.

It does not start again in yet another one.
"""

import re
from pathlib import Path

import pytest

from chassis.currencies import currency
from tests.support.people import Admin, Json, Shop, Shopper, charges_of, eventually, ok, refused
from tests.support.running import running_shop, shop_with_pictures


@pytest.mark.parametrize(
    ("code", "least", "most", "refund", "refund_minor"),
    [("JPY", "1,500", "9,000", "500", 500), ("KWD", "3", "18.5", "1.250", 1250)],
)
def test_a_shop_of_another_currency_sells_and_gives_back(
    shop: Shop, tmp_path: Path, code: str, least: str, most: str, refund: str, refund_minor: int
) -> None:
    data = shop_with_pictures(tmp_path / "data", shop.data)
    with (
        running_shop(data, {"CURRENCY": code}) as theirs,
        theirs.visitor() as browser,
        theirs.visitor() as console,
    ):
        shopper, admin = Shopper(browser), Admin(console)
        shopper.sign_up()
        login = theirs.ready["logins"]["admin"]
        admin.sign_in(login["email"], login["password"])
        sell(theirs, shopper, admin, code, (least, most), (refund, refund_minor))
    does_not_start(data, "EUR", code)


def does_not_start(data: Path, code: str, theirs: str) -> None:
    """A shop is not started in another currency than the products have that are there."""
    with (
        pytest.raises(AssertionError, match="the shop did not start") as refused_start,
        running_shop(data, {"CURRENCY": code}),
    ):
        pass
    said = str(refused_start.value)
    assert f"svc_catalog could not start: CURRENCY is {code}" in said
    assert f"priced in {theirs}: set CURRENCY={theirs}" in said
    assert "Traceback" not in said


def sell(
    shop: Shop,
    shopper: Shopper,
    admin: Admin,
    code: str,
    prices: tuple[str, str],
    refund: tuple[str, int],
) -> None:
    """One purchase, from the price filter to the notification of the refund."""
    config = ok(shopper.client.get("/api/catalog/config"))
    assert (config["currency"], config["decimals"]) == (code, currency(code).decimals)
    page = shopper.client.get("/", params={"minPrice": prices[0], "maxPrice": prices[1]}).text
    [found, *_] = re.findall(r'href="/products/([A-Za-z0-9-]+)"', page)
    product = admin.product(found)
    price = currency(code).written(product["price"]["amountMinor"])
    assert price in page

    least = currency(code).minimum
    if least > currency(code).step:
        cheap = _priced(admin, least - 1, code)
        body = {"items": [{"productId": cheap["id"], "quantity": 1}]}
        problem = refused(
            shopper.client.post("/api/orders", json=body), 409, "TOTAL_NOT_CHARGEABLE"
        )
        assert problem["minimum"] == {"amountMinor": least, "currency": code}
        assert admin.product(cheap["id"])["available"] == 1

    shopper.put_in_cart(found)
    assert price in shopper.client.get("/cart").text
    order = shopper.check_out()
    assert f"Pay {price}" in shopper.client.get(f"/orders/{order['id']}/pay").text
    payment = ok(shopper.pay(order), 201)["payment"]
    shopper.order_when(order["id"], "completed")
    assert price in shopper.client.get(f"/orders/{order['id']}").text
    assert charges_of(shop, order["id"]) == [product["price"]["amountMinor"]]

    shown = admin.client.get(f"/admin/orders/{order['id']}").text
    [key] = re.findall(r'name="key" value="([^"]+)"', shown)
    form = {"share": "part", "amount": refund[0], "currency": code, "key": key}
    form["paymentId"] = payment["id"]
    answer = admin.client.post(
        f"/admin/orders/{order['id']}/refund", data=form, headers={"Origin": shop.url}
    )
    assert answer.status_code == 303, answer.text
    assert charges_of(shop, order["id"]) == [product["price"]["amountMinor"] - refund[1]]
    given_back = currency(code).written(refund[1])
    assert given_back in admin.client.get(f"/admin/orders/{order['id']}").text
    eventually(lambda: given_back in " ".join(titles(shopper)))
    assert price in " ".join(titles(shopper))
    assert currency(code).written(0)[-3:] in admin.client.get("/admin").text


def _priced(admin: Admin, amount: int, code: str) -> Json:
    """A new product at a price in a currency."""
    body = {
        "title": "Token",
        "category": "Tests",
        "price": {"amountMinor": amount, "currency": code},
        "quantity": 1,
    }
    product: Json = ok(admin.client.post("/api/products", json=body), 201)["product"]
    return product


def titles(shopper: Shopper) -> list[str]:
    """What the shopper's notifications say."""
    found = ok(shopper.client.get("/api/notifications", params={"pageSize": 100}))
    return [each["title"] for each in found["notifications"]]

"""Many at once: nothing is sold twice, ordered twice or charged twice."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import httpx
import pytest

from tests.support.crowds import at_once
from tests.support.people import Admin, Shop, Shopper, charges_of, eventually, ok, refused

CROWD = 50
CLICKS = 20
# Hashing passwords is slow on purpose; the shop does two at a time.
SIGN_UPS_AT_ONCE = 4


@pytest.fixture(scope="module")
def crowd(shop: Shop) -> Iterator[list[Shopper]]:
    """Fifty people with accounts of their own."""
    with ExitStack() as stack:
        people = [Shopper(stack.enter_context(shop.visitor())) for _ in range(CROWD)]
        with ThreadPoolExecutor(SIGN_UPS_AT_ONCE) as pool:
            list(pool.map(Shopper.sign_up, people))
        yield people


def test_fifty_shoppers_want_the_last_five(shop: Shop, admin: Admin, crowd: list[Shopper]) -> None:
    thing = admin.add_product(quantity=5, price=700)
    for person in crowd:
        person.put_in_cart(thing["id"])

    answers = at_once(
        [partial(person.client.post, "/api/cart/checkout", json={}) for person in crowd]
    )

    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 45}
    for answer in answers:
        if answer.status_code == 409:
            problem = refused(answer, 409, "OUT_OF_STOCK")
            [line] = problem["lines"]
            assert line["productId"] == thing["id"]
            assert line["title"] == thing["title"]
            assert line["requested"] == 1
            assert line["available"] == 0
    left = admin.product(thing["id"])
    assert (left["quantity"], left["available"]) == (5, 0)

    lucky = [
        (person, ok(answer, 201)["order"])
        for person, answer in zip(crowd, answers, strict=True)
        if answer.status_code == 201
    ]
    paid = at_once([partial(person.pay, order) for person, order in lucky])
    assert {answer.status_code for answer in paid} == {201}
    for person, order in lucky:
        person.order_when(order["id"], "completed")
        assert charges_of(shop, order["id"]) == [700]
    eventually(lambda: admin.product(thing["id"])["quantity"], lambda quantity: quantity == 0)
    assert admin.product(thing["id"])["available"] == 0
    for person in crowd:
        page = ok(person.client.get("/api/orders"))
        assert page["totalSize"] == (1 if any(person is each for each, _ in lucky) else 0)


def test_lines_of_the_same_product_count_together(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=5)
    lines = [{"productId": thing["id"], "quantity": 3}, {"productId": thing["id"], "quantity": 3}]
    answer = shopper.client.post("/api/orders", json={"items": lines})
    [line] = refused(answer, 409, "OUT_OF_STOCK")["lines"]
    assert (line["requested"], line["available"]) == (6, 5)
    assert admin.product(thing["id"])["available"] == 5

    order = shopper.buy_now((thing["id"], 2), (thing["id"], 3))
    assert sum(item["quantity"] for item in order["items"]) == 5
    assert order["total"]["amountMinor"] == 5 * thing["price"]["amountMinor"]
    assert admin.product(thing["id"])["available"] == 0


def test_one_short_line_takes_nothing_of_the_others(admin: Admin, shopper: Shopper) -> None:
    plenty, scarce = admin.add_product(quantity=10), admin.add_product(quantity=1)
    body = {
        "items": [
            {"productId": plenty["id"], "quantity": 4},
            {"productId": scarce["id"], "quantity": 2},
        ]
    }
    problem = refused(shopper.client.post("/api/orders", json=body), 409, "OUT_OF_STOCK")
    assert [line["productId"] for line in problem["lines"]] == [scarce["id"]]
    assert admin.product(plenty["id"])["available"] == 10
    assert admin.product(scarce["id"])["available"] == 1


def test_twenty_checkouts_of_one_cart_are_one_order(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=50)
    shopper.put_in_cart(thing["id"], 2)

    def check_out(_: int) -> httpx.Response:
        return shopper.client.post("/api/cart/checkout", json={})

    answers = at_once([partial(check_out, number) for number in range(CLICKS)])

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["order"]["id"] for answer in answers}) == 1
    assert ok(shopper.client.get("/api/orders"))["totalSize"] == 1
    assert admin.product(thing["id"])["available"] == 48


def test_one_key_is_one_order_and_no_other_body(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=50)
    headers = {"Idempotency-Key": f"key of {shopper.user['id']}"}

    def buy(quantity: int) -> httpx.Response:
        lines = [{"productId": thing["id"], "quantity": quantity}]
        return shopper.client.post("/api/orders", json={"items": lines}, headers=headers)

    answers = at_once([partial(buy, 2) for _ in range(CLICKS)])
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["order"]["id"] for answer in answers}) == 1
    refused(buy(3), 422, "IDEMPOTENCY_KEY_REUSED")
    assert admin.product(thing["id"])["available"] == 48


def test_twenty_payments_of_one_order_are_one_charge(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=5, price=1900)
    order = shopper.buy_now((thing["id"], 1))
    cards = ["pm_card_visa", "tok_visa", "pm_card_mastercard", "pm_card_visa"]

    answers = at_once(
        [partial(shopper.pay, order, cards[number % len(cards)]) for number in range(CLICKS)]
    )

    payments = {answer.json()["payment"]["id"] for answer in answers if answer.status_code == 201}
    assert len(payments) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert answer.status_code == 409, answer.text
            assert answer.json()["reason"] in {"PAYMENT_IN_PROGRESS", "ORDER_NOT_PAYABLE"}
    shopper.order_when(order["id"], "completed")
    assert [net for net in charges_of(shop, order["id"]) if net] == [1900]
    eventually(lambda: admin.product(thing["id"])["quantity"], lambda quantity: quantity == 4)


def test_twenty_additions_to_a_cart_all_count(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=99)
    body = {"productId": thing["id"], "quantity": 1}
    answers = at_once(
        [partial(shopper.client.post, "/api/cart/add", json=body) for _ in range(CLICKS)]
    )
    assert {answer.status_code for answer in answers} == {200}
    assert shopper.cart()["totalQuantity"] == CLICKS

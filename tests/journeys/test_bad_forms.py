"""Bad forms, bad webhooks, and bad values whose rules span fields: refused, nothing changed."""

import time
from typing import Any

import httpx
import pytest

from tests.support.people import Admin, Json, Shop, Shopper, ok, refused
from tests.support.pictures import FORM_TYPE, form, picture

MEBIBYTE = 1024 * 1024
FIELDS = {
    "title": "A thing in a form",
    "category": "Forms",
    "price.amountMinor": "1250",
    "price.currency": "USD",
    "quantity": "3",
}


@pytest.fixture
def things(admin: Admin) -> Any:
    """How many products there are in the forms' category; the same after as before."""

    def count() -> int:
        return int(ok(admin.client.get("/api/products?category=Forms"))["totalSize"])

    before = count()
    yield count
    assert count() == before


def send(admin: Admin, content: bytes, path: str = "/api/products") -> httpx.Response:
    """A form as it is."""
    return admin.client.post(path, content=content, headers=FORM_TYPE)


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("quantity", "many"),
        ("quantity", "1.5"),
        ("quantity", "-1"),
        ("quantity", "1000001"),
        ("price.amountMinor", "0"),
        ("price.amountMinor", "12.50"),
        ("price.amountMinor", "-5"),
        ("price.currency", "dollars"),
        ("title", ""),
        ("title", "a" * 201),
        ("unheardOf", "1"),
        ("version", "7"),
        ("userId", "somebody"),
    ],
)
def test_a_field_of_a_form(admin: Admin, field: str, text: str) -> None:
    answer = send(admin, form(FIELDS | {field: text}, picture(8, 8)))
    problem = refused(answer, 400, "VALIDATION_FAILED")
    assert field in {each["field"] for each in problem["errors"]}


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing of a form",
        form(FIELDS, end=""),
        form(FIELDS, picture(8, 8))[:-40],
        form(FIELDS)[20:],
        b"--picture-boundary\r\nContent-Disposition: nonsense\r\n\r\nx\r\n--picture-boundary--\r\n",
    ],
    ids=["empty", "no form", "open", "cut", "beheaded", "nameless"],
)
def test_a_broken_form(admin: Admin, content: bytes) -> None:
    refused(send(admin, content), 400, "VALIDATION_FAILED")


@pytest.mark.usefixtures("things")
def test_a_form_without_a_boundary(admin: Admin) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    answer = admin.client.post("/api/products", content=form(FIELDS), headers=headers)
    refused(answer, 400, "VALIDATION_FAILED")


@pytest.mark.usefixtures("things")
@pytest.mark.parametrize(
    "image",
    [
        b"no picture at all",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
        picture(64, 64)[:60],
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"GIF89a",
    ],
    ids=["text", "empty png", "cut png", "svg", "gif head"],
)
def test_what_is_no_picture(admin: Admin, image: bytes) -> None:
    problem = refused(send(admin, form(FIELDS, image)), 400, "VALIDATION_FAILED")
    assert [each["field"] for each in problem["errors"]] == ["image"]


@pytest.mark.usefixtures("things")
def test_a_picture_that_is_too_large(admin: Admin) -> None:
    answer = send(admin, form(FIELDS, picture(8, 8) + b"\0" * 8 * MEBIBYTE))
    refused(answer, 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.usefixtures("things")
def test_a_file_where_none_is_expected(admin: Admin) -> None:
    content = form(FIELDS, picture(8, 8)).replace(b'name="image"', b'name="manual"')
    problem = refused(send(admin, content), 400, "VALIDATION_FAILED")
    assert [each["field"] for each in problem["errors"]] == ["manual"]


def test_forms_are_for_pictures_only(admin: Admin, shopper: Shopper) -> None:
    answer = shopper.client.post("/api/cart/add", content=form(FIELDS), headers=FORM_TYPE)
    refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("price", "field"),
    [
        ({"amountMinor": 0, "currency": "USD"}, "price.amountMinor"),
        ({"amountMinor": 100, "currency": "EUR"}, "price.currency"),
    ],
)
def test_a_price_that_nothing_is_sold_at(admin: Admin, price: Json, field: str) -> None:
    body = {"title": "A thing", "category": "Forms", "price": price, "quantity": 1}
    problem = refused(admin.client.post("/api/products", json=body), 400, "VALIDATION_FAILED")
    assert [each["field"] for each in problem["errors"]] == [field]


@pytest.mark.parametrize("key", ["0" * 64, "../../x"])
def test_a_picture_key_of_nothing(admin: Admin, key: str) -> None:
    price = {"amountMinor": 100, "currency": "USD"}
    body = {"title": "A thing", "category": "Forms", "price": price, "imageKey": key}
    problem = refused(admin.client.post("/api/products", json=body), 400, "VALIDATION_FAILED")
    assert [each["field"] for each in problem["errors"]] == ["imageKey"]


def test_a_line_of_a_cart_stays_below_a_hundred(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=500)
    shopper.put_in_cart(thing["id"], 60)
    body = {"productId": thing["id"], "quantity": 40}
    problem = refused(shopper.client.post("/api/cart/add", json=body), 400, "VALIDATION_FAILED")
    assert [each["field"] for each in problem["errors"]] == ["quantity"]
    assert shopper.cart()["totalQuantity"] == 60


def test_a_payment_without_a_card(admin: Admin, shopper: Shopper) -> None:
    order = shopper.buy_now((admin.add_product(quantity=5)["id"], 1))
    answer = shopper.client.post("/api/payments", json={"orderId": order["id"]})
    problem = refused(answer, 400, "VALIDATION_FAILED")
    assert {each["field"] for each in problem["errors"]} <= {"token", "paymentMethodId", "card"}
    assert problem["errors"]
    both = {"orderId": order["id"], "token": "tok_visa", "paymentMethodId": "pm_card_visa"}
    refused(shopper.client.post("/api/payments", json=both), 400, "VALIDATION_FAILED")
    assert shopper.order(order["id"])["status"] == "pending"


def test_a_refund_of_too_much(shop: Shop, admin: Admin, shopper: Shopper) -> None:
    order = shopper.buy_now((admin.add_product(quantity=5, price=900)["id"], 1))
    payment = ok(shopper.pay(order), 201)["payment"]
    path = f"/api/payments/admin/{payment['id']}/refund"

    def refund(amount: int, currency: str, key: str = "k") -> httpx.Response:
        body = {"amount": {"amountMinor": amount, "currency": currency}, "idempotencyKey": key}
        return admin.client.post(path, json=body)

    refused(refund(901, "USD"), 409, "REFUND_NOT_POSSIBLE")
    refused(refund(0, "USD"), 400, "VALIDATION_FAILED")
    refused(refund(100, "EUR"), 400, "VALIDATION_FAILED")
    problem = refused(refund(100, "USD", key=""), 400, "VALIDATION_FAILED")
    assert [each["field"] for each in problem["errors"]] == ["idempotencyKey"]
    paid = ok(shopper.client.get(f"/api/payments/{payment['id']}"))["payment"]
    assert paid["refunded"] == {"amountMinor": 0, "currency": "USD"}


@pytest.mark.parametrize(
    "signature",
    ["", "nonsense", "t=1,v1=00", f"t={int(time.time())},v1={'0' * 64}", "t=,v1="],
)
def test_a_webhook_that_stripe_did_not_sign(shop: Shop, signature: str) -> None:
    event = b'{"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {}}}'
    headers = {"Content-Type": "application/json"}
    if signature:
        headers["Stripe-Signature"] = signature
    answer = httpx.post(f"{shop.url}/api/payments/webhook", content=event, headers=headers)
    refused(answer, 400, "WEBHOOK_INVALID")
    answer = httpx.post(f"{shop.url}/api/payments/webhook", content=b"", headers=headers)
    assert answer.status_code == 400

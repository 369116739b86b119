"""Editing a product while it sells: what is not touched is not sent, what is sold stays sold."""

import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from html import unescape

import httpx

from tests.support.crowds import at_once
from tests.support.people import Admin, Json, Shop, Shopper, eventually, ok, refused
from tests.support.pictures import picture

BUYERS = 3
EDITS = 8

_CONTROL = re.compile(
    r'<(?:input|textarea)\b[^>]*? name="(?P<name>[^"]+)"[^>]*>(?P<text>[^<]*)', re.DOTALL
)
_VALUE = re.compile(r'\bvalue="([^"]*)"')


def form_of(admin: Admin, product: Json) -> dict[str, str]:
    """The fields of the console's form, as a browser would send them back untouched."""
    page = admin.client.get(f"/admin/products/{product['id']}")
    assert page.status_code == 200, page.text
    form = page.text.split('class="panel product-form"')[1].split("</form>")[0]
    fields = {}
    for control in _CONTROL.finditer(form):
        value = _VALUE.search(control[0])
        fields[control["name"]] = unescape(value[1] if value else control["text"])
    del fields["image"]
    return fields


def save(
    admin: Admin, product: Json, form: Mapping[str, str], image: bytes | None = None
) -> httpx.Response:
    """Press Save, as a browser does; where no picture was chosen it sends a part without a name."""
    file = ("a.png", image, "image/png") if image else ("", b"", "application/octet-stream")
    return admin.client.post(
        f"/admin/products/{product['id']}",
        data=dict(form),
        files={"image": file},
        headers={"Origin": str(admin.client.base_url).rstrip("/")},
    )


@contextmanager
def selling(shop: Shop, product: Json) -> Iterator[list[int]]:
    """While the block runs, some people buy the product one by one; how many each has bought."""
    stop = threading.Event()
    bought = [0] * BUYERS

    def buy(number: int, person: Shopper) -> None:
        while not stop.is_set():
            order = person.buy_now((product["id"], 1))
            ok(person.pay(order), 201)
            bought[number] += 1

    with ExitStack() as stack:
        people = [Shopper(stack.enter_context(shop.visitor())) for _ in range(BUYERS)]
        for person in people:
            person.sign_up()
        threads = [
            threading.Thread(target=buy, args=each, daemon=True) for each in enumerate(people)
        ]
        for thread in threads:
            thread.start()
        eventually(lambda: all(bought))
        try:
            yield bought
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def wait_for_more(bought: list[int]) -> None:
    """Wait until one more is sold."""
    before = sum(bought)
    eventually(lambda: sum(bought) > before)


def test_a_product_that_sells_is_edited_at_the_first_try(shop: Shop, admin: Admin) -> None:
    thing = admin.add_product(quantity=1000)
    with selling(shop, thing) as bought:
        for number in range(EDITS):
            form = form_of(admin, thing)
            wait_for_more(bought)
            saved = save(admin, thing, {**form, "description": f"Edit {number}"})
            assert (saved.status_code, saved.headers.get("location")) == (303, "/admin/products")
            edit = {
                "title": f"Thing {number}",
                "quantityChange": 2,
                "detailsVersion": 2 * number + 2,
            }
            ok(admin.client.patch(f"/api/products/{thing['id']}", json=edit))
        saved = save(admin, thing, form_of(admin, thing) | {"price": "12.50"}, picture(40, 30))
        assert saved.status_code == 303
    left = 1000 + 2 * EDITS - sum(bought)
    now = eventually(
        lambda: admin.product(thing["id"]), lambda product: product["quantity"] == left
    )
    assert now["available"] == left
    assert (now["description"], now["title"]) == (f"Edit {EDITS - 1}", f"Thing {EDITS - 1}")
    assert now["price"]["amountMinor"] == 1250
    assert now["imageUrl"]
    assert now["detailsVersion"] == 2 * EDITS + 2


def test_who_only_changed_the_description_gives_no_stock_back(
    admin: Admin, shopper: Shopper
) -> None:
    """Stock 10; the form is opened; two are bought and one is held; the description is saved."""
    thing = admin.add_product(quantity=10)
    form = form_of(admin, thing)
    order = shopper.buy_now((thing["id"], 2))
    ok(shopper.pay(order), 201)
    shopper.order_when(order["id"], "completed")
    eventually(lambda: admin.product(thing["id"]), lambda product: product["quantity"] == 8)
    shopper.buy_now((thing["id"], 1))
    assert save(admin, thing, {**form, "description": "New"}).status_code == 303
    now = admin.product(thing["id"])
    assert (now["quantity"], now["available"], now["description"]) == (8, 7, "New")


def test_two_admins_see_only_what_the_other_changed(admin: Admin) -> None:
    thing = admin.add_product(quantity=10, price=1250)
    first, second = form_of(admin, thing), form_of(admin, thing)
    assert save(admin, thing, {**first, "title": "First's", "price": "15.00"}).status_code == 303
    merged = save(admin, thing, {**second, "description": "Second's"})
    assert merged.status_code == 303
    late = save(admin, thing, {**second, "title": "Second's", "quantityChange": "1"})
    assert late.status_code == 409
    assert "Below is what you typed" in late.text
    now = admin.product(thing["id"])
    assert (now["title"], now["price"]["amountMinor"]) == ("First's", 1500)
    assert (now["description"], now["quantity"]) == ("Second's", 10)


def test_stock_goes_up_and_down_by_what_is_given(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=10)
    shopper.buy_now((thing["id"], 4))
    path = f"/api/products/{thing['id']}"
    taken = refused(admin.client.patch(path, json={"quantityChange": -7}), 400, "VALIDATION_FAILED")
    assert taken["errors"] == [
        {"field": "quantityChange", "message": "must be at least -6, as so many are not reserved"}
    ]
    changes = [{"quantityChange": change} for change in (5, -3, 5, -3, 1)]
    answers = at_once([partial(admin.client.patch, path, json=change) for change in changes])
    assert {answer.status_code for answer in answers} == {200}
    now = admin.product(thing["id"])
    assert (now["quantity"], now["available"]) == (15, 11)


def test_an_edit_whose_answer_was_lost_is_sent_again(admin: Admin) -> None:
    thing = admin.add_product(quantity=10)
    for _ in range(2):
        answer = admin.client.patch(
            f"/api/products/{thing['id']}",
            json={"quantityChange": 5},
            headers={"Idempotency-Key": "delivery 7"},
        )
        assert ok(answer)["product"]["quantity"] == 15


def test_categories_that_differ_in_case_only_are_one(admin: Admin, guest: Shopper) -> None:
    name = f"Zebra {uuid.uuid4().hex[:8]}"
    things = [admin.add_product(quantity=1, category=each) for each in (name, name.lower())]
    assert [each["category"] for each in things] == [name, name]
    found = ok(guest.client.get("/api/products", params={"category": name.upper()}))
    assert found["totalSize"] == 2

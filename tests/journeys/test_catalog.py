"""Looking for things, and what an admin does to them."""

import io
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from devstack.demo.catalogue import load_catalogue
from tests.support.people import Admin, Json, Shop, Shopper, eventually, ok, refused
from tests.support.pictures import FORM_TYPE, form, picture

WIDTHS = [320, 640, 1280]


@pytest.fixture(scope="module")
def shelf(shop: Shop) -> Iterator[list[Json]]:
    """Products that share a word of their own, in three categories of their own."""
    with shop.visitor() as client:
        admin = Admin(client)
        admin.sign_in(**shop.ready["logins"]["admin"])
        word = f"zz{uuid.uuid4().hex[:10]}"
        yield [
            admin.add_product(
                quantity=number % 4,
                price=100 * (number % 5 + 1),
                title=f"{word} {'lamp' if number % 2 else 'chair'} number {number:02}",
                description="Made of Ash & Élm",
                category=f"{word} {'abc'[number % 3]}",
            )
            for number in range(13)
        ]


def word_of(shelf: list[Json]) -> str:
    """The word that all of them share."""
    return str(shelf[0]["title"].split()[0])


def listed(guest: Shopper, **query: Any) -> Json:
    """A page of products."""
    return ok(guest.client.get("/api/products", params=query))


def ids(products: list[Json]) -> list[str]:
    """Their ids."""
    return [product["id"] for product in products]


def test_words_must_all_occur_in_any_form_or_begun(guest: Shopper, shelf: list[Json]) -> None:
    word = word_of(shelf)
    assert listed(guest, q=word)["totalSize"] == 13
    assert listed(guest, q=word[:8])["totalSize"] == 13
    assert listed(guest, q=f"{word} lamp")["totalSize"] == 6
    assert listed(guest, q=f"LAMP {word.upper()}")["totalSize"] == 6
    assert listed(guest, q=f"{word} lam")["totalSize"] == 6
    assert listed(guest, q=f"{word} elm ash")["totalSize"] == 13
    assert listed(guest, q=f"{word[:8]} lamps")["totalSize"] == 6
    some = listed(guest, q=f"{word} qqqqzzzz")
    assert (some["totalSize"], some["search"]["anyWord"]) == (13, True)


def test_what_has_no_letters_finds_nothing(guest: Shopper) -> None:
    found = listed(guest, q="!!!")
    assert (found["totalSize"], found["products"]) == (0, [])
    assert "Kitchen" in found["search"]["suggestedCategories"]


def test_filters_narrow_and_facets_count(guest: Shopper, shelf: list[Json]) -> None:
    word = word_of(shelf)
    counts = {
        each["category"]: each["count"] for each in listed(guest, q=word)["facets"]["categories"]
    }
    assert counts == {f"{word} a": 5, f"{word} b": 4, f"{word} c": 4}
    page = listed(guest, q=word, category=f"{word} b")
    assert ids(page["products"]) == ids(
        [each for each in shelf[::-1] if each["category"][-1] == "b"]
    )
    assert page["facets"] == listed(guest, q=word)["facets"]

    priced = listed(guest, q=word, minPrice=200, maxPrice=300)
    assert {each["price"]["amountMinor"] for each in priced["products"]} == {200, 300}
    assert priced["totalSize"] == len(priced["products"]) == 6
    there = listed(guest, q=word, inStock="true")["products"]
    gone = listed(guest, q=word, inStock="false")["products"]
    assert all(each["available"] > 0 for each in there)
    assert all(each["available"] == 0 for each in gone)
    assert sorted(ids(there) + ids(gone)) == sorted(ids(shelf))


@pytest.mark.parametrize("sort", ["", "newest", "price", "-price", "title"])
def test_pages_follow_each_other_without_gaps(guest: Shopper, shelf: list[Json], sort: str) -> None:
    query: dict[str, Any] = {"q": word_of(shelf), "pageSize": 4} | ({"sort": sort} if sort else {})
    pages = [listed(guest, **query)]
    while token := pages[-1]["nextPageToken"]:
        pages.append(listed(guest, **query, pageToken=token))
    found = [product for page in pages for product in page["products"]]
    assert [len(page["products"]) for page in pages] == [4, 4, 4, 1]
    assert {page["totalSize"] for page in pages} == {13}
    assert sorted(ids(found)) == sorted(ids(shelf))
    prices = [product["price"]["amountMinor"] for product in found]
    match sort:
        case "price":
            assert prices == sorted(prices)
        case "-price":
            assert prices == sorted(prices, reverse=True)
        case "title":
            assert ids(found) == ids(sorted(shelf, key=lambda each: str(each["title"])))
        case _:
            assert ids(found) == ids(shelf[::-1])


def test_a_page_token_is_for_its_own_list(guest: Shopper, shelf: list[Json]) -> None:
    word = word_of(shelf)
    token = listed(guest, q=word, pageSize=2)["nextPageToken"]
    for other in ({"q": word, "sort": "title"}, {"q": "lamp"}, {"category": f"{word} a"}):
        answer = guest.client.get("/api/products", params=other | {"pageToken": token})
        problem = refused(answer, 400, "VALIDATION_FAILED")
        assert [each["field"] for each in problem["errors"]] == ["pageToken"]


def test_the_demo_shop_is_stocked(guest: Shopper) -> None:
    demo = {product.category for product in load_catalogue()}
    counts = {each["category"]: each["count"] for each in listed(guest)["facets"]["categories"]}
    assert len(demo) >= 6
    assert sum(counts[category] for category in demo) >= 60
    for category in demo:
        product = listed(guest, category=category, pageSize=1)["products"][0]
        answer = guest.client.get(product["imageUrl"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")


def test_an_unchanged_product_is_not_sent_again(admin: Admin, guest: Shopper) -> None:
    thing = admin.add_product(quantity=5)
    path = f"/api/products/{thing['id']}"
    etag = guest.client.get(path).headers["etag"]
    again = guest.client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)

    changed = ok(admin.client.put(path, json=_fields(thing, quantity=6)))["product"]
    fresh = guest.client.get(path, headers={"If-None-Match": etag})
    assert ok(fresh)["product"] == changed
    assert fresh.headers["etag"] != etag


def test_who_changes_an_old_version_is_shown_the_current_one(admin: Admin) -> None:
    thing = admin.add_product(quantity=5)
    path = f"/api/products/{thing['id']}"
    current = ok(admin.client.put(path, json=_fields(thing, title="Changed once")))["product"]
    assert current["version"] > thing["version"]
    problem = refused(
        admin.client.put(path, json=_fields(thing, title="Changed late")), 409, "VERSION_CONFLICT"
    )
    assert problem["current"] == current == admin.product(thing["id"])

    body = _fields(current, title="By header")
    del body["version"]
    etag = admin.client.get(path).headers["etag"]
    assert ok(admin.client.put(path, json=body, headers={"If-Match": etag}))["product"][
        "title"
    ] == ("By header")
    refused(admin.client.put(path, json=body, headers={"If-Match": etag}), 409, "VERSION_CONFLICT")


def test_less_than_is_reserved_can_not_be_left(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=5)
    shopper.buy_now((thing["id"], 3))
    now = admin.product(thing["id"])
    answer = admin.client.put(f"/api/products/{thing['id']}", json=_fields(now, quantity=2))
    problem = refused(answer, 400, "VALIDATION_FAILED")
    assert [each["field"] for each in problem["errors"]] == ["quantity"]
    less = ok(admin.client.put(f"/api/products/{thing['id']}", json=_fields(now, quantity=3)))
    assert less["product"]["available"] == 0


def test_a_picture_is_served_in_three_widths(admin: Admin, guest: Shopper) -> None:
    texts = {
        "title": "A thing with a picture",
        "category": "Tests",
        "price.amountMinor": "500",
        "price.currency": "USD",
        "quantity": "1",
    }
    answer = admin.client.post(
        "/api/products", content=form(texts, picture(1600, 900)), headers=FORM_TYPE
    )
    product = ok(answer, 201)["product"]
    assert [each["width"] for each in product["images"]] == WIDTHS
    assert product["imageUrl"] == product["images"][1]["url"]
    for image in product["images"]:
        served = guest.client.get(image["url"])
        assert served.headers["content-type"] == "image/webp"
        assert "immutable" in served.headers["cache-control"]
        assert served.headers["x-content-type-options"] == "nosniff"
        with Image.open(io.BytesIO(served.content)) as opened:
            assert (opened.format, opened.width) == ("WEBP", image["width"])
            assert abs(opened.height - image["width"] * 900 / 1600) <= 1

    kept = admin.client.put(f"/api/products/{product['id']}", json=_fields(product, title="Kept"))
    assert ok(kept)["product"]["images"] == product["images"]


def test_a_deleted_product_stays_in_past_orders(
    admin: Admin, shopper: Shopper, guest: Shopper
) -> None:
    thing = admin.add_product(quantity=5, price=1100)
    order = shopper.buy_now((thing["id"], 2))
    assert admin.client.delete(f"/api/products/{thing['id']}").status_code == 204

    gone = refused(guest.client.get(f"/api/products/{thing['id']}"), 404, "NOT_FOUND")
    assert (gone["productTitle"], gone["productCategory"]) == (thing["title"], "Tests")
    page = guest.client.get(f"/products/{thing['id']}")
    assert page.status_code == 410
    assert f"<bdi>{thing['title']}</bdi> is no longer sold" in page.text
    assert 'href="/?category=Tests"' in page.text
    assert thing["id"] not in ids(listed(guest, q=thing["title"])["products"])
    body = {"productId": thing["id"], "quantity": 1}
    # The cart hears of it by an event.
    added = eventually(
        lambda: guest.client.post("/api/cart/add", json=body),
        lambda answer: answer.status_code != 200,
    )
    refused(added, 404, "NOT_FOUND")
    lines = {"items": [body]}
    refused(shopper.client.post("/api/orders", json=lines), 404, "NOT_FOUND")
    assert admin.client.delete(f"/api/products/{thing['id']}").status_code in {204, 404}

    ok(shopper.pay(order), 201)
    done = shopper.order_when(order["id"], "completed")
    snapshot = {
        "productId": thing["id"],
        "title": thing["title"],
        "price": thing["price"],
        "quantity": 2,
    }
    assert done["items"] == [snapshot]


def test_a_renamed_product_keeps_its_name_in_past_orders(admin: Admin, shopper: Shopper) -> None:
    thing = admin.add_product(quantity=5, price=1100)
    order = shopper.buy_now((thing["id"], 1))
    now = admin.product(thing["id"])
    ok(admin.client.put(f"/api/products/{thing['id']}", json=_fields(now, title="Renamed")))
    assert shopper.order(order["id"])["items"][0]["title"] == thing["title"]


def test_a_missing_picture_is_not_found(shop: Shop) -> None:
    answer = httpx.get(f"{shop.url}/media/products/{'0' * 64}/640.webp")
    refused(answer, 404, "NOT_FOUND")


def _fields(product: Json, **changes: Any) -> Json:
    """The body that puts a product as it is, but for `changes`."""
    names = ("title", "description", "category", "price", "quantity", "version")
    return {name: product[name] for name in names} | changes

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, hidden, text_of, value_of

pytestmark = pytest.mark.anyio

CREATE = ("POST", "/api/products")
UPDATE = ("PATCH", "/api/products/p1")
TYPED = {
    "title": "Salt mill",
    "description": "Coarse\r\nor fine.",
    "category": "Kitchen",
    "price": "49.50",
    "currency": "USD",
    "quantity": "12",
}
# The form of samples.product() as it was made, before anything is typed.
MADE = {
    "title": "Walnut pepper mill",
    "description": "It grinds.",
    "category": "Kitchen",
    "price": "49.50",
    "currency": "USD",
}
UNTOUCHED = {
    **MADE,
    **{f"loaded-{name}": text for name, text in MADE.items()},
    "quantityChange": "",
    "detailsVersion": "2",
    "key": "f" * 32,
}
PICTURE = {"image": ("mill.png", b"\x89PNG picture", "image/png")}


async def test_the_list(admin: AsyncClient, api: FakeApi) -> None:
    page = await admin.get("/admin/products?q=mill")
    assert 'href="/admin/products/p1"' in page.text
    [request] = api.asked("GET", "/api/products")
    assert request.url.params["q"] == "mill"


async def test_the_form_shows_the_product(admin: AsyncClient) -> None:
    page = await admin.get("/admin/products/p1")
    assert value_of(page, "title") == "Walnut pepper mill"
    assert value_of(page, "price") == "49.50"
    assert hidden(page, "detailsVersion") == "2"
    assert {name: hidden(page, f"loaded-{name}") for name in MADE} == MADE
    assert value_of(page, "quantityChange") == ""
    assert 'id="quantity"' not in page.text


async def test_the_form_says_what_is_in_stock(admin: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/products/p1", {"product": samples.product(quantity=9, available=6)})
    page = await admin.get("/admin/products/p1")
    assert "9 in stock, 3 of them in orders that are not paid yet." in text_of(page)


async def test_the_form_for_a_new_one_is_empty(admin: AsyncClient) -> None:
    page = await admin.get("/admin/products/new")
    assert value_of(page, "title") == ""
    assert 'action="/admin/products"' in page.text


async def test_a_product_is_added(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*CREATE, {"product": samples.product()}, 201)
    answer = await admin.post("/admin/products", data=TYPED)
    assert answer.headers["location"] == "/admin/products"
    assert api.sent(*CREATE) == {
        "title": "Salt mill",
        "description": "Coarse\nor fine.",
        "category": "Kitchen",
        "keywords": "",
        "price": {"amountMinor": 4950, "currency": "USD"},
        "quantity": 12,
    }


async def test_a_new_product_may_have_a_picture(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*CREATE, {"product": samples.product()}, 201)
    await admin.post("/admin/products", data=TYPED, files=PICTURE)
    [request] = api.asked(*CREATE)
    assert request.headers["content-type"].startswith("multipart/form-data")
    parts = request.content.replace(b"\r\n", b"\n")
    assert b'name="price.amountMinor"\n\n4950\n' in parts
    assert b'name="price.currency"\n\nUSD\n' in parts
    assert b'name="quantity"\n\n12\n' in parts
    assert b'name="image"; filename="mill.png"\nContent-Type: image/png\n\n\x89PNG pic' in parts


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ({"description": "Coarse\r\nor fine."}, {"description": "Coarse\nor fine."}),
        ({"description": ""}, {"description": ""}),
        ({"price": "50"}, {"price": {"amountMinor": 5000, "currency": "USD"}}),
        ({"price": "1,299.00"}, {"price": {"amountMinor": 129900, "currency": "USD"}}),
        ({"quantityChange": "5"}, {"quantityChange": 5}),
        ({"quantityChange": "-2", "title": "Mill"}, {"quantityChange": -2, "title": "Mill"}),
    ],
)
async def test_only_what_was_touched_is_sent(
    admin: AsyncClient, api: FakeApi, typed: dict[str, str], sent: dict[str, object]
) -> None:
    api.answers(*UPDATE, {"product": samples.product()})
    answer = await admin.post("/admin/products/p1", data={**UNTOUCHED, **typed})
    assert answer.headers["location"] == "/admin/products"
    assert api.sent(*UPDATE) == {**sent, "detailsVersion": 2}


async def test_a_picture_goes_along_with_what_was_touched(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*UPDATE, {"product": samples.product()})
    await admin.post("/admin/products/p1", data={**UNTOUCHED, "title": "Mill"}, files=PICTURE)
    [request] = api.asked(*UPDATE)
    parts = request.content.replace(b"\r\n", b"\n")
    assert b'name="title"\n\nMill\n' in parts
    assert b'name="detailsVersion"\n\n2\n' in parts
    assert b'name="image"; filename="mill.png"\nContent-Type: image/png\n\n\x89PNG pic' in parts
    assert b"price" not in parts
    assert b"description" not in parts


async def test_an_untouched_form_sends_nothing(admin: AsyncClient, api: FakeApi) -> None:
    nothing = {"image": ("", b"", "application/octet-stream")}
    answer = await admin.post("/admin/products/p1", data=UNTOUCHED, files=nothing)
    assert answer.headers["location"] == "/admin/products"
    assert "notice=product-unchanged" in answer.headers["set-cookie"]
    assert api.asked(*UPDATE) == []


async def test_the_same_form_again_is_the_same_edit(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*UPDATE, {"product": samples.product()})
    for change in ("5", "5", "6"):
        await admin.post("/admin/products/p1", data={**UNTOUCHED, "quantityChange": change})
    first, again, other = [each.headers["idempotency-key"] for each in api.asked(*UPDATE)]
    assert first == again != other


@pytest.mark.parametrize(
    ("path", "field", "typed"),
    [
        ("/admin/products", "price", "free"),
        ("/admin/products", "quantity", "many"),
        ("/admin/products/p1", "price", "free"),
        ("/admin/products/p1", "quantityChange", "many"),
    ],
)
async def test_numbers_that_are_none(admin: AsyncClient, path: str, field: str, typed: str) -> None:
    form = {**(TYPED if path == "/admin/products" else UNTOUCHED), "title": "Salt mill"}
    page = await admin.post(path, data={**form, field: typed}, files=PICTURE)
    assert page.status_code == 400
    assert "must be" in error_of(page, field)
    assert error_of(page, "image") == "Please choose the picture again."
    assert value_of(page, field) == typed
    assert value_of(page, "title") == "Salt mill"


async def test_the_api_names_the_fields(admin: AsyncClient, api: FakeApi) -> None:
    errors = {"price.amountMinor": "must be more than 0", "imageKey": "is no picture"}
    api.refuses(*CREATE, 400, "VALIDATION_FAILED", errors)
    page = await admin.post("/admin/products", data=TYPED, files=PICTURE)
    assert "The detail of" not in text_of(page)
    assert page.status_code == 400
    assert error_of(page, "price") == "Price must be more than 0."
    assert error_of(page, "image") == "Picture is no picture."


async def test_a_picture_that_is_too_large_costs_nothing_that_was_typed(
    admin: AsyncClient, api: FakeApi
) -> None:
    picture = {"image": ("mill.png", bytes(8 * 1024 * 1024 + 1), "image/png")}
    page = await admin.post("/admin/products", data=TYPED, files=picture)
    assert page.status_code == 400
    assert error_of(page, "image") == "Picture must be at most 8 MiB."
    assert value_of(page, "title") == "Salt mill"
    assert api.asked(*CREATE) == []


async def test_a_conflict_shows_what_others_changed_and_nothing_else(
    admin: AsyncClient, api: FakeApi
) -> None:
    """Another admin has changed title and category; this one title and price. Some were sold."""
    theirs = samples.product(
        title="Their mill", category="Mills", version=9, detailsVersion=4, quantity=5
    )
    api.refuses(*UPDATE, 409, "VERSION_CONFLICT", current=theirs, fields=["title"])
    typed = {**UNTOUCHED, "title": "Salt mill", "price": "50.00", "quantityChange": "3"}
    page = await admin.post("/admin/products/p1", data=typed)
    assert page.status_code == 409
    text = text_of(page)
    assert "Someone else has changed this product" in text
    assert "They changed what you changed. It now says: Title Their mill Below is" in text
    assert "as you had not touched it: Category Mills" in text
    assert (value_of(page, "title"), hidden(page, "loaded-title")) == ("Salt mill", "Their mill")
    assert value_of(page, "price") == "50.00"
    assert value_of(page, "category") == "Mills"
    assert value_of(page, "quantityChange") == "3"
    assert hidden(page, "detailsVersion") == "4"
    assert hidden(page, "loaded-category") == "Mills"


async def test_a_product_is_taken_out(admin: AsyncClient, api: FakeApi) -> None:
    api.answers("DELETE", "/api/products/p1", status=204)
    answer = await admin.post("/admin/products/p1/delete")
    assert answer.headers["location"] == "/admin/products"
    assert len(api.asked("DELETE", "/api/products/p1")) == 1

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, hidden, text_of, value_of

pytestmark = pytest.mark.anyio

CREATE = ("POST", "/api/products")
UPDATE = ("PUT", "/api/products/p1")
TYPED = {
    "title": "Salt mill",
    "description": "Coarse\r\nor fine.",
    "category": "Kitchen",
    "price": "49.50",
    "currency": "USD",
    "quantity": "12",
    "version": "3",
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
    assert hidden(page, "version") == "3"


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
        "price": {"amountMinor": 4950, "currency": "USD"},
        "quantity": 12,
    }


async def test_a_picture_goes_along_as_a_form(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*UPDATE, {"product": samples.product()})
    await admin.post("/admin/products/p1", data=TYPED, files=PICTURE)
    [request] = api.asked(*UPDATE)
    assert request.headers["content-type"].startswith("multipart/form-data")
    parts = request.content.replace(b"\r\n", b"\n")
    assert b'name="price.amountMinor"\n\n4950\n' in parts
    assert b'name="price.currency"\n\nUSD\n' in parts
    assert b'name="version"\n\n3\n' in parts
    assert b'name="image"; filename="mill.png"\nContent-Type: image/png\n\n\x89PNG pic' in parts


async def test_without_a_picture_the_present_one_stays(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*UPDATE, {"product": samples.product()})
    nothing = {"image": ("", b"", "application/octet-stream")}
    answer = await admin.post("/admin/products/p1", data=TYPED, files=nothing)
    assert answer.headers["location"] == "/admin/products"
    assert api.sent(*UPDATE)["version"] == 3


@pytest.mark.parametrize(("field", "typed"), [("price", "free"), ("quantity", "many")])
@pytest.mark.parametrize("path", ["/admin/products", "/admin/products/p1"])
async def test_numbers_that_are_none(admin: AsyncClient, path: str, field: str, typed: str) -> None:
    page = await admin.post(path, data={**TYPED, field: typed})
    assert page.status_code == 400
    assert "must be" in error_of(page, field)
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


async def test_a_change_of_somebody_elses_is_shown_before_it_is_overwritten(
    admin: AsyncClient, api: FakeApi
) -> None:
    theirs = samples.product(title="Their mill", version=9)
    api.refuses(*UPDATE, 409, "VERSION_CONFLICT", current=theirs)
    page = await admin.post("/admin/products/p1", data=TYPED)
    assert page.status_code == 409
    assert "Somebody else has changed this product" in text_of(page)
    assert "Title Their mill" in text_of(page)
    assert value_of(page, "title") == "Salt mill"
    assert hidden(page, "version") == "9"


async def test_a_product_is_taken_out(admin: AsyncClient, api: FakeApi) -> None:
    api.answers("DELETE", "/api/products/p1", status=204)
    answer = await admin.post("/admin/products/p1/delete")
    assert answer.headers["location"] == "/admin/products"
    assert len(api.asked("DELETE", "/api/products/p1")) == 1

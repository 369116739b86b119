"""Multipart forms: texts to fields, and the file streamed to its own RPC."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2

from gateway.transcoding.uploads import FORMS_AT_ONCE
from tests.unit.gateway.fakes import World, refused

pytestmark = pytest.mark.anyio

TOKEN = {"authorization": "Bearer t0k3n"}
FORM = {
    "title": "Lamp",
    "category": "lighting",
    "price.amountMinor": "1999",
    "price.currency": "USD",
    "quantity": "3",
}
PICTURE = bytes(range(256)) * 1000


@pytest.fixture(autouse=True)
def image_service(world: World) -> None:
    key = catalog_pb2.UploadImageResponse(image_key="k1")
    world.calls.answers["UploadImage"] = lambda _: key


def picture(content: bytes = PICTURE, name: str = "lamp.png") -> dict[str, Any]:
    return {"image": (name, content, "image/png")}


async def test_a_form_with_a_file(world: World, client: httpx.AsyncClient) -> None:
    response = await client.post("/api/products", data=FORM, files=picture(), headers=TOKEN)
    assert response.status_code == 201, response.text
    upload, create = world.calls.made
    assert upload.path == "/shop.catalog.v1.CatalogService/UploadImage"
    assert upload.metadata["authorization"] == "Bearer t0k3n"
    assert upload.timeout == 20.0
    chunks = [piece.chunk for piece in upload.request]
    assert b"".join(chunks) == PICTURE
    assert max(map(len, chunks)) == 64 * 1024
    assert create.request == catalog_pb2.CreateProductRequest(
        title="Lamp",
        category="lighting",
        price=money_pb2.Money(amount_minor=1999, currency="USD"),
        quantity=3,
        image_key="k1",
    )


async def test_a_form_without_a_file(world: World, client: httpx.AsyncClient) -> None:
    fields = {name: (None, text) for name, text in (FORM | {"version": "2"}).items()}
    response = await client.put("/api/products/p1", files=fields, headers=TOKEN)
    assert response.status_code == 200, response.text
    [update] = world.calls.made
    assert update.request.version == 2
    assert update.request.image_key == ""


async def test_an_object_in_one_part_is_json(world: World, client: httpx.AsyncClient) -> None:
    form = {"title": "Lamp", "price": '{"amountMinor": 1999, "currency": "USD"}'}
    response = await client.post("/api/products", data=form, files=picture(), headers=TOKEN)
    assert response.status_code == 201, response.text
    assert world.calls.last.request.price == money_pb2.Money(amount_minor=1999, currency="USD")


@pytest.mark.parametrize(
    ("price", "field"),
    [("1999", "price"), ("{", "price"), ('{"amountMinor": "many"}', "price.amountMinor")],
)
async def test_a_part_that_is_no_such_object_is_named(
    world: World, client: httpx.AsyncClient, price: str, field: str
) -> None:
    form = {"title": "Lamp", "price": price}
    response = await client.post("/api/products", data=form, files=picture(), headers=TOKEN)
    assert response.status_code == 400
    fields = [error["field"] for error in response.json()["errors"]]
    assert fields[0] == field
    # What else is wrong is told too.
    assert "category" in fields
    assert world.calls.made == []


async def test_a_file_that_nobody_chose(world: World, client: httpx.AsyncClient) -> None:
    """As browsers send it."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nLamp\r\n'
        b'--x\r\nContent-Disposition: form-data; name="image"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n"
    )
    headers = TOKEN | {"content-type": "multipart/form-data; boundary=x"}
    response = await client.post("/api/products", content=body, headers=headers)
    assert response.status_code == 201, response.text
    [create] = world.calls.made
    assert create.request == catalog_pb2.CreateProductRequest(title="Lamp")


async def test_a_file_is_not_sent_where_something_else_is_wrong(
    world: World, client: httpx.AsyncClient
) -> None:
    form = FORM | {"quantity": "many", "nonsense": "1"}
    response = await client.post("/api/products", data=form, files=picture(), headers=TOKEN)
    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {"quantity", "nonsense"}
    assert world.calls.made == []


async def test_a_second_file_of_a_name_is_refused(world: World, client: httpx.AsyncClient) -> None:
    files = [*picture().items(), *picture(b"another").items()]
    response = await client.post("/api/products", data=FORM, files=files, headers=TOKEN)
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "image", "message": "must be given once"}]
    assert world.calls.made == []


async def test_an_unexpected_file_is_named(world: World, client: httpx.AsyncClient) -> None:
    files = {"portrait": ("a.png", b"x", "image/png")}
    response = await client.post("/api/products", data=FORM, files=files, headers=TOKEN)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "portrait"
    assert world.calls.made == []


async def test_a_refused_file_is_named_as_in_the_form(
    world: World, client: httpx.AsyncClient
) -> None:
    world.calls.answers["UploadImage"] = refused(
        "VALIDATION_FAILED", "", [("chunk", "is no picture")]
    )
    response = await client.post("/api/products", data=FORM, files=picture(), headers=TOKEN)
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "image", "message": "is no picture"}]
    assert len(world.calls.made) == 1


async def test_a_file_over_8_mib_is_refused(world: World, client: httpx.AsyncClient) -> None:
    files = picture(b"x" * (8 * 1024 * 1024 + 1))
    response = await client.post("/api/products", data=FORM, files=files, headers=TOKEN)
    assert response.status_code == 413
    files = picture(b"x" * (9 * 1024 * 1024 + 1))
    response = await client.post("/api/products", data=FORM, files=files, headers=TOKEN)
    assert response.status_code == 413
    assert world.calls.made == []


async def test_a_file_of_8_mib_is_taken(world: World, client: httpx.AsyncClient) -> None:
    files = picture(b"x" * (8 * 1024 * 1024))
    response = await client.post("/api/products", data=FORM, files=files, headers=TOKEN)
    assert response.status_code == 201


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nno disposition\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\ncut o',
        ),
    ],
)
async def test_a_malformed_form(
    world: World, client: httpx.AsyncClient, content_type: str, body: bytes
) -> None:
    headers = TOKEN | {"content-type": content_type}
    response = await client.post("/api/products", content=body, headers=headers)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert world.calls.made == []


async def test_other_character_sets_are_refused(world: World, client: httpx.AsyncClient) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\\ud800\r\n--x--\r\n'
    content_type = "multipart/form-data; boundary=x; charset=unicode_escape"
    headers = TOKEN | {"content-type": content_type}
    response = await client.post("/api/products", content=body, headers=headers)
    assert response.status_code == 415
    assert world.calls.made == []


async def test_json_is_taken_where_a_form_is(world: World, client: httpx.AsyncClient) -> None:
    response = await client.post("/api/products", json={"imageKey": "k2"}, headers=TOKEN)
    assert response.status_code == 201
    assert world.calls.last.request == catalog_pb2.CreateProductRequest(image_key="k2")


async def test_only_some_forms_are_on_the_disk_at_a_time(client: httpx.AsyncClient) -> None:
    form = client.build_request("POST", "/api/products", data=FORM, files=picture(), headers=TOKEN)
    await form.aread()
    begun, may_end, statuses = 0, anyio.Event(), list[int]()

    async def body() -> AsyncIterator[bytes]:
        nonlocal begun
        begun += 1
        await may_end.wait()
        yield form.content

    async def send() -> None:
        response = await client.post("/api/products", content=body(), headers=form.headers)
        statuses.append(response.status_code)

    async with anyio.create_task_group() as group:
        for _ in range(FORMS_AT_ONCE + 2):
            group.start_soon(send)
        await anyio.wait_all_tasks_blocked()
        assert begun == FORMS_AT_ONCE
        may_end.set()
    assert statuses == [201] * (FORMS_AT_ONCE + 2)

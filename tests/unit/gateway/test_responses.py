"""Messages become HTTP responses: status, cookies, validators, lifetime, body."""

import httpx
import pytest
from google.api.httpbody_pb2 import HttpBody
from shop.auth.v1 import auth_pb2
from shop.cart.v1 import cart_pb2
from shop.catalog.v1 import catalog_pb2
from shop.payments.v1 import payments_pb2

from tests.unit.gateway.fakes import World, make_world

pytestmark = pytest.mark.anyio

TOKEN = {"authorization": "Bearer t0k3n"}
SIGNED_IN = auth_pb2.SignInResponse(
    user=auth_pb2.User(id="u1", role=auth_pb2.ROLE_USER), access_token="a.b.c", refresh_token="r1"
)


async def test_success_statuses(world: World, client: httpx.AsyncClient) -> None:
    payment = payments_pb2.CreatePaymentResponse()
    world.calls.answers["CreatePayment"] = lambda _: payment
    assert (await client.post("/api/payments", headers=TOKEN)).status_code == 201
    payment.requires_action = True
    response = await client.post("/api/payments", headers=TOKEN)
    assert response.status_code == 202
    assert response.json()["requiresAction"] is True
    response = await client.delete("/api/products/p1", headers=TOKEN)
    assert (response.status_code, response.content) == (204, b"")
    assert "content-type" not in response.headers


async def test_cookies_are_set_and_left_out_of_the_body(
    world: World, client: httpx.AsyncClient
) -> None:
    world.calls.answers["SignIn"] = lambda _: SIGNED_IN
    response = await client.post("/api/users/signin", json={})
    assert response.headers.get_list("set-cookie") == [
        "session=a.b.c; Max-Age=900; Path=/; HttpOnly; SameSite=Lax",
        "refreshToken=r1; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax",
    ]
    assert response.json() == {
        "user": {
            "id": "u1",
            "email": "",
            "name": "",
            "phone": "",
            "address": "",
            "role": "user",
            "isBlocked": False,
            "createdAt": None,
            "rightsChangedAt": None,
            "rightsChangedBy": "",
        }
    }


async def test_cookies_are_cleared_where_present_and_empty(
    world: World, client: httpx.AsyncClient
) -> None:
    world.calls.answers["SignOut"] = lambda _: auth_pb2.SignOutResponse(access_token="")
    response = await client.post("/api/users/signout")
    assert response.headers.get_list("set-cookie") == [
        "session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    ]


async def test_cookies_under_tls_are_secure_and_bound_to_the_host() -> None:
    world = make_world(public_url="https://shop.example")
    world.calls.answers["SignIn"] = lambda _: SIGNED_IN
    async with world.client() as client:
        response = await client.post("/api/users/signin", json={})
        assert response.headers.get_list("set-cookie")[0] == (
            "__Host-session=a.b.c; Max-Age=900; Path=/; HttpOnly; SameSite=Lax; Secure"
        )
        assert "strict-transport-security" in response.headers
        client.cookies.clear()
        cookie = {"cookie": "__Host-cart=mine; cart=planted; session=planted"}
        await client.get("/api/cart", headers=cookie)
    assert world.calls.last.request == cart_pb2.GetCartRequest(guest_id="mine")
    assert "authorization" not in world.calls.last.metadata


async def test_etags_and_304(world: World, client: httpx.AsyncClient) -> None:
    product = catalog_pb2.GetProductResponse(product=catalog_pb2.Product(id="p1", version=7))
    world.calls.answers["GetProduct"] = lambda _: product
    response = await client.get("/api/products/p1")
    assert response.headers["etag"] == '"7"'
    assert response.headers["cache-control"] == "no-cache"
    for given in ('"7"', 'W/"7"', '"6", "7"', "*"):
        response = await client.get("/api/products/p1", headers={"if-none-match": given})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == '"7"'
    response = await client.get("/api/products/p1", headers={"if-none-match": '"6"'})
    assert response.status_code == 200


async def test_a_write_with_an_etag_is_never_304(world: World, client: httpx.AsyncClient) -> None:
    product = catalog_pb2.UpdateProductResponse(product=catalog_pb2.Product(version=8))
    world.calls.answers["UpdateProduct"] = lambda _: product
    headers = TOKEN | {"if-none-match": '"8"'}
    response = await client.put("/api/products/p1", json={}, headers=headers)
    assert (response.status_code, response.headers["etag"]) == (200, '"8"')


async def test_head_is_get_without_a_body(world: World, client: httpx.AsyncClient) -> None:
    get, head = await client.get("/api/products"), await client.head("/api/products")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content))
    missing = await client.head("/api/nothing")
    assert (missing.status_code, missing.content) == (404, b"")


async def test_a_raw_response(world: World, client: httpx.AsyncClient) -> None:
    image = HttpBody(content_type="image/webp", data=b"RIFF")
    world.calls.answers["GetImage"] = lambda _: image
    response = await client.get("/media/products/abc/640.webp")
    assert (response.content, response.headers["content-type"]) == (b"RIFF", "image/webp")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert world.calls.last.request == catalog_pb2.GetImageRequest(image_key="abc", file="640.webp")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/products", "no-cache"),
        ("/api/cart", "no-store"),
        ("/api/orders", "no-store"),
        ("/.well-known/jwks.json", "public, max-age=300"),
    ],
)
async def test_lifetimes_of_copies(client: httpx.AsyncClient, path: str, expected: str) -> None:
    response = await client.get(path, headers=TOKEN)
    assert response.headers["cache-control"] == expected


async def test_security_headers_on_every_response(client: httpx.AsyncClient) -> None:
    for path in ("/api/products", "/nowhere", "/api/health", "/docs", "/openapi.json"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]

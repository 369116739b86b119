"""HTTP requests become messages: path, query, body, headers, cookies."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from google.protobuf.message import Message
from shop.auth.v1 import auth_pb2
from shop.cart.v1 import cart_pb2
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2
from shop.payments.v1 import payments_pb2

from tests.unit.gateway.fakes import World

pytestmark = pytest.mark.anyio

TOKEN = {"authorization": "Bearer t0k3n"}


async def taken(
    world: World, client: httpx.AsyncClient, method: str, url: str, **options: Any
) -> Message:
    """The message that a request made."""
    headers: Mapping[str, str] = options.pop("headers", {})
    response = await client.request(method, url, headers=TOKEN | dict(headers), **options)
    assert response.is_success, response.text
    request: Message = world.calls.last.request
    return request


async def test_query_parameters_in_both_spellings(world: World, client: httpx.AsyncClient) -> None:
    request = await taken(
        world,
        client,
        "GET",
        "/api/products?q=lamp&minPrice=5&max_price=7&inStock=false&sort=-price",
    )
    assert request == catalog_pb2.ListProductsRequest(
        q="lamp", min_price=5, max_price=7, in_stock=False, sort="-price"
    )


async def test_query_parameters_of_enums_and_times(world: World, client: httpx.AsyncClient) -> None:
    request = await taken(
        world, client, "GET", "/api/orders/admin/all?status=pending&from=1970-01-01T00:00:09Z"
    )
    assert isinstance(request, orders_pb2.ListAllOrdersRequest)
    assert request.status == orders_pb2.ORDER_STATUS_PENDING
    assert getattr(request, "from").seconds == 9


async def test_a_literal_segment_wins_over_a_variable(
    world: World, client: httpx.AsyncClient
) -> None:
    await taken(world, client, "GET", "/api/payments/config")
    assert world.calls.last.path == "/shop.payments.v1.PaymentsService/GetPaymentConfig"
    await taken(world, client, "GET", "/api/orders/admin/stats")
    assert world.calls.last.path == "/shop.orders.v1.OrdersService/GetOrderStats"
    request = await taken(world, client, "GET", "/api/payments/p1")
    assert request == payments_pb2.GetPaymentRequest(payment_id="p1")


async def test_a_body_and_a_path_variable(world: World, client: httpx.AsyncClient) -> None:
    request = await taken(world, client, "PUT", "/api/cart/items/p1", json={"quantity": 3})
    assert request == cart_pb2.SetItemQuantityRequest(product_id="p1", quantity=3)


async def test_a_path_variable_can_not_be_given_by_the_body(
    world: World, client: httpx.AsyncClient
) -> None:
    response = await client.put("/api/cart/items/p1", json={"productId": "p2", "quantity": 3})
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "productId", "message": "is not a known field"}]
    assert world.calls.made == []


@pytest.mark.parametrize("address", ["/api/payments", "/api/charges"])
async def test_additional_bindings(world: World, client: httpx.AsyncClient, address: str) -> None:
    request = await taken(world, client, "POST", address, json={"orderId": "o1", "token": "tok"})
    assert request == payments_pb2.CreatePaymentRequest(order_id="o1", token="tok")


@pytest.mark.parametrize(
    "options",
    [
        {"params": {"productId": "p1"}},
        {"json": {"productId": "p1"}},
        {"params": {"product_id": "p1"}},
    ],
)
async def test_a_delete_takes_query_or_body(
    world: World, client: httpx.AsyncClient, options: dict[str, Any]
) -> None:
    request = await taken(world, client, "DELETE", "/api/cart/remove", **options)
    assert request == cart_pb2.RemoveItemRequest(product_id="p1")


async def test_a_delete_takes_no_query_beside_a_body(client: httpx.AsyncClient) -> None:
    response = await client.request(
        "DELETE", "/api/cart/remove?productId=p2", json={"productId": "p1"}
    )
    assert response.status_code == 400


async def test_a_post_takes_no_query(world: World, client: httpx.AsyncClient) -> None:
    response = await client.post("/api/cart/add?quantity=5", json={"productId": "p"})
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "quantity", "message": "is not a known field"}]
    assert world.calls.made == []


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("minPrice=1.5", "minPrice", "must be a whole number"),
        ("minPrice=", "minPrice", "must be a whole number"),
        ("minPrice=1&minPrice=2", "minPrice", "must be given once"),
        ("inStock=yes", "inStock", "must be true or false"),
        ("nonsense=1", "nonsense", "is not a known field"),
        ("pageSize=99999999999", "pageSize", "must be between -2147483648 and 2147483647"),
    ],
)
async def test_bad_query_parameters_are_named(
    world: World, client: httpx.AsyncClient, query: str, field: str, message: str
) -> None:
    response = await client.get(f"/api/products?{query}")
    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": field, "message": message}]
    assert world.calls.made == []


async def test_a_raw_body_is_taken_to_the_byte(world: World, client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/api/payments/webhook",
        content=b'{"a" :  1}\n',
        headers={"stripe-signature": "t=1,v1=x", "origin": "https://evil.example"},
    )
    assert response.status_code == 200
    assert world.calls.last.request == payments_pb2.HandleWebhookRequest(
        payload=b'{"a" :  1}\n', signature="t=1,v1=x"
    )


async def test_a_header_fills_what_the_body_leaves_out(
    world: World, client: httpx.AsyncClient
) -> None:
    key = {"Idempotency-Key": "from-header"}
    request = await taken(world, client, "POST", "/api/cart/checkout", headers=key)
    assert request == cart_pb2.CheckoutRequest(idempotency_key="from-header")
    body = {"idempotencyKey": "from-body"}
    request = await taken(world, client, "POST", "/api/cart/checkout", headers=key, json=body)
    assert request == cart_pb2.CheckoutRequest(idempotency_key="from-body")


@pytest.mark.parametrize("tag", ['"7"', 'W/"7"', "7"])
async def test_if_match_is_the_version(world: World, client: httpx.AsyncClient, tag: str) -> None:
    request = await taken(
        world,
        client,
        "PUT",
        "/api/products/p1",
        headers={"if-match": tag},
        json={"title": "Lamp", "price": {"amountMinor": 5, "currency": "USD"}},
    )
    assert request == catalog_pb2.UpdateProductRequest(
        product_id="p1",
        version=7,
        title="Lamp",
        price=money_pb2.Money(amount_minor=5, currency="USD"),
    )


async def test_a_malformed_if_match_names_the_field(client: httpx.AsyncClient) -> None:
    headers = TOKEN | {"if-match": '"seven"'}
    response = await client.put("/api/products/p1", json={}, headers=headers)
    assert {"field": "version", "message": "must be a whole number"} in response.json()["errors"]


async def test_a_cookie_field_comes_from_the_cookie_alone(
    world: World, client: httpx.AsyncClient
) -> None:
    cookie = {"cookie": "refreshToken=r1; session=abc"}
    response = await client.post("/api/users/refresh", headers=cookie)
    assert response.status_code == 200
    assert world.calls.last.request == auth_pb2.RefreshRequest(refresh_token="r1")
    response = await client.post("/api/users/refresh", json={"refreshToken": "r1"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "refreshToken"


async def test_the_user_agent_is_passed_on(world: World, client: httpx.AsyncClient) -> None:
    await client.post(
        "/api/users/signin", json={"email": "a@b.c"}, headers={"user-agent": "Firefox"}
    )
    assert world.calls.last.request == auth_pb2.SignInRequest(email="a@b.c", user_agent="Firefox")


async def test_an_empty_body_is_an_empty_object(world: World, client: httpx.AsyncClient) -> None:
    response = await client.post("/api/users/signout")
    assert response.status_code == 204
    assert world.calls.last.request == auth_pb2.SignOutRequest()


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; Charset=UTF-8", 'application/json; charset="utf-8"'],
)
async def test_content_types_of_json(client: httpx.AsyncClient, content_type: str) -> None:
    response = await client.post(
        "/api/cart/add", content=b'{"quantity": 1}', headers={"content-type": content_type}
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
    ],
)
async def test_other_content_types_are_refused(
    world: World, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.post("/api/cart/add", content=b'{"quantity": 1}', headers=headers)
    assert response.status_code == 415
    assert response.json()["reason"] == "UNSUPPORTED_MEDIA_TYPE"
    assert world.calls.made == []


async def test_a_body_that_says_it_is_too_large(world: World, client: httpx.AsyncClient) -> None:
    response = await client.post("/api/cart/add", content=b"x" * (1024 * 1024 + 1))
    assert response.status_code == 413
    assert world.calls.made == []


async def test_a_body_that_turns_out_too_large(world: World, client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 64 * 1024
            yield b"x" * 64 * 1024

    response = await client.post("/api/cart/add", content=endless())
    assert response.status_code == 413
    assert sent <= 2 * 1024 * 1024
    assert world.calls.made == []

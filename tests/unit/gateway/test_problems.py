"""Every failure is a problem document, and tells nothing of what is inside."""

import grpc
import httpx
import pytest
from shop.catalog.v1 import catalog_pb2
from shop.payments.v1 import payments_pb2

from chassis.contract.reasons import reasons
from tests.unit.gateway.fakes import World, refused, rpc_error

pytestmark = pytest.mark.anyio


async def test_a_problem_has_all_its_members(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/nothing?x=1", headers={"x-request-id": "r-1"})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {
        "type": "/docs/problems#not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": "/api/nothing",
        "reason": "NOT_FOUND",
        "requestId": "r-1",
        "errors": [],
    }


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/products", "GET, HEAD, POST"),
        ("POST", "/api/products/p1", "DELETE, GET, HEAD, PATCH, PUT"),
        ("GET", "/api/users/signin", "POST"),
        ("OPTIONS", "/api/cart", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_answered_with_the_right_ones(
    client: httpx.AsyncClient, method: str, path: str, allow: str
) -> None:
    response = await client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == allow
    assert response.json()["reason"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("reason", sorted(reasons()))
async def test_every_reason_has_its_status_and_title(
    world: World, client: httpx.AsyncClient, reason: str
) -> None:
    world.calls.answers["ListProducts"] = refused(reason, "A sentence for people.")
    response = await client.get("/api/products")
    rules = reasons()[reason]
    assert response.status_code == rules.status
    problem = response.json()
    assert (problem["reason"], problem["title"]) == (reason, rules.title)
    assert problem["detail"] == "A sentence for people."
    assert ("www-authenticate" in response.headers) == (rules.status == 401)
    assert ("retry-after" in response.headers) == (rules.status == 503)


async def test_field_violations_are_spelled_as_json_spells_them(
    world: World, client: httpx.AsyncClient
) -> None:
    fields = [("items[0].product_id", "is required"), ("page_size", "must be at most 100")]
    world.calls.answers["ListProducts"] = refused("VALIDATION_FAILED", "", fields)
    problem = (await client.get("/api/products")).json()
    assert problem["errors"] == [
        {"field": "items[0].productId", "message": "is required"},
        {"field": "pageSize", "message": "must be at most 100"},
    ]
    assert problem["detail"] == "items[0].productId is required; 2 fields are not valid."


async def test_typed_details_are_members(world: World, client: httpx.AsyncClient) -> None:
    shortage = catalog_pb2.StockShortage(product_id="p1", requested=3, available=1)
    detail = catalog_pb2.OutOfStock(lines=[shortage])
    world.calls.answers["ListProducts"] = refused("OUT_OF_STOCK", details=[detail])
    problem = (await client.get("/api/products")).json()
    assert problem["lines"] == [{"productId": "p1", "title": "", "requested": 3, "available": 1}]
    declined = payments_pb2.CardDeclined(decline_code="insufficient_funds")
    world.calls.answers["ListProducts"] = refused("CARD_DECLINED", details=[declined])
    response = await client.get("/api/products")
    assert response.status_code == 402
    assert response.json()["declineCode"] == "insufficient_funds"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (grpc.StatusCode.UNAVAILABLE, 503),
        (grpc.StatusCode.DEADLINE_EXCEEDED, 503),
        (grpc.StatusCode.INTERNAL, 500),
        (grpc.StatusCode.UNKNOWN, 500),
        (grpc.StatusCode.UNIMPLEMENTED, 500),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, 500),
        (grpc.StatusCode.UNAUTHENTICATED, 401),
    ],
)
async def test_what_gives_no_reason_is_not_quoted(
    world: World, client: httpx.AsyncClient, code: grpc.StatusCode, status: int
) -> None:
    def fail(_: object) -> catalog_pb2.ListProductsResponse:
        raise rpc_error(code, "Traceback: inner secret at 10.0.0.7:27017")

    world.calls.answers["ListProducts"] = fail
    response = await client.get("/api/products")
    assert response.status_code == status
    assert "secret" not in response.text
    assert "10.0.0.7" not in response.text


async def test_a_fault_of_ours_is_500_without_its_text(
    world: World, client: httpx.AsyncClient
) -> None:
    def fail(_: object) -> catalog_pb2.ListProductsResponse:
        raise RuntimeError("inner secret")

    world.calls.answers["ListProducts"] = fail
    response = await client.get("/api/products")
    assert response.status_code == 500
    assert response.json()["reason"] == "INTERNAL"
    assert "secret" not in response.text


@pytest.mark.parametrize(
    "body", [b"{", b"[1", b"\xff", b'{"a":NaN}', b'{"a":"\\ud800"}', b"[" * 5000]
)
async def test_broken_json(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = await client.post("/api/users/signin", content=body, headers=headers)
    assert response.status_code == 400
    assert response.json()["detail"] == "The body is not valid JSON."


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"'])
async def test_json_that_is_no_object(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = await client.post("/api/users/signin", content=body, headers=headers)
    assert response.status_code == 400
    assert response.json()["detail"] == "The body must be a JSON object."


async def test_too_many_query_parameters(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/products?" + "&".join(f"q{i}=1" for i in range(300)))
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("path", "instance"),
    [
        ("/nowhere/%C3%A9%20%22%3C", "/nowhere/%C3%A9%20%22%3C"),
        ("/nowhere/a%25b%5B%5D%7B%5C%7D", "/nowhere/a%25b%5B%5D%7B%5C%7D"),
        ("/nowhere/a:b@c", "/nowhere/a:b@c"),
    ],
)
async def test_the_instance_is_a_reference(
    client: httpx.AsyncClient, path: str, instance: str
) -> None:
    assert (await client.get(path)).json()["instance"] == instance

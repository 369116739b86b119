"""The OpenAPI document and the reference page."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from google.protobuf.message_factory import GetMessageClass

from chassis.contract.reasons import reasons
from chassis.contract.validation import Violation, violations
from gateway.contract import load_rpcs
from gateway.http.problems import type_of
from gateway.protojson.decode import Decoders

pytestmark = pytest.mark.anyio

VERBS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    response = await client.get("/openapi.json")
    assert response.headers["content-type"] == "application/json"
    document: dict[str, Any] = response.json()
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            yield path, verb, operation


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            yield from nodes(inner)


async def test_every_address_of_the_contract_is_there(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    count = sum(len(rpc.bindings) for rpc in load_rpcs())
    assert len(list(operations(document))) == count
    identifiers = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(identifiers)) == count


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = {node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)}
    assert len(references) > 50
    for reference in references:
        node: Any = document
        for key in reference.removeprefix("#/").split("/"):
            node = node[key]
        assert node


async def test_operations_say_what_the_specification_asks_for(document: dict[str, Any]) -> None:
    for path, verb, operation in operations(document):
        assert verb in VERBS
        variables = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert variables == set(re.findall(r"\{(\w+)\}", path))
        assert all(p["required"] for p in operation["parameters"] if p["in"] == "path")
        names = [(p["in"], p["name"]) for p in operation["parameters"]]
        assert len(set(names)) == len(names)
        assert operation["summary"], path
        assert all("description" in response for response in operation["responses"].values())
        assert "default" in operation["responses"]


async def test_comments_rules_and_reasons_are_described(document: dict[str, Any]) -> None:
    checkout = document["paths"]["/api/cart/checkout"]["post"]
    assert "Makes an order of the whole cart" in checkout["description"]
    assert checkout["x-callers"] == ["user"]
    assert checkout["security"] == [{"cookie": []}, {"bearer": []}]
    assert document["paths"]["/api/cart"]["get"]["security"] == [{}, *checkout["security"]]
    assert document["paths"]["/api/products"]["get"]["security"] == []
    conflict = checkout["responses"]["409"]["content"]["application/problem+json"]["schema"]
    assert conflict["allOf"][1]["properties"]["reason"]["enum"] == [
        "CART_EMPTY",
        "OUT_OF_STOCK",
        "PRICE_CHANGED",
        "TOO_MANY_UNPAID_ORDERS",
        "TOO_MANY_UNPAID_ITEMS",
        "TOTAL_NOT_CHARGEABLE",
    ]
    assert ("header", "Idempotency-Key") in [(p["in"], p["name"]) for p in checkout["parameters"]]
    line = document["components"]["schemas"]["OrderLineInput"]
    assert line["properties"]["quantity"] == {
        "type": "integer",
        "format": "int32",
        "minimum": 1,
        "maximum": 99,
        "description": "How many.",
    }
    assert line["required"] == ["productId", "quantity"]
    assert "202" in document["paths"]["/api/payments"]["post"]["responses"]


async def test_copies_are_described(document: dict[str, Any]) -> None:
    listed = document["paths"]["/api/products"]["get"]["responses"]
    assert set(listed["200"]["headers"]) == {"ETag", "Cache-Control", "Age"}
    assert listed["304"]["headers"] == listed["200"]["headers"]
    assert "10 at most" in listed["200"]["headers"]["Age"]["description"]
    assert "no-cache" in listed["200"]["headers"]["Cache-Control"]["description"]
    assert "304" not in document["paths"]["/api/orders"]["get"]["responses"]


async def test_nothing_that_travels_in_cookies_is_in_a_body(document: dict[str, Any]) -> None:
    for name in ("SignInResponse", "GetCartResponse"):
        properties = document["components"]["schemas"][name]["properties"]
        assert not {"accessToken", "refreshToken", "guestId"} & set(properties)


async def test_examples_are_taken_by_the_coders_and_break_no_rule(
    document: dict[str, Any],
) -> None:
    requests = {
        f"{rpc.method.name[0].lower()}{rpc.method.name[1:]}": rpc.method.input_type
        for rpc in load_rpcs()
    }
    tried = 0
    for _, _, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {})
        example = content.get("application/json", {}).get("example")
        kind = requests.get(operation["operationId"])
        if example is None or kind is None:
            continue
        found: list[Violation] = []
        message = GetMessageClass(kind)()
        Decoders().of(kind)(message, example, "", found)
        assert found == []
        elsewhere = {p["name"] for p in operation["parameters"] if p["in"] != "query"}
        broken = {path for path, _ in violations(message)}
        assert {path for path in broken if "_id" not in path and path != "version"} == set()
        assert elsewhere is not None
        tried += 1
    assert tried > 15


async def test_what_a_request_must_have_and_may_not_have_together_is_described(
    document: dict[str, Any],
) -> None:
    schemas = document["components"]["schemas"]
    order = schemas["CreateOrderRequest"]
    assert order["required"] == ["items"]
    assert order["properties"]["items"]["type"] == "array"
    # What may be left out may be `null` as well.
    assert order["properties"]["idempotencyKey"]["anyOf"][1] == {"type": "null"}
    payment = schemas["CreatePaymentRequest"]
    assert payment["not"] == {"anyOf": [{"required": ["token", "paymentMethodId"]}]}
    [pattern] = {
        node["pattern"]
        for _, _, operation in operations(document)
        for parameter in operation["parameters"]
        for node in [parameter["schema"]]
        if parameter["name"] == "pageToken"
    }
    assert re.search(pattern, "")


async def test_a_form_is_described_where_one_is_taken(document: dict[str, Any]) -> None:
    content = document["paths"]["/api/products"]["post"]["requestBody"]["content"]
    form = content["multipart/form-data"]["schema"]["properties"]
    assert {"title", "price.amountMinor", "price.currency", "image"} <= set(form)


async def test_the_document_is_not_sent_twice(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/openapi.json")).headers["etag"]
    response = await client.get("/openapi.json", headers={"if-none-match": etag})
    assert response.status_code == 304


@pytest.mark.parametrize("page", ["/docs", "/docs/problems"])
async def test_a_slash_too_many_leads_to_the_page(client: httpx.AsyncClient, page: str) -> None:
    response = await client.get(f"{page}/")
    assert (response.status_code, response.headers["location"]) == (301, page)


async def test_a_slash_too_many_in_the_api_is_a_problem(client: httpx.AsyncClient) -> None:
    response = await client.get("/api/products/")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_reference_page_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "<style" not in page.text
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(link.startswith("/docs/") for link in links)
    for link in links:
        assert (await client.get(link)).status_code == 200, link


@pytest.mark.parametrize("name", ["LICENSE", "..%2f__init__.py", "nothing.js"])
async def test_other_files_are_not_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/docs/static/{name}")).status_code == 404


async def test_every_reason_is_explained_where_its_type_leads(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs/problems")).text
    for reason in reasons():
        address, _, anchor = type_of(reason).partition("#")
        assert address == "/docs/problems"
        assert f'id="{anchor}"' in page
    assert "Checking out a cart without lines." in page

"""Whatever is sent, the answer is short, and strangers are refused before their body is read."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import orjson
import pytest

from gateway.contract import Binding, Rpc, load_rpcs
from gateway.http.body import MAX_BODY_BYTES
from gateway.transcoding.body_limits import body_limit
from gateway.transcoding.request import fields_elsewhere, takes_raw_body
from gateway.violations import MAX_FIELD_LENGTH, MAX_VIOLATIONS
from tests.unit.gateway.fakes import World, token_for

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
LONGEST_ANSWER = 64 * 1024
SIZES = (MIB - 1024, 15 * 1024)  # the second is below every operation's own limit


def operations() -> Iterator[tuple[Rpc, Binding]]:
    for rpc in load_rpcs():
        for binding in rpc.bindings:
            if binding.verb != "GET" and not takes_raw_body(rpc, binding):
                yield rpc, binding


def shapes(rpc: Rpc, size: int) -> Iterator[bytes]:
    """Bodies of `size` bytes and more: of each JSON shape, under each name and under none."""
    yield b"[" + b"1," * (size // 2) + b"1]"
    yield b"[" * 1000 + b"]" * 1000
    yield orjson.dumps({f"field{number}": 1 for number in range(size // 14)})
    yield orjson.dumps({"x" * size: 1})
    for field in rpc.method.input_type.fields:
        values: list[Any] = [
            [1] * (size // 2),
            [None] * (size // 5),
            [{"a": 1, "b": 2}] * (size // 14),
            [[]] * (size // 3),
            {f"field{number}": 1 for number in range(size // 14)},
            {"x" * size: 1},
            "x" * size,
            ["x" * size],
            10**18,
        ]
        for value in values:
            yield orjson.dumps({field.json_name: value})


def name_of(operation: Any) -> str:
    return f"{operation.verb} {operation.template}" if isinstance(operation, Binding) else ""


@pytest.mark.parametrize(("rpc", "binding"), list(operations()), ids=name_of)
async def test_no_body_is_answered_by_more_than_64_kib(
    world: World, client: httpx.AsyncClient, rpc: Rpc, binding: Binding
) -> None:
    path = binding.template.replace("{", "").replace("}", "")
    headers = {"authorization": f"Bearer {token_for(rpc)}", "content-type": "application/json"}
    for size in SIZES:
        for body in shapes(rpc, size):
            response = await client.request(binding.verb, path, content=body, headers=headers)
            assert len(response.content) < LONGEST_ANSWER, body[:80]
            assert response.status_code < 500
            if response.status_code == 400:
                errors = response.json()["errors"]
                assert len(errors) <= MAX_VIOLATIONS
                assert all(len(error["field"]) <= MAX_FIELD_LENGTH for error in errors)


async def test_more_violations_than_are_listed_are_counted_as_such(
    client: httpx.AsyncClient,
) -> None:
    headers = {"authorization": "Bearer t0k3n"}
    item = {"productId": "p1", "quantity": 1}
    for count, ending in ((20, "; 20 fields"), (21, "; more than 20 fields")):
        body: dict[str, Any] = {f"field{number}": 1 for number in range(count)}
        body["items"] = [item]
        response = await client.post("/api/orders", json=body, headers=headers)
        assert len(response.json()["errors"]) == 20
        assert ending in response.json()["detail"]


async def test_more_items_than_are_allowed_are_not_looked_at(client: httpx.AsyncClient) -> None:
    headers = {"authorization": "Bearer t0k3n"}
    response = await client.post("/api/orders", json={"items": [1] * 101}, headers=headers)
    assert response.json()["errors"] == [
        {"field": "items", "message": "must have at most 100 items"}
    ]


@pytest.mark.parametrize(("rpc", "binding"), list(operations()), ids=name_of)
@pytest.mark.parametrize("token", ["forged", "shopper"])
async def test_who_may_not_call_is_refused_before_the_body_is_read(
    world: World, client: httpx.AsyncClient, rpc: Rpc, binding: Binding, token: str
) -> None:
    shopper = world.verifier.knows("shopper", id="u1")
    if rpc.is_public or (token == "shopper" and rpc.allows(shopper)):
        return
    is_read = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal is_read
        is_read = True
        yield b"{}"

    path = binding.template.replace("{", "").replace("}", "")
    headers = {"cookie": f"session={token}"}
    response = await client.request(binding.verb, path, content=body(), headers=headers)
    wanted = (401, "UNAUTHENTICATED") if token == "forged" else (403, "PERMISSION_DENIED")
    assert (response.status_code, response.json()["reason"]) == wanted
    assert not is_read
    assert world.calls.made == []


def test_every_text_and_list_of_a_request_has_a_greatest_length() -> None:
    limits = {
        rpc.method.name: body_limit(rpc.method.input_type, fields_elsewhere(rpc, binding))
        for rpc, binding in operations()
    }
    assert {name: limit for name, limit in limits.items() if limit >= MAX_BODY_BYTES} == {}
    assert limits["AddItem"] == limits["SetUserRole"] == 16 * 1024

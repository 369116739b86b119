"""Bad input on every route of the contract: a problem that names the field, and no call made."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from google.protobuf.descriptor import FieldDescriptor

from gateway.contract import Binding, Rpc, load_rpcs, rules_of
from gateway.protojson.compiler import TIMESTAMP
from gateway.protojson.names import camel_case
from gateway.transcoding.request import fields_elsewhere, takes_raw_body
from tests.unit.gateway.fakes import World, token_for

pytestmark = pytest.mark.anyio

F = FieldDescriptor
INTEGERS = {F.TYPE_INT32, F.TYPE_INT64}

# What no field of a kind takes, by kind; what is merely against a field's rules (too long, zero,
# negative) is the service's to refuse.
WRONG: dict[str, list[Any]] = {
    "text": [1, 1.5, True, {"$gt": ""}, [], ["a"]],
    "whole": ["x", 1.5, True, {"$gt": ""}, [], "", "1.0", 10**30, -(10**30), 1e300],
    "truth": ["true", 0, 1, {"$gt": ""}, []],
    "choice": ["nonsense", 99, 1.5, True, {"$gt": ""}, [], ""],
    "time": ["yesterday", 0, True, {"$gt": ""}, [], "", "2026-02-30T00:00:00Z"],
    "object": ["x", 1, True, [], [{}]],
    "list": ["x", 1, True, {"$gt": ""}],
}
WRONG_TEXTS: dict[str, list[str]] = {
    "whole": ["x", "1.5", "", "1e3", "0x10", "9" * 19 + "9", "٣", " 1"],
    "truth": ["yes", "1", "", "TRUE"],
    "choice": ["nonsense", "99", ""],
    "time": ["yesterday", "", "2026-02-30T00:00:00Z", "0"],
}
BROKEN = [b"{", b'{"a":}', b"\xff\xfe", b"[]", b"null", b'"x"', b"{}{}"]
CONTENT_TYPES = ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]


class Case(NamedTuple):
    rpc: Rpc
    verb: str
    path: str
    options: dict[str, Any]
    status: int
    field: str | None


def kind_of(field: FieldDescriptor) -> str:
    if field.is_repeated:
        return "list"
    if field.message_type is not None:
        return "time" if field.message_type.full_name == TIMESTAMP else "object"
    if field.enum_type is not None:
        return "choice"
    if field.type == F.TYPE_BOOL:
        return "truth"
    return "whole" if field.type in INTEGERS else "text"


def cases() -> Iterator[Case]:
    for rpc in load_rpcs():
        for binding in rpc.bindings:
            path = binding.template.replace("{", "").replace("}", "")
            if takes_raw_body(rpc, binding):
                yield Case(rpc, binding.verb, f"{path}?nonsense=1", {}, 400, "nonsense")
            elif binding.body:
                yield from body_cases(rpc, binding, path)
            else:
                yield from query_cases(rpc, binding, path)
            if binding.verb == "DELETE":
                yield from body_cases(rpc, binding, path)


def body_cases(rpc: Rpc, binding: Binding, path: str) -> Iterator[Case]:
    verb = binding.verb
    for field in rpc.method.input_type.fields:
        if field.name in fields_elsewhere(rpc, binding):
            yield Case(rpc, verb, path, {"json": {field.json_name: "x"}}, 400, field.json_name)
            continue
        for value in WRONG[kind_of(field)]:
            body = {field.json_name: value}
            yield Case(rpc, verb, path, {"json": body}, 400, field.json_name)
            yield Case(rpc, verb, path, {"json": {field.name: value}}, 400, field.json_name)
        if field.message_type is not None and kind_of(field) == "object":
            inner = {field.json_name: {"$gt": ""}}
            yield Case(rpc, verb, path, {"json": inner}, 400, f"{field.json_name}.$gt")
        if field.is_repeated:
            yield Case(
                rpc, verb, path, {"json": {field.json_name: [None]}}, 400, f"{field.json_name}[0]"
            )
    for name in ("nonsense", "$where", "__proto__", "", "isAdmin"):
        yield Case(rpc, verb, path, {"json": {name: 1}}, 400, name)
    if verb != "DELETE":
        yield Case(rpc, verb, f"{path}?nonsense=1", {"json": {}}, 400, "nonsense")
    for content in BROKEN:
        headers = {"content-type": "application/json"}
        yield Case(rpc, verb, path, {"content": content, "headers": headers}, 400, None)
    for content_type in CONTENT_TYPES:
        headers = {"content-type": content_type} if content_type else {}
        yield Case(rpc, verb, path, {"content": b"{}", "headers": headers}, 415, None)
    yield Case(rpc, verb, path, {"content": b" " * (1024 * 1024 + 1)}, 413, None)


def query_cases(rpc: Rpc, binding: Binding, path: str) -> Iterator[Case]:
    for name in ("nonsense", "$where", "q[$gt]", "__proto__"):
        yield Case(rpc, binding.verb, path, {"params": {name: "1"}}, 400, name)
    for field in rpc.method.input_type.fields:
        if field.name in fields_elsewhere(rpc, binding):
            yield Case(rpc, binding.verb, path, {"params": {field.name: "x"}}, 400, field.name)
            continue
        for text in WRONG_TEXTS.get(kind_of(field), []):
            for name in {field.json_name, field.name}:
                params = {"params": {name: text}}
                yield Case(rpc, binding.verb, path, params, 400, camel_case(field.name))


CASES = list(cases())


def test_there_are_cases_for_every_route() -> None:
    covered = {(case.verb, case.path.partition("?")[0]) for case in CASES}
    assert covered == {
        (binding.verb, binding.template.replace("{", "").replace("}", ""))
        for rpc in load_rpcs()
        for binding in rpc.bindings
    }


@pytest.mark.parametrize(
    ("verb", "path"), sorted({(case.verb, case.path.partition("?")[0]) for case in CASES})
)
async def test_bad_input_is_refused_and_named(
    world: World, client: httpx.AsyncClient, verb: str, path: str
) -> None:
    for case in CASES:
        if (case.verb, case.path.partition("?")[0]) != (verb, path):
            continue
        options = dict(case.options)
        headers = {"authorization": f"Bearer {token_for(case.rpc)}"} | options.pop("headers", {})
        if "json" in options:
            options["content"] = dumps(options.pop("json"))
            headers["content-type"] = "application/json"
        response = await client.request(verb, case.path, headers=headers, **options)
        assert response.status_code == case.status, (case, response.text)
        assert response.headers["content-type"] == "application/problem+json", case
        if case.field is not None:
            assert case.field in [error["field"] for error in response.json()["errors"]], case
    assert world.calls.made == []


def dumps(value: Any) -> bytes:
    """JSON with integers of any size."""
    return json.dumps(value).encode()


def test_every_field_with_a_cookie_or_a_variable_has_a_case() -> None:
    """The cases above rest on this: what comes from elsewhere cannot be smuggled in."""
    smuggled = {case.field for case in CASES}
    for rpc in load_rpcs():
        for field in rpc.method.input_type.fields:
            if rpc.bindings and rules_of(field).HasField("cookie"):
                assert {field.json_name, field.name} & smuggled

"""Every route and every RPC × every kind of caller: those whom the contract names get in."""

import re
from collections.abc import Mapping
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.descriptor_pb2 import MethodOptions

from chassis.rpc.status import reason_of
from gateway.contract import Binding, Rpc, load_rpcs
from tests.journeys.callers import Kind, channel_to, may_call, token_of
from tests.support.people import PATIENCE_SECONDS, Shop, ok, refused

OPS = "shop.ops.v1"
# Serve shop.ops.v1 beside their own.
WITH_EVENTS = ("svc_catalog", "svc_cart", "svc_orders", "svc_payments", "svc_notify")
RPCS = load_rpcs()
ROUTES = [(rpc, binding) for rpc in RPCS for binding in rpc.bindings]
CALLS = [
    (rpc, service)
    for rpc in RPCS
    for service in (WITH_EVENTS if rpc.package == OPS else (f"svc_{rpc.package.split('.')[1]}",))
]
REFUSALS = {"UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403}
# A call of these ends the session of its token.
ENDS_SESSION = {"SignOut"}

Tokens = Mapping[Kind, str]


@pytest.fixture(scope="module")
def tokens(shop: Shop) -> Tokens:
    """A token of each kind of caller."""
    return {kind: token_of(shop, kind) for kind in Kind}


def token_for(shop: Shop, tokens: Tokens, kind: Kind, rpc: Rpc) -> str:
    """The token to call an RPC with."""
    return token_of(shop, kind) if rpc.method.name in ENDS_SESSION else tokens[kind]


def test_every_rpc_says_who_may_call_it() -> None:
    assert [rpc.path for rpc in RPCS if not rpc.rules.callers] == []


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("rpc", "binding"), ROUTES, ids=[f"{each.verb} {each.template}" for _, each in ROUTES]
)
def test_a_route_lets_in_whom_the_contract_names(
    shop: Shop, tokens: Tokens, rpc: Rpc, binding: Binding, kind: Kind
) -> None:
    answer = request(shop, binding, token_for(shop, tokens, kind, rpc))
    assert answer.status_code < 500, answer.text
    if may_call(kind, rpc):
        is_problem = answer.headers.get("content-type") == "application/problem+json"
        assert not is_problem or answer.json()["reason"] not in REFUSALS, answer.text
    else:
        reason = "UNAUTHENTICATED" if kind is Kind.ANONYMOUS else "PERMISSION_DENIED"
        refused(answer, REFUSALS[reason], reason)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("rpc", "service"), CALLS, ids=[f"{service}{rpc.path}" for rpc, service in CALLS]
)
def test_an_rpc_lets_in_whom_the_contract_names(
    shop: Shop, tokens: Tokens, rpc: Rpc, service: str, kind: Kind
) -> None:
    code, reason = call(shop, service, rpc, token_for(shop, tokens, kind, rpc))
    if may_call(kind, rpc):
        assert reason not in REFUSALS
        assert code not in {grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INTERNAL}
    elif kind is Kind.ANONYMOUS:
        assert (code, reason) == (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")
    else:
        assert (code, reason) == (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED")


@pytest.mark.parametrize("header", ["Bearer", "Bearer a.b.c", "Basic YTpi", "token"])
def test_a_malformed_token_is_nobodys(shop: Shop, header: str) -> None:
    answer = httpx.get(f"{shop.url}/api/orders", headers={"Authorization": header})
    refused(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_stale_cookie_does_not_keep_anybody_from_what_is_public(shop: Shop) -> None:
    with shop.visitor() as client:
        client.cookies.set("session", "a.b.c")
        assert ok(client.get("/api/users/currentuser"))["currentUser"] is None
        ok(client.get("/api/products"))


def test_a_call_without_a_deadline_is_refused(shop: Shop, tokens: Tokens) -> None:
    [rpc] = [rpc for rpc in RPCS if rpc.method.name == "ListProducts"]
    code, reason = call(shop, "svc_catalog", rpc, tokens[Kind.USER], timeout=None)
    assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "VALIDATION_FAILED")


def request(shop: Shop, binding: Binding, token: str) -> httpx.Response:
    """A request that changes nothing: of things that are not there, with an empty body."""
    path = re.sub(r"\{[a-z_]+\}", "nothing", binding.template.replace("{service}", "cart"))
    body: dict[str, Any] = {} if binding.verb in {"GET", "DELETE"} else {"json": {}}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with shop.visitor() as client:
        return client.request(binding.verb, path, headers=headers, **body)


def call(
    shop: Shop, service: str, rpc: Rpc, token: str, timeout: float | None = PATIENCE_SECONDS
) -> tuple[grpc.StatusCode, str | None]:
    """Status and reason of a call with an empty message."""
    metadata = (("authorization", f"Bearer {token}"),) if token else ()
    with channel_to(shop, service) as channel:
        try:
            if rpc.method.server_streaming:
                stream = channel.unary_stream(
                    rpc.path,
                    request_serializer=rpc.request.SerializeToString,
                    response_deserializer=rpc.response.FromString,
                )(rpc.request(), timeout=timeout, metadata=metadata)
                next(stream)
                stream.cancel()
            elif rpc.method.client_streaming:
                channel.stream_unary(
                    rpc.path,
                    request_serializer=rpc.request.SerializeToString,
                    response_deserializer=rpc.response.FromString,
                )(iter(()), timeout=timeout, metadata=metadata)
            else:
                channel.unary_unary(
                    rpc.path,
                    request_serializer=rpc.request.SerializeToString,
                    response_deserializer=rpc.response.FromString,
                )(rpc.request(), timeout=timeout, metadata=metadata)
        except grpc.RpcError as error:
            failed: Any = error  # a failed call is its own error
            return failed.code(), reason_of(failed)
    return grpc.StatusCode.OK, None


def test_what_only_reads_is_marked_so() -> None:
    changing = [
        rpc.path
        for rpc, binding in ROUTES
        if binding.verb == "GET"
        and rpc.method.GetOptions().idempotency_level == MethodOptions.IDEMPOTENCY_UNKNOWN
    ]
    assert changing == []

"""Callers of every kind, and whom the contract lets through."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

import grpc
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from shop.options.v1 import options_pb2

from gateway.contract import Rpc
from tests.support.people import PATIENCE_SECONDS, Shop, Shopper

CLIENT = "svc_cart"


class Kind(StrEnum):
    """Who calls."""

    ANONYMOUS = "anonymous"
    USER = "user"
    ADMIN = "admin"
    SERVICE = "service"


# Which annotations each kind satisfies.
STANDING: Mapping[Kind, frozenset[int]] = {
    Kind.ANONYMOUS: frozenset({options_pb2.CALLER_PUBLIC}),
    Kind.USER: frozenset({options_pb2.CALLER_PUBLIC, options_pb2.CALLER_USER}),
    Kind.ADMIN: frozenset(
        {options_pb2.CALLER_PUBLIC, options_pb2.CALLER_USER, options_pb2.CALLER_ADMIN}
    ),
    Kind.SERVICE: frozenset({options_pb2.CALLER_PUBLIC, options_pb2.CALLER_SERVICE}),
}


def may_call(kind: Kind, rpc: Rpc) -> bool:
    """Whether the annotation of an RPC names this kind of caller."""
    return not STANDING[kind].isdisjoint(rpc.rules.callers)


def token_of(shop: Shop, kind: Kind) -> str:
    """A new access token of a caller of this kind; empty for nobody's."""
    if kind is Kind.ANONYMOUS:
        return ""
    if kind is Kind.SERVICE:
        return service_token(shop)
    with shop.visitor() as client:
        person = Shopper(client)
        if kind is Kind.ADMIN:
            person.sign_in(**shop.ready["logins"]["admin"])
        else:
            person.sign_up()
        return str(client.cookies["session"])


def service_token(shop: Shop) -> str:
    """A token of one of the shop's own processes, by its client credentials."""
    secrets = json.loads((shop.data / "secrets.json").read_text())
    request = auth_pb2.IssueServiceTokenRequest(
        client_id=CLIENT, client_secret=secrets["service_clients"][CLIENT]
    )
    with channel_to(shop, "svc_auth") as channel:
        stub = auth_pb2_grpc.AuthServiceStub(channel)
        return stub.IssueServiceToken(request, timeout=PATIENCE_SECONDS).access_token


@contextmanager
def channel_to(shop: Shop, service: str) -> Iterator[grpc.Channel]:
    """A channel straight to one of the services."""
    with grpc.insecure_channel(shop.ready["processes"][service]["grpc"]) as channel:
        yield channel

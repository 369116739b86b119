"""Channels to the shop's services, for the blocking API of gRPC."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import grpc
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from shop.auth.v1 import auth_pb2
from shop.cart.v1 import cart_pb2
from shop.catalog.v1 import catalog_pb2
from shop.notify.v1 import notify_pb2
from shop.ops.v1 import logs_pb2, ops_pb2, outbox_pb2, system_pb2
from shop.orders.v1 import orders_pb2
from shop.payments.v1 import payments_pb2

Token = Callable[[], str]
"""Gives the access token to call with; empty for none."""

DEADLINE_SECONDS = 10.0
_ATTEMPTS = 4
_CONTRACT: tuple[FileDescriptor, ...] = (
    auth_pb2.DESCRIPTOR,
    cart_pb2.DESCRIPTOR,
    catalog_pb2.DESCRIPTOR,
    logs_pb2.DESCRIPTOR,
    notify_pb2.DESCRIPTOR,
    ops_pb2.DESCRIPTOR,
    orders_pb2.DESCRIPTOR,
    outbox_pb2.DESCRIPTOR,
    payments_pb2.DESCRIPTOR,
    system_pb2.DESCRIPTOR,
)


def open_channel(
    target: str, token: Token | None = None, *, deadline: float = DEADLINE_SECONDS
) -> grpc.Channel:
    """A channel to `target`; close it, or use it as a context manager.

    Calls of RPCs that change nothing when they are repeated are made up to four times while the
    service is unreachable.

    Args:
        target: `host:port`, or several as `ipv4:host:port,host:port`.
        token: Gives the token of each call that is not given one as `authorization` metadata.
        deadline: Seconds that a call may take which is not given a `timeout`. Streams of
            responses have none.
    """
    options = (
        ("grpc.service_config", _service_config()),
        ("grpc.lb_policy_name", "round_robin"),
        # A refusal travels in trailing metadata, of which gRPC drops all above 8 KB by default.
        ("grpc.max_metadata_size", 64 * 1024),
        ("grpc.absolute_max_metadata_size", 64 * 1024),
        ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    )
    return prepared(grpc.insecure_channel(target, options=options), token, deadline)


def prepared(channel: grpc.Channel, token: Token | None, deadline: float) -> grpc.Channel:
    """`channel` with a token and a deadline for each call."""
    return grpc.intercept_channel(channel, _Prepare(token, deadline))


@cache
def _service_config() -> str:
    """GRPC's own retries, for the RPCs that the contract calls idempotent."""
    names = [{"service": service, "method": method} for service, method in _idempotent()]
    retries = {
        "maxAttempts": _ATTEMPTS,
        "initialBackoff": "0.1s",
        "maxBackoff": "1s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    return json.dumps({"methodConfig": [{"name": names, "retryPolicy": retries}]})


def _idempotent() -> Iterator[tuple[str, str]]:
    """Service and name of each RPC of which a repetition changes nothing."""
    for file in _CONTRACT:
        for service in file.services_by_name.values():
            for method in service.methods:
                level = method.GetOptions().idempotency_level
                if level != MethodOptions.IDEMPOTENCY_UNKNOWN:
                    yield service.full_name, method.name


class _Details(NamedTuple):
    """What gRPC wants to know of a call."""

    method: str
    timeout: float | None
    metadata: Any
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None


class _Prepare(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
):
    """Gives each call its token and its deadline."""

    def __init__(self, token: Token | None, deadline: float) -> None:
        self._token = token
        self._deadline = deadline

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        """Make a call."""
        return continuation(self._prepared(details, self._deadline), request)

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        """Make a call whose responses come for as long as they are read."""
        return continuation(self._prepared(details, None), request)

    def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        """Make a call with a stream of requests."""
        return continuation(self._prepared(details, self._deadline), requests)

    def _prepared(self, details: Any, deadline: float | None) -> _Details:
        metadata = tuple(details.metadata or ())
        is_given = any(name == "authorization" for name, _ in metadata)
        if self._token is not None and not is_given and (token := self._token()):
            metadata += (("authorization", f"Bearer {token}"),)
        return _Details(
            details.method,
            deadline if details.timeout is None else details.timeout,
            metadata,
            details.credentials,
            details.wait_for_ready,
            details.compression,
        )

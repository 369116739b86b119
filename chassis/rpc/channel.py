"""Channels to the shop's services: identity, deadline, retries, keepalive, round-robin.

Also what every process asks svc_auth for: its own token, and the keys that tokens are signed with.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from grpc.aio import ClientCallDetails, Metadata
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from structlog.contextvars import get_contextvars

from chassis.auth.identity import current_identity
from chassis.auth.tokens import KeySource
from chassis.backoff import Backoff
from chassis.contract.rpc_rules import rpc
from chassis.errors import Unavailable
from chassis.rpc.deadline import shortened
from chassis.rpc.status import METADATA_OPTIONS
from chassis.tasks import SingleFlight

Token = Callable[[], Awaitable[str]]
"""The token to call with; empty for none."""

# Retries are the interceptor's, which knows what is safe to repeat; but for those of calls that met
# the end of a connection and were surely not begun, which gRPC repeats by itself.
_OPTIONS = (
    ("grpc.lb_policy_name", "round_robin"),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # Quick reconnects after a peer was restarted; the default backs off for over a second.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    *METADATA_OPTIONS,
)
_ATTEMPTS = 4
_BACKOFF = Backoff(first=0.2)
_AUTH_TIMEOUT_SECONDS = 3.0
# A service token is replaced this long before it expires.
_TOKEN_MARGIN_SECONDS = 30.0


async def callers_token() -> str:
    """The token of the call being served."""
    return current_identity().token


class ServiceToken:
    """This process's own token, kept until shortly before it expires.

    Args:
        channel: A channel to svc_auth.
        client_id: The process's name.
        client_secret: Its secret.
    """

    def __init__(self, channel: grpc.aio.Channel, client_id: str, client_secret: str) -> None:
        self._auth = auth_pb2_grpc.AuthServiceStub(channel)
        self._credentials = auth_pb2.IssueServiceTokenRequest(
            client_id=client_id, client_secret=client_secret
        )
        self._token = ""
        self._good_until = 0.0
        self._fetch = SingleFlight(self._fetch_now)

    async def __call__(self) -> str:
        """The token; raises AioRpcError where svc_auth does not give one."""
        if time.time() > self._good_until:
            await self._fetch()
        return self._token

    async def _fetch_now(self) -> None:
        issued = await self._auth.IssueServiceToken(
            self._credentials, timeout=_AUTH_TIMEOUT_SECONDS
        )
        self._token = issued.access_token
        self._good_until = issued.expires_at.seconds - _TOKEN_MARGIN_SECONDS


def public_keys(channel: grpc.aio.Channel) -> KeySource:
    """The keys that svc_auth, at the end of `channel`, gives out.

    Asking for them raises Unavailable where it does not answer.
    """
    stub: auth_pb2_grpc.AuthServiceAsyncStub = auth_pb2_grpc.AuthServiceStub(channel)

    async def fetch() -> list[dict[str, Any]]:
        try:
            answer = await stub.GetJwks(auth_pb2.GetJwksRequest(), timeout=_AUTH_TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise Unavailable("Sessions cannot be checked right now.") from error
        return [MessageToDict(key) for key in answer.keys]

    return fetch


def open_channel(target: str, token: Token | None = None) -> grpc.aio.Channel:
    """A channel to `target`: host:port, or several as `ipv4:host:port,host:port`."""
    address = target if target.startswith(("dns:", "ipv4:")) else f"dns:///{target}"
    return grpc.aio.insecure_channel(
        address, options=_OPTIONS, interceptors=[_Unary(token), _UnaryStream(token)]
    )


class _Unary(grpc.aio.UnaryUnaryClientInterceptor):
    """Adds identity, shortens the deadline, repeats what may be repeated."""

    def __init__(self, token: Token | None) -> None:
        self._token = token

    async def intercept_unary_unary(
        self, continuation: Any, client_call_details: ClientCallDetails, request: Any
    ) -> Any:
        if client_call_details.timeout is None:
            raise TypeError(f"{client_call_details.method!r} was called without a timeout")
        until = time.monotonic() + shortened(client_call_details.timeout)
        attempts_left = _ATTEMPTS if _retryable(client_call_details) else 1
        refused = None
        while True:
            metadata = await _metadata(client_call_details, self._token)
            left = max(0.001, until - time.monotonic())
            call = await continuation(_details(client_call_details, metadata, left), request)
            attempts_left -= 1
            if refused is not None and await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                return refused  # a repetition that ran out of time says less than what it repeats
            if not attempts_left or await call.code() is not grpc.StatusCode.UNAVAILABLE:
                return call
            refused = call
            pause = _BACKOFF.pause(_ATTEMPTS - attempts_left)
            if time.monotonic() + pause >= until:
                return call
            await asyncio.sleep(pause)


class _UnaryStream(grpc.aio.UnaryStreamClientInterceptor):
    """Adds identity; a stream lasts as long as its caller reads."""

    def __init__(self, token: Token | None) -> None:
        self._token = token

    async def intercept_unary_stream(
        self, continuation: Any, client_call_details: ClientCallDetails, request: Any
    ) -> Any:
        metadata = await _metadata(client_call_details, self._token)
        details = _details(client_call_details, metadata, client_call_details.timeout)
        return await continuation(details, request)


async def _metadata(details: ClientCallDetails, token: Token | None) -> Metadata:
    metadata = [*(details.metadata or ())]
    given = {key for key, _ in metadata}
    if token is not None and "authorization" not in given and (value := await token()):
        metadata.append(("authorization", f"Bearer {value}"))
    if (request_id := get_contextvars().get("request_id")) and "x-request-id" not in given:
        metadata.append(("x-request-id", request_id))
    return Metadata(*metadata)


def _details(
    details: ClientCallDetails, metadata: Metadata, timeout: float | None
) -> ClientCallDetails:
    return ClientCallDetails(
        method=details.method,
        timeout=timeout,
        metadata=metadata,
        credentials=details.credentials,
        wait_for_ready=details.wait_for_ready,
    )


def _retryable(details: ClientCallDetails) -> bool:
    # The method comes as bytes, whatever its stubs say.
    rules = rpc(details.method if isinstance(details.method, str) else details.method.decode())
    return rules is not None and rules.retryable

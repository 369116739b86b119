"""Channels to the shop's services: identity, deadline, retries, keepalive, round-robin.

Also what every process asks svc_auth for: its own token, and the keys that tokens are signed with.
"""

import time
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from grpc_health.v1 import health_pb2
from shop.auth.v1 import auth_pb2, auth_pb2_grpc

from chassis.auth.identity import current_identity
from chassis.auth.tokens import KeySource
from chassis.errors import Unavailable
from chassis.resilience.backoff import Backoff
from chassis.resilience.circuit_breakers import NewBreaker
from chassis.rpc.calls import BACKOFF, Channel, StreamIdentity, Token
from chassis.rpc.status import METADATA_OPTIONS
from chassis.tasks import SingleFlight

# `UnaryMethod` repeats calls, as it knows which may be; but for those that met the end of a
# connection and were surely not begun, which gRPC repeats by itself.
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
HEALTH_CHECK = "/grpc.health.v1.Health/Check"
_PROBE_SECONDS = 1.0
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


def open_channel(
    target: str,
    token: Token | None = None,
    *,
    backoff: Backoff = BACKOFF,
    breaker: NewBreaker | None = None,
) -> grpc.aio.Channel:
    """A channel to a service of the shop.

    Args:
        target: host:port, or several as `ipv4:host:port,host:port`.
        token: The token to call with, where a call is not given one; None for none.
        backoff: Between the attempts at what may be repeated.
        breaker: Makes the peer's circuit breaker; None for none.
    """
    address = target if target.startswith(("dns:", "ipv4:")) else f"dns:///{target}"
    inner = grpc.aio.insecure_channel(
        address, options=_OPTIONS, interceptors=[StreamIdentity(token)]
    )
    check: Any = inner.unary_unary(
        HEALTH_CHECK,
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )

    async def probe() -> None:
        await check(health_pb2.HealthCheckRequest(), timeout=_PROBE_SECONDS)

    return Channel(inner, token, backoff, breaker(probe) if breaker is not None else None)

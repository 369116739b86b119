"""The services behind the gateway: one channel each, and the calls on it."""

from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import grpc
from google.protobuf.message import Message

from chassis.process import StartError
from chassis.resilience.circuit_breakers import CircuitBreakers
from chassis.rpc.calls import Call
from chassis.rpc.channel import open_channel
from gateway.contract import Rpc
from gateway.http.credentials import Metadata


class Unary(Protocol):
    """A call with one request. Timeouts are in seconds; raises AioRpcError."""

    def __call__(self, request: Message, /, *, timeout: float, metadata: Metadata) -> Call:
        """Begin the call."""


class ClientStream(Protocol):
    """A call with a stream of requests. Timeouts are in seconds; raises AioRpcError."""

    def __call__(
        self, requests: AsyncIterable[Message], /, *, timeout: float, metadata: Metadata
    ) -> Awaitable[Message]:
        """Make the call."""


class Calls(Protocol):
    """Where calls of RPCs go."""

    @property
    def services(self) -> Sequence[str]:
        """The services, such as `cart`."""

    def unary(self, rpc: Rpc, service: str | None = None) -> Unary:
        """The call of an RPC with one request and one response.

        Args:
            rpc: The RPC.
            service: Which one is called, such as `cart`; None for the one of the RPC's package.
        """

    def client_stream(self, rpc: Rpc) -> ClientStream:
        """The call of an RPC with a stream of requests and one response."""


class Channels:
    """Calls over gRPC.

    Args:
        address_of: Proto package -> host:port; None where there is no setting for it.
        breakers: The circuit breakers of the services.
        services: All of them, such as `cart` for `shop.cart.v1`.
    """

    def __init__(
        self,
        address_of: Callable[[str], str | None],
        breakers: CircuitBreakers,
        services: Sequence[str] = (),
    ) -> None:
        self.services = services
        self._address_of = address_of
        self._breakers = breakers
        self._channels: dict[str, grpc.aio.Channel] = {}

    def unary(self, rpc: Rpc, service: str | None = None) -> Unary:
        """The call of an RPC with one request and one response."""
        package = rpc.package if service is None else f"shop.{service}.v1"
        call: Any = self.channel(package).unary_unary(
            rpc.path,
            request_serializer=rpc.request.SerializeToString,
            response_deserializer=rpc.response.FromString,
        )
        return call  # type: ignore[no-any-return]  # grpc's multi-callables are untyped

    def client_stream(self, rpc: Rpc) -> ClientStream:
        """The call of an RPC with a stream of requests and one response."""
        call: Any = self.channel(rpc.package).stream_unary(
            rpc.path,
            request_serializer=rpc.request.SerializeToString,
            response_deserializer=rpc.response.FromString,
        )
        return call  # type: ignore[no-any-return]  # grpc's multi-callables are untyped

    def channel(self, package: str) -> grpc.aio.Channel:
        """The channel to the service of a proto package.

        Raises:
            StartError: No setting says where it is.
        """
        if package not in self._channels:
            address = self._address_of(package)
            if address is None:
                raise StartError(f"no setting says where {package} is served")
            breaker = partial(self._breakers.of, f"svc_{package.split('.')[1]}")
            self._channels[package] = open_channel(address, breaker=breaker)
        return self._channels[package]

    def states(self) -> Mapping[str, str]:
        """Proto package -> state of its channel, such as `ready`; idle ones begin to connect."""
        return {
            package: channel.get_state(try_to_connect=True).name.lower()
            for package, channel in self._channels.items()
        }

    async def close(self) -> None:
        """Close every channel."""
        for channel in self._channels.values():
            await channel.close()

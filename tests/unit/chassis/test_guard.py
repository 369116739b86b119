"""The guard without its server: what it lets through while revocations cannot be checked."""

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import grpc
import pytest
from shop.auth.v1 import auth_pb2, auth_pb2_grpc

from chassis.auth.identity import Identity, current_identity
from chassis.auth.tokens import TokenVerifier
from chassis.errors import Unavailable
from chassis.rpc.guard import Guard

pytestmark = pytest.mark.anyio


class WithoutRedis:
    """Knows whose a token is, and not whether it was revoked."""

    async def identify(self, token: str) -> Identity:
        return Identity("user", id="u1", role="user", session_id="s1", token=token)

    async def verify(self, token: str) -> Identity:
        raise Unavailable("Sessions cannot be checked right now.")


class AbortedError(Exception):
    """The call was refused."""


class Context:
    """Of a call with a token and a deadline."""

    def time_remaining(self) -> float:
        return 20.0

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return [("authorization", "Bearer t0k3n")]

    async def abort(self, code: grpc.StatusCode, *_: Any) -> NoReturn:
        self._code = code
        raise AbortedError(code)

    def code(self) -> grpc.StatusCode:
        return self._code


async def answered(method: str, request: Any) -> Identity:
    """Who the call of that method is served for."""
    served: list[Identity] = []

    async def serve(*_: Any) -> None:
        served.append(current_identity())

    guard = Guard(cast("TokenVerifier", WithoutRedis()))
    path = f"/shop.auth.v1.AuthService/{method}"
    handler = guard.guarded(path, grpc.unary_unary_rpc_method_handler(serve))
    # As gRPC does, in a task of its own.
    await asyncio.create_task(handler.unary_unary(request, Context()))
    [identity] = served
    return identity


async def test_people_sign_out_while_revocations_cannot_be_checked() -> None:
    assert (await answered("SignOut", auth_pb2.SignOutRequest())).session_id == "s1"


async def test_nothing_else_is_done_for_who_may_be_signed_out() -> None:
    with pytest.raises(AbortedError, match="UNAVAILABLE"):
        await answered("GetCurrentUser", auth_pb2.GetCurrentUserRequest())


async def test_a_call_that_takes_too_long_is_told_so_before_its_time_is_over() -> None:
    class Short(Context):
        def time_remaining(self) -> float:
            return 0.05

    async def hang(*_: Any) -> None:
        await asyncio.Event().wait()

    guard = Guard(cast("TokenVerifier", WithoutRedis()))
    handler = guard.guarded(
        "/shop.auth.v1.AuthService/SignOut", grpc.unary_unary_rpc_method_handler(hang)
    )
    with pytest.raises(AbortedError, match="DEADLINE_EXCEEDED"):
        await asyncio.create_task(handler.unary_unary(auth_pb2.SignOutRequest(), Short()))


class Server:
    """Notes what it is to serve."""

    def __init__(self) -> None:
        self.served: list[grpc.GenericRpcHandler] = []

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        self.served += handlers


async def test_a_servicer_is_served_guarded_alone() -> None:
    server = Server()
    guard = Guard(cast("TokenVerifier", WithoutRedis()))
    guarded = guard.on(cast("grpc.aio.Server", server))
    auth_pb2_grpc.add_AuthServiceServicer_to_server(auth_pb2_grpc.AuthServiceServicer(), guarded)
    [service] = server.served
    assert guarded.names == ["shop.auth.v1.AuthService"]
    path = "/shop.auth.v1.AuthService/GetCurrentUser"
    details = cast("grpc.HandlerCallDetails", SimpleNamespace(method=path))
    handler: Any = service.service(details)
    with pytest.raises(AbortedError, match="UNAVAILABLE"):
        await handler.unary_unary(auth_pb2.GetCurrentUserRequest(), Context())

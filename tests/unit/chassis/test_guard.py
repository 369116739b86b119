"""The guard without its server: what it lets through while revocations cannot be checked."""

from types import SimpleNamespace
from typing import Any, NoReturn, cast

import grpc
import pytest
from shop.auth.v1 import auth_pb2

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
        raise AbortedError(code)


async def answered(method: str, request: Any) -> Identity:
    """Who the call of that method is served for."""
    served: list[Identity] = []

    async def serve(*_: Any) -> None:
        served.append(current_identity())

    async def found(_: Any) -> Any:
        return grpc.unary_unary_rpc_method_handler(serve)

    guard = Guard(cast("TokenVerifier", WithoutRedis()))
    details = SimpleNamespace(method=f"/shop.auth.v1.AuthService/{method}")
    handler = await guard.intercept_service(found, cast("grpc.HandlerCallDetails", details))
    await handler.unary_unary(request, Context())
    [identity] = served
    return identity


async def test_people_sign_out_while_revocations_cannot_be_checked() -> None:
    assert (await answered("SignOut", auth_pb2.SignOutRequest())).session_id == "s1"


async def test_nothing_else_is_done_for_who_may_be_signed_out() -> None:
    with pytest.raises(AbortedError, match="UNAVAILABLE"):
        await answered("GetCurrentUser", auth_pb2.GetCurrentUserRequest())


async def test_a_handler_is_guarded_once_a_method() -> None:
    made: list[Any] = []

    async def found(_: Any) -> Any:
        made.append(grpc.unary_unary_rpc_method_handler(lambda *_: None))
        return made[-1]

    async def missing(_: Any) -> None:
        return None

    guard = Guard(cast("TokenVerifier", WithoutRedis()))
    sign_out, refresh = (
        cast("grpc.HandlerCallDetails", SimpleNamespace(method=f"/shop.auth.v1.AuthService/{name}"))
        for name in ("SignOut", "Refresh")
    )
    # What is not served is not remembered: strangers make up as many names as they like.
    assert await guard.intercept_service(missing, sign_out) is None
    first = await guard.intercept_service(found, sign_out)
    assert await guard.intercept_service(found, sign_out) is first
    assert await guard.intercept_service(found, refresh) is not first
    assert len(made) == 2

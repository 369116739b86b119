"""The reasons that any RPC may refuse with can happen; the guard answers them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, cast

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata
from shop.orders.v1 import orders_pb2

from chassis.auth.identity import Identity
from chassis.auth.tokens import TokenVerifier
from chassis.contract.rpc_rules import GENERAL_REASONS
from chassis.errors import RateLimited, Unavailable
from chassis.rpc.guard import Guard
from tests.support.reasons import Refusals

pytestmark = pytest.mark.anyio

RPC = "GetAnyOrder"
ORDER = orders_pb2.GetAnyOrderRequest(order_id="o1")
PEER_TOOK_TOO_LONG = AioRpcError(grpc.StatusCode.DEADLINE_EXCEEDED, Metadata(), Metadata())


class Roles:
    """A token is the role of who has it."""

    async def verify(self, token: str) -> Identity:
        return Identity("user", id="u1", role=token)


class Context:
    """Of a call with a deadline, by someone with a role or by no one."""

    def __init__(self, role: str) -> None:
        self._role = role

    def time_remaining(self) -> float:
        return 20.0

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return [("authorization", f"Bearer {self._role}")] if self._role else []

    async def abort(self, code: grpc.StatusCode, message: str, trailing: Any) -> NoReturn:
        """What the caller gets."""
        self._code = code
        raise AioRpcError(code, Metadata(), Metadata(*trailing), details=message)

    def code(self) -> grpc.StatusCode:
        return self._code


class Call:
    """Calls the RPC, guarded."""

    async def __call__(
        self,
        request: orders_pb2.GetAnyOrderRequest = ORDER,
        *,
        role: str = "admin",
        failure: Exception | None = None,
    ) -> None:
        async def serve(*_: Any) -> None:
            if failure is not None:
                raise failure

        guard = Guard(cast("TokenVerifier", Roles()))
        handler = guard.guarded(
            f"/shop.orders.v1.OrdersService/{RPC}", grpc.unary_unary_rpc_method_handler(serve)
        )
        await asyncio.create_task(handler.unary_unary(request, Context(role)))


WAYS: dict[str, Callable[[Call], Awaitable[None]]] = {
    "VALIDATION_FAILED": lambda call: call(orders_pb2.GetAnyOrderRequest()),
    "UNAUTHENTICATED": lambda call: call(role=""),
    "PERMISSION_DENIED": lambda call: call(role="user"),
    "RATE_LIMITED": lambda call: call(failure=RateLimited("Too often.", 5)),
    "UNAVAILABLE": lambda call: call(failure=Unavailable("Away.")),
    "DEADLINE_EXCEEDED": lambda call: call(failure=PEER_TOOK_TOO_LONG),
    "INTERNAL": lambda call: call(failure=ValueError("A defect.")),
}


@pytest.mark.parametrize("reason", sorted(GENERAL_REASONS))
async def test_a_reason_of_any_rpc_can_happen(reason: str) -> None:
    refusals = Refusals(Call)
    refusals.of(RPC, reason)(WAYS[reason])
    assert await refusals.provoked() == {(RPC, reason)}


async def test_nothing_else_is_refused() -> None:
    await Call()()

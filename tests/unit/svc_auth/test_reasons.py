"""Every reason that the contract declares for the RPCs of auth can happen."""

from typing import Any, cast

import pytest
from shop.auth.v1 import auth_pb2

from chassis.auth.identity import Identity, acting_as
from svc_auth.rpc import AuthRpc
from tests.support.reasons import Refusals, declared
from tests.unit.svc_auth.world import PASSWORD, World

pytestmark = pytest.mark.anyio

# No method looks at it.
CONTEXT = cast("Any", None)

refusals = Refusals(World)


def rpc_of(world: World) -> AuthRpc:
    return AuthRpc(world.do, [])


def admin_of(world: World) -> Identity:
    return Identity("user", world.admin(), "admin")


async def sign_in(world: World, password: str = PASSWORD) -> None:
    request = auth_pb2.SignInRequest(email="ann@example.com", password=password)
    await rpc_of(world).SignIn(request, CONTEXT)


async def refresh(world: World, token: str) -> str:
    request = auth_pb2.RefreshRequest(refresh_token=token)
    return (await rpc_of(world).Refresh(request, CONTEXT)).refresh_token


async def block(world: World, user_id: str) -> None:
    with acting_as(admin_of(world)):
        await rpc_of(world).BlockUser(auth_pb2.BlockUserRequest(user_id=user_id), CONTEXT)


async def demote(world: World, user_id: str) -> None:
    request = auth_pb2.SetUserRoleRequest(user_id=user_id, role=auth_pb2.ROLE_USER)
    with acting_as(admin_of(world)):
        await rpc_of(world).SetUserRole(request, CONTEXT)


@refusals.of("SignUp", "EMAIL_TAKEN")
async def sign_up_twice(world: World) -> None:
    await world.sign_up()
    request = auth_pb2.SignUpRequest(email="ann@example.com", password=PASSWORD)
    await rpc_of(world).SignUp(request, CONTEXT)


@refusals.of("SignIn", "INVALID_CREDENTIALS")
async def sign_in_with_a_wrong_password(world: World) -> None:
    await world.sign_up()
    await sign_in(world, "wrong horse")


@refusals.of("SignIn", "USER_BLOCKED")
async def sign_in_while_blocked(world: World) -> None:
    ann = await world.sign_up()
    await block(world, ann.user.id)
    await sign_in(world)


@refusals.of("Refresh", "REFRESH_INVALID")
async def refresh_without_a_session(world: World) -> None:
    await refresh(world, "")


@refusals.of("Refresh", "REFRESH_REUSED")
async def refresh_with_a_token_that_was_used_long_ago(world: World) -> None:
    first = (await world.sign_up()).refresh_token
    await refresh(world, await refresh(world, first))
    world.clock.forward(minutes=1)
    await refresh(world, first)


@refusals.of("RevokeSession", "NOT_FOUND")
async def revoke_what_is_not_there(world: World) -> None:
    request = auth_pb2.RevokeSessionRequest(session_id="ghost")
    with acting_as(admin_of(world)):
        await rpc_of(world).RevokeSession(request, CONTEXT)


@refusals.of("BlockUser", "NOT_FOUND")
async def block_nobody(world: World) -> None:
    await block(world, "ghost")


@refusals.of("BlockUser", "OWN_ACCOUNT")
async def block_themself(world: World) -> None:
    await block(world, world.admin())


@refusals.of("UnblockUser", "NOT_FOUND")
async def unblock_nobody(world: World) -> None:
    with acting_as(admin_of(world)):
        await rpc_of(world).UnblockUser(auth_pb2.UnblockUserRequest(user_id="ghost"), CONTEXT)


@refusals.of("SetUserRole", "NOT_FOUND")
async def demote_nobody(world: World) -> None:
    await demote(world, "ghost")


@refusals.of("SetUserRole", "OWN_ACCOUNT")
async def demote_themself(world: World) -> None:
    await demote(world, world.admin())


@refusals.of("IssueServiceToken", "INVALID_CREDENTIALS")
async def ask_with_a_wrong_secret(world: World) -> None:
    request = auth_pb2.IssueServiceTokenRequest(client_id="svc_cart", client_secret="wrong")
    await rpc_of(world).IssueServiceToken(request, CONTEXT)


async def test_every_declared_reason_can_happen() -> None:
    service = auth_pb2.DESCRIPTOR.services_by_name["AuthService"]
    assert await refusals.provoked() == declared(service)

from typing import Any, cast

import pytest
from shop.auth.v1 import auth_pb2

from chassis.auth.identity import Identity, acting_as
from chassis.errors import InvalidField, Unauthenticated
from svc_auth.model.keys import VerificationKey
from svc_auth.rpc import AuthRpc
from svc_auth.usecases.sign_in import SignedIn
from tests.unit.svc_auth.world import PASSWORD, World

pytestmark = pytest.mark.anyio

NO_CONTEXT = cast("Any", None)


@pytest.fixture
def rpc(world: World) -> AuthRpc:
    return AuthRpc(world.do, [VerificationKey("kid", "x", "y")])


def as_user(signed_in: SignedIn, session_id: str = "") -> Identity:
    return Identity("user", signed_in.user.id, signed_in.user.role, session_id)


async def test_signing_up_answers_with_the_account_and_tokens(rpc: AuthRpc, world: World) -> None:
    request = auth_pb2.SignUpRequest(
        email="Ann@example.com", password=PASSWORD, name="Ann", user_agent="laptop"
    )
    response = await rpc.SignUp(request, NO_CONTEXT)
    assert response.user.email == "ann@example.com"
    assert response.user.role == auth_pb2.ROLE_USER
    assert response.user.created_at.ToDatetime(world.clock.now.tzinfo) == world.clock.now
    assert response.access_token
    assert response.refresh_token
    assert world.sessions.kept[world.newest_session].user_agent == "laptop"


async def test_signing_in_and_refreshing_answer_alike(rpc: AuthRpc, world: World) -> None:
    await world.sign_up()
    request = auth_pb2.SignInRequest(email="ann@example.com", password=PASSWORD, user_agent="x")
    first = await rpc.SignIn(request, NO_CONTEXT)
    second = await rpc.Refresh(
        auth_pb2.RefreshRequest(refresh_token=first.refresh_token), NO_CONTEXT
    )
    assert second.user == first.user
    assert second.access_token
    assert second.refresh_token != first.refresh_token


async def test_signing_out_clears_both_cookies(rpc: AuthRpc, world: World) -> None:
    signed_in = await world.sign_up()
    with acting_as(as_user(signed_in, world.newest_session)):
        response = await rpc.SignOut(auth_pb2.SignOutRequest(), NO_CONTEXT)
    assert response.HasField("access_token")
    assert response.HasField("refresh_token")
    assert response.access_token == response.refresh_token == ""
    assert world.sessions.kept[world.newest_session].ended_at is not None


async def test_the_current_user_is_absent_for_anonymous_callers_and_processes(
    rpc: AuthRpc, world: World
) -> None:
    signed_in = await world.sign_up()
    request = auth_pb2.GetCurrentUserRequest()
    assert not (await rpc.GetCurrentUser(request, NO_CONTEXT)).HasField("current_user")
    with acting_as(Identity("service", signed_in.user.id, "service")):
        assert not (await rpc.GetCurrentUser(request, NO_CONTEXT)).HasField("current_user")
    with acting_as(as_user(signed_in)):
        response = await rpc.GetCurrentUser(request, NO_CONTEXT)
    assert response.current_user.id == signed_in.user.id


async def test_absent_fields_of_a_profile_stay_and_empty_ones_are_cleared(
    rpc: AuthRpc, world: World
) -> None:
    signed_in = await world.sign_up()
    with acting_as(as_user(signed_in)):
        await rpc.UpdateProfile(auth_pb2.UpdateProfileRequest(phone="555"), NO_CONTEXT)
        response = await rpc.UpdateProfile(auth_pb2.UpdateProfileRequest(name=""), NO_CONTEXT)
    assert (response.user.name, response.user.phone) == ("", "555")


async def test_changing_the_password_keeps_the_callers_session(rpc: AuthRpc, world: World) -> None:
    laptop = await world.sign_up()
    laptop_id = world.newest_session
    await world.sign_in()
    request = auth_pb2.ChangePasswordRequest(current_password=PASSWORD, new_password="new one!")
    with acting_as(as_user(laptop, laptop_id)):
        await rpc.ChangePassword(request, NO_CONTEXT)
        response = await rpc.ListSessions(auth_pb2.ListSessionsRequest(), NO_CONTEXT)
    assert [each.id for each in response.sessions] == [laptop_id]


async def test_sessions_are_paged_and_the_callers_is_marked(rpc: AuthRpc, world: World) -> None:
    signed_in = await world.sign_up()
    for _ in range(2):
        await world.sign_in()
    with acting_as(as_user(signed_in, "session-0001")):
        first = await rpc.ListSessions(auth_pb2.ListSessionsRequest(page_size=2), NO_CONTEXT)
        rest = await rpc.ListSessions(
            auth_pb2.ListSessionsRequest(page_size=2, page_token=first.next_page_token), NO_CONTEXT
        )
    assert (first.total_size, rest.next_page_token) == (3, "")
    shown = [*first.sessions, *rest.sessions]
    assert [each.is_current for each in shown] == [False, False, True]
    assert shown[-1].user_agent == "laptop"
    assert shown[-1].expires_at.seconds - shown[-1].created_at.seconds == 7 * 24 * 3600


async def test_a_session_is_revoked(rpc: AuthRpc, world: World) -> None:
    signed_in = await world.sign_up()
    with acting_as(as_user(signed_in)):
        await rpc.RevokeSession(
            auth_pb2.RevokeSessionRequest(session_id=world.newest_session), NO_CONTEXT
        )
    assert world.sessions.kept[world.newest_session].ended_at is not None


async def test_accounts_are_filtered_and_paged(rpc: AuthRpc, world: World) -> None:
    for name in ("ann", "bob", "barb"):
        await world.sign_up(f"{name}@example.com", name)
    request = auth_pb2.ListUsersRequest(
        query="B", role=auth_pb2.ROLE_USER, blocked=False, page_size=1
    )
    first = await rpc.ListUsers(request, NO_CONTEXT)
    request.page_token = first.next_page_token
    rest = await rpc.ListUsers(request, NO_CONTEXT)
    assert [user.name for user in [*first.users, *rest.users]] == ["barb", "bob"]
    assert (first.total_size, rest.next_page_token) == (2, "")
    request.query = "a"
    with pytest.raises(InvalidField) as refusal:
        await rpc.ListUsers(request, NO_CONTEXT)
    assert refusal.value.field == "page_token"


async def test_admins_block_unblock_and_promote(rpc: AuthRpc, world: World) -> None:
    user = await world.sign_up("bob@example.com")
    with acting_as(Identity("user", world.admin(), "admin")):
        blocked = await rpc.BlockUser(auth_pb2.BlockUserRequest(user_id=user.user.id), NO_CONTEXT)
        unblocked = await rpc.UnblockUser(
            auth_pb2.UnblockUserRequest(user_id=user.user.id), NO_CONTEXT
        )
        promoted = await rpc.SetUserRole(
            auth_pb2.SetUserRoleRequest(user_id=user.user.id, role=auth_pb2.ROLE_ADMIN), NO_CONTEXT
        )
    assert (blocked.user.is_blocked, unblocked.user.is_blocked) == (True, False)
    assert promoted.user.role == auth_pb2.ROLE_ADMIN


async def test_a_role_that_does_not_exist_is_refused(rpc: AuthRpc, world: World) -> None:
    signed_in = await world.sign_up()
    unknown = cast("Any", 7)
    with acting_as(as_user(signed_in)), pytest.raises(InvalidField) as refusal:
        await rpc.SetUserRole(auth_pb2.SetUserRoleRequest(user_id="x", role=unknown), NO_CONTEXT)
    assert refusal.value.field == "role"
    with pytest.raises(InvalidField):
        await rpc.ListUsers(auth_pb2.ListUsersRequest(role=unknown), NO_CONTEXT)


async def test_what_needs_a_user_is_refused_without_one(rpc: AuthRpc) -> None:
    with pytest.raises(Unauthenticated):
        await rpc.UpdateProfile(auth_pb2.UpdateProfileRequest(name="x"), NO_CONTEXT)


async def test_the_public_keys_are_given_out(rpc: AuthRpc) -> None:
    (key,) = (await rpc.GetJwks(auth_pb2.GetJwksRequest(), NO_CONTEXT)).keys
    assert (key.kid, key.x, key.y) == ("kid", "x", "y")
    assert (key.kty, key.crv, key.alg, key.use) == ("EC", "P-256", "ES256", "sig")


async def test_a_process_is_given_a_token(rpc: AuthRpc, world: World) -> None:
    request = auth_pb2.IssueServiceTokenRequest(client_id="svc_cart", client_secret="cart's secret")
    response = await rpc.IssueServiceToken(request, NO_CONTEXT)
    assert response.access_token == "token of svc_cart"
    assert response.expires_at.ToDatetime(world.clock.now.tzinfo) > world.clock.now

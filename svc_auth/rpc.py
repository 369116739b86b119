"""shop.auth.v1.AuthService: from message to use case and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from shop.auth.v1 import auth_pb2, auth_pb2_grpc

from chassis.auth.identity import current_identity, require_user
from chassis.rpc.paging import decode_page_token, encode_page_token, page_size
from chassis.rpc.values import timestamp_message
from svc_auth.messages import key_message, role_of, session_message, user_message
from svc_auth.model.keys import VerificationKey
from svc_auth.usecases.accounts import ChangePassword, GetCurrentUser, UpdateProfile
from svc_auth.usecases.administer_users import BlockUser, ListUsers, SetUserRole, UnblockUser
from svc_auth.usecases.ports import UserFilter
from svc_auth.usecases.service_tokens import IssueServiceToken
from svc_auth.usecases.sessions import ListSessions, Refresh, RevokeSession, SignOut
from svc_auth.usecases.sign_in import SignedIn, SignIn, SignUp

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class UseCases:
    """Everything that the service can do."""

    sign_up: SignUp
    sign_in: SignIn
    sign_out: SignOut
    refresh: Refresh
    get_current_user: GetCurrentUser
    update_profile: UpdateProfile
    change_password: ChangePassword
    list_sessions: ListSessions
    revoke_session: RevokeSession
    list_users: ListUsers
    block_user: BlockUser
    unblock_user: UnblockUser
    set_user_role: SetUserRole
    issue_service_token: IssueServiceToken


class AuthRpc(auth_pb2_grpc.AuthServiceServicer):
    """The service as it is called.

    Args:
        do: What it can do.
        keys: The public keys that tokens may be signed by.
    """

    def __init__(self, do: UseCases, keys: Sequence[VerificationKey]) -> None:
        self._do = do
        self._keys = keys

    async def SignUp(
        self, request: auth_pb2.SignUpRequest, context: Context
    ) -> auth_pb2.SignUpResponse:
        signed_in = await self._do.sign_up(
            email=request.email,
            password=request.password,
            name=request.name,
            phone=request.phone,
            address=request.address,
            user_agent=request.user_agent,
        )
        return auth_pb2.SignUpResponse(**_given(signed_in), device_token=signed_in.device_token)

    async def SignIn(
        self, request: auth_pb2.SignInRequest, context: Context
    ) -> auth_pb2.SignInResponse:
        signed_in = await self._do.sign_in(
            email=request.email,
            password=request.password,
            user_agent=request.user_agent,
            device_token=request.device_token,
        )
        return auth_pb2.SignInResponse(**_given(signed_in), device_token=signed_in.device_token)

    async def SignOut(
        self, request: auth_pb2.SignOutRequest, context: Context
    ) -> auth_pb2.SignOutResponse:
        await self._do.sign_out(
            refresh_token=request.refresh_token, session_id=current_identity().session_id
        )
        return auth_pb2.SignOutResponse(access_token="", refresh_token="")

    async def Refresh(
        self, request: auth_pb2.RefreshRequest, context: Context
    ) -> auth_pb2.RefreshResponse:
        return auth_pb2.RefreshResponse(**_given(await self._do.refresh(request.refresh_token)))

    async def GetCurrentUser(
        self, request: auth_pb2.GetCurrentUserRequest, context: Context
    ) -> auth_pb2.GetCurrentUserResponse:
        identity = current_identity()
        user = await self._do.get_current_user(identity.id if identity.kind == "user" else "")
        return auth_pb2.GetCurrentUserResponse(current_user=user_message(user) if user else None)

    async def UpdateProfile(
        self, request: auth_pb2.UpdateProfileRequest, context: Context
    ) -> auth_pb2.UpdateProfileResponse:
        user = await self._do.update_profile(
            require_user().id,
            name=request.name if request.HasField("name") else None,
            phone=request.phone if request.HasField("phone") else None,
            address=request.address if request.HasField("address") else None,
        )
        return auth_pb2.UpdateProfileResponse(user=user_message(user))

    async def ChangePassword(
        self, request: auth_pb2.ChangePasswordRequest, context: Context
    ) -> auth_pb2.ChangePasswordResponse:
        caller = require_user()
        await self._do.change_password(
            caller.id,
            caller.session_id,
            current_password=request.current_password,
            chosen_password=request.new_password,
        )
        return auth_pb2.ChangePasswordResponse()

    async def ListSessions(
        self, request: auth_pb2.ListSessionsRequest, context: Context
    ) -> auth_pb2.ListSessionsResponse:
        caller = require_user()
        scope = f"sessions of {caller.id}"
        page = await self._do.list_sessions(
            caller.id,
            before=_position(request.page_token, scope),
            limit=page_size(request.page_size),
        )
        return auth_pb2.ListSessionsResponse(
            sessions=[session_message(each, caller.session_id) for each in page.sessions],
            next_page_token=(
                encode_page_token(scope, [page.sessions[-1].id]) if page.has_more else ""
            ),
            total_size=page.total,
        )

    async def RevokeSession(
        self, request: auth_pb2.RevokeSessionRequest, context: Context
    ) -> auth_pb2.RevokeSessionResponse:
        await self._do.revoke_session(require_user().id, request.session_id)
        return auth_pb2.RevokeSessionResponse()

    async def ListUsers(
        self, request: auth_pb2.ListUsersRequest, context: Context
    ) -> auth_pb2.ListUsersResponse:
        wanted = UserFilter(
            query=request.query,
            role=role_of(request.role) if request.role else None,
            blocked=request.blocked if request.HasField("blocked") else None,
        )
        scope = repr(wanted)
        page = await self._do.list_users(
            wanted,
            before=_position(request.page_token, scope),
            limit=page_size(request.page_size),
        )
        return auth_pb2.ListUsersResponse(
            users=[user_message(each, to_admin=True) for each in page.users],
            next_page_token=encode_page_token(scope, [page.users[-1].id]) if page.has_more else "",
            total_size=page.total,
        )

    async def BlockUser(
        self, request: auth_pb2.BlockUserRequest, context: Context
    ) -> auth_pb2.BlockUserResponse:
        user = await self._do.block_user(require_user().id, request.user_id)
        return auth_pb2.BlockUserResponse(user=user_message(user, to_admin=True))

    async def UnblockUser(
        self, request: auth_pb2.UnblockUserRequest, context: Context
    ) -> auth_pb2.UnblockUserResponse:
        user = await self._do.unblock_user(require_user().id, request.user_id)
        return auth_pb2.UnblockUserResponse(user=user_message(user, to_admin=True))

    async def SetUserRole(
        self, request: auth_pb2.SetUserRoleRequest, context: Context
    ) -> auth_pb2.SetUserRoleResponse:
        user = await self._do.set_user_role(
            require_user().id, request.user_id, role_of(request.role)
        )
        return auth_pb2.SetUserRoleResponse(user=user_message(user, to_admin=True))

    async def GetJwks(
        self, request: auth_pb2.GetJwksRequest, context: Context
    ) -> auth_pb2.GetJwksResponse:
        return auth_pb2.GetJwksResponse(keys=[key_message(key) for key in self._keys])

    async def IssueServiceToken(
        self, request: auth_pb2.IssueServiceTokenRequest, context: Context
    ) -> auth_pb2.IssueServiceTokenResponse:
        token, expires_at = self._do.issue_service_token(request.client_id, request.client_secret)
        return auth_pb2.IssueServiceTokenResponse(
            access_token=token, expires_at=timestamp_message(expires_at)
        )


def _given(signed_in: SignedIn) -> dict[str, Any]:
    """The fields that the responses to signing in, up and on share."""
    return {
        "user": user_message(signed_in.user),
        "access_token": signed_in.access_token,
        "refresh_token": signed_in.refresh_token,
    }


def _position(page_token: str, scope: str) -> str | None:
    position = decode_page_token(page_token, scope, [str])
    return position[0] if position else None

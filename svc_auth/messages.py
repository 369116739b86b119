"""The domain in protobuf."""

from collections.abc import Mapping

from shop.auth.v1 import auth_pb2

from chassis.errors import InvalidField
from chassis.rpc.values import timestamp_message
from svc_auth.model.keys import VerificationKey
from svc_auth.model.session import Session
from svc_auth.model.user import Role, User

_ROLES = {Role.USER: auth_pb2.ROLE_USER, Role.ADMIN: auth_pb2.ROLE_ADMIN}
_ROLES_BY_VALUE: Mapping[int, Role] = {value: role for role, value in _ROLES.items()}


def user_message(user: User, *, to_admin: bool = False) -> auth_pb2.User:
    """An account, without what is no one else's business; admins see who changed its rights."""
    message = auth_pb2.User(
        id=user.id,
        email=user.email,
        name=user.name,
        phone=user.phone,
        address=user.address,
        role=_ROLES[user.role],
        is_blocked=user.is_blocked,
        created_at=timestamp_message(user.created_at),
    )
    if to_admin and user.rights_changed_at is not None:
        message.rights_changed_at.CopyFrom(timestamp_message(user.rights_changed_at))
        message.rights_changed_by = user.rights_changed_by
    return message


def session_message(session: Session, current_id: str) -> auth_pb2.Session:
    """A signed-in device; `current_id` is the session of the caller."""
    return auth_pb2.Session(
        id=session.id,
        user_agent=session.user_agent,
        is_current=session.id == current_id,
        created_at=timestamp_message(session.created_at),
        last_used_at=timestamp_message(session.last_used_at),
        expires_at=timestamp_message(session.expires_at),
    )


def key_message(key: VerificationKey) -> auth_pb2.JsonWebKey:
    """A public key."""
    return auth_pb2.JsonWebKey(**key.jwk())


def role_of(value: int) -> Role:
    """The role; InvalidField where the number means none."""
    role = _ROLES_BY_VALUE.get(value)
    if role is None:
        raise InvalidField("role", "must be user or admin")
    return role

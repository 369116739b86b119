"""What users do with their own account."""

from dataclasses import dataclass

from chassis.clock import Clock
from chassis.errors import InvalidField, Unauthenticated
from svc_auth.model.passwords import new_password, normal_password
from svc_auth.model.phones import normal_phone
from svc_auth.model.user import User, normal_address, normal_name
from svc_auth.usecases.check_password import CheckPassword
from svc_auth.usecases.end_sessions import EndSessions
from svc_auth.usecases.ports import Passwords, Users


@dataclass(frozen=True)
class GetCurrentUser:
    """The signed-in user."""

    users: Users

    async def __call__(self, user_id: str) -> User | None:
        """The account; None where it is gone or blocked, or no one is signed in."""
        user = await self.users.get(user_id) if user_id else None
        return None if user is None or user.is_blocked else user


@dataclass(frozen=True)
class UpdateProfile:
    """Changes name, phone and address."""

    users: Users

    async def __call__(
        self, user_id: str, *, name: str | None, phone: str | None, address: str | None
    ) -> User:
        """Change those that are not None."""
        user = await self.users.update_profile(
            user_id,
            name=None if name is None else normal_name(name),
            phone=None if phone is None else normal_phone(phone),
            address=None if address is None else normal_address(address),
        )
        if user is None:
            raise Unauthenticated("The account is gone.")
        return user


@dataclass(frozen=True)
class ChangePassword:
    """Sets a new password; every other device has to sign in with it."""

    users: Users
    passwords: Passwords
    check_password: CheckPassword
    end_sessions: EndSessions
    clock: Clock
    shop_name: str

    async def __call__(
        self, user_id: str, session_id: str, *, current_password: str, chosen_password: str
    ) -> None:
        """Set it.

        Raises:
            InvalidField: The current one is wrong, or the new one easy to guess.
            RateLimited: Too many were tried that were wrong.
        """
        user = await self.users.get(user_id)
        if user is None:
            raise Unauthenticated("The account is gone.")
        # Not the number for signing in: who has a stolen session must not use that up.
        who, typed = f"change {user.id}", normal_password(current_password)
        if not await self.check_password(who, typed, user.password_hash):
            raise _not_theirs()
        password = new_password(
            chosen_password, field="new_password", email=user.email, shop_name=self.shop_name
        )
        changed = await self.users.change_password(
            user.id,
            user.password_hash,
            await self.passwords.hash(password),
            keep_session=session_id,
            at=self.clock(),
        )
        if changed is None:
            # Another change was faster, so the current password is another one now.
            raise _not_theirs()
        await self.end_sessions.older_than(changed)


def _not_theirs() -> InvalidField:
    return InvalidField("current_password", "is not your password")

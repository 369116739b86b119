"""What admins do with accounts."""

from dataclasses import dataclass

from chassis.clock import Clock
from chassis.errors import NotFound
from svc_auth.model.refusals import OwnAccount
from svc_auth.model.user import Role, User
from svc_auth.usecases.ending import EndSessions
from svc_auth.usecases.ports import UserFilter, Users


@dataclass(frozen=True)
class UserPage:
    """Some accounts, newest first, and how many match in all."""

    users: list[User]
    has_more: bool
    total: int


@dataclass(frozen=True)
class ListUsers:
    """Lists accounts."""

    users: Users

    async def __call__(self, wanted: UserFilter, *, before: str | None, limit: int) -> UserPage:
        """List those after the account of id `before`."""
        found = await self.users.page(wanted, before=before, limit=limit + 1)
        total = await self.users.count(wanted)
        return UserPage(found[:limit], len(found) > limit, total)


@dataclass(frozen=True)
class BlockUser:
    """Locks an account out, at once and everywhere."""

    users: Users
    end_sessions: EndSessions
    clock: Clock

    async def __call__(self, admin_id: str, user_id: str) -> User:
        """Block it, if it is not; OwnAccount, NotFound."""
        if user_id == admin_id:
            raise OwnAccount
        changed = await self.users.block(user_id, self.clock())
        if changed is None:
            return await existing(self.users, user_id)
        await self.end_sessions.older_than(changed)
        return changed


@dataclass(frozen=True)
class UnblockUser:
    """Lets an account in again."""

    users: Users

    async def __call__(self, user_id: str) -> User:
        """Unblock it, if it is blocked; NotFound."""
        user = await self.users.unblock(user_id)
        if user is None:
            raise NotFound("There is no such user.")
        return user


@dataclass(frozen=True)
class SetUserRole:
    """Changes what an account may do."""

    users: Users
    end_sessions: EndSessions
    clock: Clock

    async def __call__(self, admin_id: str, user_id: str, role: Role) -> User:
        """Change it, if it differs; OwnAccount, NotFound."""
        if user_id == admin_id:
            raise OwnAccount
        changed = await self.users.set_role(user_id, role, self.clock())
        if changed is None:
            return await existing(self.users, user_id)
        await self.end_sessions.older_than(changed)
        return changed


async def existing(users: Users, user_id: str) -> User:
    """The account; NotFound where there is none."""
    user = await users.get(user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user

"""What admins do with accounts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from chassis.clock import Clock
from chassis.errors import NotFound, PermissionDenied, Unavailable
from chassis.ids import NewId
from svc_auth.model.refusals import OwnAccount
from svc_auth.model.user import Role, User
from svc_auth.usecases.end_sessions import EndSessions
from svc_auth.usecases.ports import Change, Changed, Hold, Unchanged, UserFilter, Users

log = structlog.get_logger(__name__)

# Longer than any write can take; a process that died in the midst of one leaves its hold behind.
HOLD = timedelta(minutes=1)


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
class ChangeRights:
    """Lets admins change the rights of others, one change of an account at a time.

    Two admins who demote or block each other at once might leave the shop without any. So who
    changes the rights of others holds their own meanwhile: while they are held, no one takes them
    away. Each that is taken away is so by one who is an admin at that moment, and stays one.
    """

    users: Users
    end_sessions: EndSessions
    clock: Clock
    new_id: NewId

    async def __call__(
        self, admin_id: str, user_id: str, what: str, write: Callable[[Change], Awaitable[Changed]]
    ) -> User:
        """Have `write` change an account, and end the sessions that this ends.

        Args:
            admin_id: Who wants it.
            user_id: The account.
            what: What is done, for the log.
            write: Makes the change.

        Raises:
            OwnAccount: The account is the admin's own.
            PermissionDenied: They are no admin any more.
            NotFound: There is no such account.
            Unavailable: The account is changing the rights of others at this moment.
        """
        if user_id == admin_id:
            raise OwnAccount
        now = self.clock()
        hold = Hold(self.new_id(), now + HOLD)
        admin = await self.users.hold_rights(admin_id, hold)
        if admin is None:
            raise PermissionDenied("Your role does not allow this.")
        try:
            changed = await write(Change(user_id, now, admin.email))
        finally:
            await self.users.release_rights(admin_id, hold)
        if changed is Unchanged.NOT_THERE:
            raise NotFound("There is no such user.")
        if changed is Unchanged.HELD:
            raise Unavailable("This admin is changing another account. Please try again.")
        user, is_new = changed
        if is_new:
            log.info("rights changed", what=what, user_id=user_id, by=admin_id)
            await self.end_sessions.older_than(user)
        return user


@dataclass(frozen=True)
class BlockUser:
    """Locks an account out, at once and everywhere."""

    change_rights: ChangeRights

    async def __call__(self, admin_id: str, user_id: str) -> User:
        """Block it, if it is not; raises as `ChangeRights` does."""
        users = self.change_rights.users
        return await self.change_rights(admin_id, user_id, "blocked", users.block)


@dataclass(frozen=True)
class UnblockUser:
    """Lets an account in again."""

    change_rights: ChangeRights

    async def __call__(self, admin_id: str, user_id: str) -> User:
        """Unblock it, if it is blocked; raises as `ChangeRights` does."""
        users = self.change_rights.users
        return await self.change_rights(admin_id, user_id, "unblocked", users.unblock)


@dataclass(frozen=True)
class SetUserRole:
    """Changes what an account may do."""

    change_rights: ChangeRights

    async def __call__(self, admin_id: str, user_id: str, role: Role) -> User:
        """Change it, if it differs; raises as `ChangeRights` does."""

        async def write(change: Change) -> Changed:
            return await self.change_rights.users.set_role(change, role)

        return await self.change_rights(admin_id, user_id, f"made {role.value}", write)

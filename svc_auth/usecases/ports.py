"""What the use cases need from outside."""

import enum
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from svc_auth.model.session import Session
from svc_auth.model.user import Role, User


@dataclass(frozen=True)
class UserFilter:
    """Which accounts to list: those that meet all that is given."""

    query: str = ""
    role: Role | None = None
    blocked: bool | None = None


@dataclass(frozen=True)
class Hold:
    """Keeps an admin's rights as they are, until it is released or its time is over."""

    id: str
    until: datetime


@dataclass(frozen=True)
class Change:
    """Whose rights are changed, when, and by the admin of which email."""

    user_id: str
    at: datetime
    by: str


class Unchanged(enum.Enum):
    """Why the rights of an account were not changed."""

    NOT_THERE = "there is no such account"
    HELD = "it is an admin's who changes the rights of others at this moment"


Changed = tuple[User, bool] | Unchanged
"""The account as it is, and whether it was changed; or why not."""


class Users(Protocol):
    """The accounts.

    Changes that end sessions grow the account's epoch and note, in the same write, that those
    sessions have yet to be ended one by one (`due`, until `settled`).
    """

    async def add(self, user: User) -> None:
        """Keep a new account; EmailTaken where its email has one, also under concurrency."""

    async def get(self, user_id: str) -> User | None:
        """The account of this id."""

    async def find(self, email: str) -> User | None:
        """The account of this normal email."""

    async def update_profile(
        self, user_id: str, *, name: str | None, phone: str | None, address: str | None
    ) -> User | None:
        """Change what is not None; the account after it, None where there is none."""

    async def rehash(self, user_id: str, old_hash: str, new_hash: str) -> None:
        """Keep the same password under another hash, unless it has been changed meanwhile."""

    async def change_password(
        self, user_id: str, old_hash: str, new_hash: str, *, keep_session: str, at: datetime
    ) -> User | None:
        """Set another password and end all sessions but one.

        Returns:
            The account after it; None where the old hash is not the present one.
        """

    async def hold_rights(self, user_id: str, hold: Hold) -> User | None:
        """Keep an admin's rights as they are; None where they are no admin, or blocked."""

    async def release_rights(self, user_id: str, hold: Hold) -> None:
        """Let the rights be changed again, unless another hold is on them."""

    async def block(self, change: Change) -> Changed:
        """Block an account that is not, and end its sessions."""

    async def unblock(self, change: Change) -> Changed:
        """Let a blocked account in again."""

    async def set_role(self, change: Change, role: Role) -> Changed:
        """Change a role to another, and end the sessions."""

    async def page(self, wanted: UserFilter, *, before: str | None, limit: int) -> list[User]:
        """Accounts, newest first, that come after the one of id `before`."""

    async def count(self, wanted: UserFilter) -> int:
        """How many accounts there are."""

    async def due(self) -> list[User]:
        """Accounts with sessions of an older epoch that have yet to be ended one by one."""

    async def settled(self, user: User) -> None:
        """The sessions before this epoch have been ended one by one."""

    async def changed_since(self, since: datetime) -> list[User]:
        """Accounts whose epoch began at `since` or later."""


class Sessions(Protocol):
    """The signed-in devices."""

    async def add(self, session: Session) -> None:
        """Keep a new session."""

    async def get(self, session_id: str) -> Session | None:
        """The session of this id, ended or not."""

    async def find(self, token_hash: bytes) -> Session | None:
        """The session whose live refresh token this is; for tokens that name no session."""

    async def rotate(self, old: Session, new: Session) -> bool:
        """Keep `new` where the session's current token is still that of `old` and it has not ended.

        Returns:
            False where it lost to another rotation or to an end.
        """

    async def note_replay(self, session: Session) -> bool:
        """Note that the token before the current one was exchanged again long after.

        Returns:
            False where it lost to a rotation or to an end.
        """

    async def end(self, session_ids: Sequence[str], at: datetime) -> bool:
        """End sessions; False where all of them had ended before."""

    async def ended_since(self, since: datetime) -> list[str]:
        """Ids of the sessions that were ended at `since` or later."""

    async def page(
        self, user_id: str, now: datetime, *, before: str | None, limit: int
    ) -> list[Session]:
        """A user's live sessions, newest first, after the one of id `before`."""

    async def count(self, user_id: str, now: datetime) -> int:
        """How many live sessions a user has."""

    async def outdated(self, user: User, now: datetime) -> list[str]:
        """Ids of live sessions of older epochs, without the kept one."""


class Passwords(Protocol):
    """Hashes passwords, slowly on purpose."""

    async def hash(self, password: str) -> str:
        """A hash with its own salt and parameters in it."""

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether the hash is of this password; False for no hash, after the same time."""

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than are used now."""


class PasswordGuesses(Protocol):
    """Counts the passwords that are tried, before it is known whether they are right."""

    async def take(self, who: str) -> None:
        """Count one more; RateLimited where `who` has tried as many as may be tried in a time."""

    async def give_back(self, who: str) -> None:
        """Count one less: it was right."""


@dataclass(frozen=True)
class Device:
    """A device that was signed in to an account."""

    id: str
    user_id: str


class Tokens(Protocol):
    """Signs access tokens, and those by which devices are known again."""

    def for_user(self, user: User, session_id: str, now: datetime) -> str:
        """A token for a user's session."""

    def for_service(self, client_id: str, now: datetime) -> tuple[str, datetime]:
        """A token for a process of the shop, and when it expires."""

    def for_device(self, device: Device, now: datetime) -> str:
        """A token by which a device is known again."""

    def device(self, token: str) -> Device | None:
        """The device that a token is of; None where it is not good."""


@dataclass(frozen=True)
class EndedSessions:
    """What has ended.

    Attributes:
        sessions: Ids of sessions all of whose tokens are void.
        users: Ids of users, and when they were changed: their tokens of the seconds before are
            void.
    """

    sessions: list[str]
    users: dict[str, datetime]


class Revocations(Protocol):
    """Tells every process which access tokens are void before they expire."""

    async def announce(self, ended: EndedSessions) -> None:
        """Void the tokens; Unavailable where that cannot be announced."""

    async def repeat(self, recent: Callable[[], Awaitable[EndedSessions]]) -> None:
        """Void the tokens of all recent endings, and vouch for it that none is missing.

        Without that word, which goes when anything is forgotten, no token is accepted.

        Args:
            recent: Reads all endings that a token may still be concerned by.

        Raises:
            Unavailable: It cannot be announced, or something was forgotten meanwhile.
        """

"""The ports of svc_auth in memory; the contract tests hold them to what the real ones do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from chassis.errors import Unavailable
from svc_auth.model.refusals import EmailTaken
from svc_auth.model.search import fold
from svc_auth.model.session import REMEMBERED_TOKENS, Session
from svc_auth.model.user import Role, User
from svc_auth.usecases.ports import UserFilter


class Names:
    """Ids that sort by the order in which they were given out."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._numbers = count(1)

    def __call__(self) -> str:
        return f"{self._prefix}-{next(self._numbers):04}"


class FakeUsers:
    def __init__(self) -> None:
        self.kept: dict[str, User] = {}
        self.waiting: dict[str, datetime] = {}

    async def add(self, user: User) -> None:
        if await self.find(user.email):
            raise EmailTaken
        self.kept[user.id] = user

    async def get(self, user_id: str) -> User | None:
        return self.kept.get(user_id)

    async def find(self, email: str) -> User | None:
        return next((user for user in self.kept.values() if user.email == email), None)

    async def update_profile(
        self, user_id: str, *, name: str | None, phone: str | None, address: str | None
    ) -> User | None:
        given = {"name": name, "phone": phone, "address": address}
        return self._change(user_id, {key: text for key, text in given.items() if text is not None})

    async def rehash(self, user_id: str, old_hash: str, new_hash: str) -> None:
        if self.kept[user_id].password_hash == old_hash:
            self._change(user_id, {"password_hash": new_hash})

    async def change_password(
        self, user_id: str, old_hash: str, new_hash: str, *, keep_session: str, at: datetime
    ) -> User | None:
        user = self.kept.get(user_id)
        if user is None or user.password_hash != old_hash:
            return None
        return self._next_epoch(user, at, keep_session, password_hash=new_hash)

    async def block(self, user_id: str, at: datetime) -> User | None:
        user = self.kept.get(user_id)
        if user is None or user.is_blocked:
            return None
        return self._next_epoch(user, at, is_blocked=True)

    async def unblock(self, user_id: str) -> User | None:
        return self._change(user_id, {"is_blocked": False})

    async def set_role(self, user_id: str, role: Role, at: datetime) -> User | None:
        user = self.kept.get(user_id)
        if user is None or user.role is role:
            return None
        return self._next_epoch(user, at, role=role)

    async def page(self, wanted: UserFilter, *, before: str | None, limit: int) -> list[User]:
        found = [user for user in self._matching(wanted) if before is None or user.id < before]
        return sorted(found, key=lambda user: user.id, reverse=True)[:limit]

    async def count(self, wanted: UserFilter) -> int:
        return len(self._matching(wanted))

    async def due(self, until: datetime) -> list[User]:
        return [self.kept[user_id] for user_id, at in self.waiting.items() if at <= until]

    async def announced(self, user: User) -> None:
        if self.kept[user.id].epoch == user.epoch:
            self.waiting.pop(user.id, None)

    def _matching(self, wanted: UserFilter) -> list[User]:
        query = fold(wanted.query)
        return [
            user
            for user in self.kept.values()
            if (query in fold(user.email) or query in fold(user.name))
            and wanted.role in {None, user.role}
            and wanted.blocked in {None, user.is_blocked}
        ]

    def _change(self, user_id: str, changes: dict[str, object]) -> User | None:
        if user_id not in self.kept:
            return None
        self.kept[user_id] = replace(self.kept[user_id], **changes)  # type: ignore[arg-type]  # fields by name
        return self.kept[user_id]

    def _next_epoch(self, user: User, at: datetime, kept: str = "", **changes: object) -> User:
        self.waiting[user.id] = at
        began = {"epoch": user.epoch + 1, "epoch_began_at": at, "kept_session": kept}
        changed = self._change(user.id, {**changes, **began})
        assert changed is not None
        return changed


class FakeSessions:
    def __init__(self) -> None:
        self.kept: dict[str, Session] = {}
        self.waiting: dict[str, datetime] = {}

    async def add(self, session: Session) -> None:
        self.kept[session.id] = session

    async def get(self, session_id: str) -> Session | None:
        return self.kept.get(session_id)

    async def find(self, token_hash: bytes) -> Session | None:
        for session in self.kept.values():
            if token_hash in {session.current, *(used.hash for used in session.used)}:
                return session
        return None

    async def rotate(self, old: Session, new: Session) -> bool:
        present = self.kept[old.id]
        if present.current != old.current or present.ended_at is not None:
            return False
        used = (*present.used, new.used[-1])[-REMEMBERED_TOKENS:]
        self.kept[old.id] = replace(new, used=used)
        return True

    async def end(self, session_id: str, at: datetime) -> bool:
        session = self.kept.get(session_id)
        if session is None or session.ended_at is not None:
            return False
        self.kept[session_id] = replace(session, ended_at=at)
        self.waiting[session_id] = at
        return True

    async def page(
        self, user_id: str, now: datetime, *, before: str | None, limit: int
    ) -> list[Session]:
        found = [each for each in self._live(user_id, now) if before is None or each.id < before]
        newest = sorted(found, key=lambda each: each.id, reverse=True)[:limit]
        return [replace(each, used=()) for each in newest]

    async def count(self, user_id: str, now: datetime) -> int:
        return len(self._live(user_id, now))

    async def outdated(self, user: User, now: datetime) -> list[str]:
        live = self._live(user.id, now)
        return [s.id for s in live if s.epoch < user.epoch and s.id != user.kept_session]

    async def end_announced(self, session_ids: Sequence[str], at: datetime) -> None:
        for session_id in session_ids:
            if self.kept[session_id].ended_at is None:
                self.kept[session_id] = replace(self.kept[session_id], ended_at=at)

    async def due(self, until: datetime) -> list[str]:
        return [session_id for session_id, at in self.waiting.items() if at <= until]

    async def announced(self, session_id: str) -> None:
        self.waiting.pop(session_id, None)

    def _live(self, user_id: str, now: datetime) -> list[Session]:
        return [s for s in self.kept.values() if s.user_id == user_id and s.is_live(now)]


class FakePasswords:
    """A hash is the version of the parameters, a number as salt, and the password."""

    def __init__(self) -> None:
        self.version = "v1"
        self.compared: list[str | None] = []
        self._salts = count(1)

    async def hash(self, password: str) -> str:
        return f"{self.version}:{next(self._salts)}:{password}"

    async def matches(self, password: str, password_hash: str | None) -> bool:
        self.compared.append(password_hash)
        return password_hash is not None and password_hash.split(":", 2)[2] == password

    def is_outdated(self, password_hash: str) -> bool:
        return not password_hash.startswith(f"{self.version}:")


class FakeTokens:
    def for_user(self, user: User, session_id: str, now: datetime) -> str:
        return f"token of {user.id} as {user.role} in {session_id} at {now:%H:%M:%S}"

    def for_service(self, client_id: str, now: datetime) -> tuple[str, datetime]:
        return f"token of {client_id}", now + timedelta(minutes=15)


class FakeRevocations:
    def __init__(self) -> None:
        self.sessions: list[str] = []
        self.users: dict[str, datetime] = {}
        self.is_away = False

    async def revoke_sessions(self, session_ids: Sequence[str]) -> None:
        self._answer()
        self.sessions += session_ids

    async def revoke_user(self, user_id: str, before: datetime) -> None:
        self._answer()
        self.users[user_id] = before

    def _answer(self) -> None:
        if self.is_away:
            raise Unavailable

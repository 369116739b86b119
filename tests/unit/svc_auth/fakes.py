"""The ports of svc_auth in memory; the contract tests hold them to what the real ones do."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from chassis.errors import RateLimited, Unavailable
from svc_auth.model.refusals import EmailTaken
from svc_auth.model.search import fold
from svc_auth.model.session import Session
from svc_auth.model.user import Role, User
from svc_auth.usecases.ports import (
    Change,
    Changed,
    Device,
    EndedSessions,
    Hold,
    Unchanged,
    UserFilter,
)


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
        self.waiting: set[str] = set()
        self.holds: dict[str, dict[str, datetime]] = {}

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

    async def hold_rights(self, user_id: str, hold: Hold) -> User | None:
        user = self.kept.get(user_id)
        if user is None or user.is_blocked or user.role is not Role.ADMIN:
            return None
        self.holds.setdefault(user_id, {})[hold.id] = hold.until
        return user

    async def release_rights(self, user_id: str, hold: Hold) -> None:
        self.holds.get(user_id, {}).pop(hold.id, None)

    async def block(self, change: Change) -> Changed:
        return self._change_rights(change, ends_sessions=True, is_blocked=True)

    async def unblock(self, change: Change) -> Changed:
        return self._change_rights(change, ends_sessions=False, is_blocked=False)

    async def set_role(self, change: Change, role: Role) -> Changed:
        return self._change_rights(change, ends_sessions=True, role=role)

    def _change_rights(self, change: Change, *, ends_sessions: bool, **wanted: object) -> Changed:
        user = self.kept.get(change.user_id)
        if user is None:
            return Unchanged.NOT_THERE
        if all(getattr(user, name) == value for name, value in wanted.items()):
            return user, False
        if any(until > change.at for until in self.holds.get(user.id, {}).values()):
            return Unchanged.HELD
        wanted |= {"rights_changed_at": change.at, "rights_changed_by": change.by}
        if ends_sessions:
            return self._next_epoch(user, change.at, "", **wanted), True
        changed = self._change(user.id, wanted)
        assert changed is not None
        return changed, True

    async def page(self, wanted: UserFilter, *, before: str | None, limit: int) -> list[User]:
        found = [user for user in self._matching(wanted) if before is None or user.id < before]
        return sorted(found, key=lambda user: user.id, reverse=True)[:limit]

    async def count(self, wanted: UserFilter) -> int:
        return len(self._matching(wanted))

    async def due(self) -> list[User]:
        return [self.kept[user_id] for user_id in self.waiting]

    async def settled(self, user: User) -> None:
        if self.kept[user.id].epoch == user.epoch:
            self.waiting.discard(user.id)

    async def changed_since(self, since: datetime) -> list[User]:
        return [
            user
            for user in self.kept.values()
            if user.epoch_began_at is not None and user.epoch_began_at >= since
        ]

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
        self.waiting.add(user.id)
        began = {"epoch": user.epoch + 1, "epoch_began_at": at, "kept_session": kept}
        changed = self._change(user.id, {**changes, **began})
        assert changed is not None
        return changed


class FakeSessions:
    def __init__(self) -> None:
        self.kept: dict[str, Session] = {}

    async def add(self, session: Session) -> None:
        self.kept[session.id] = session

    async def get(self, session_id: str) -> Session | None:
        return self.kept.get(session_id)

    async def find(self, token_hash: bytes) -> Session | None:
        for session in self.kept.values():
            if token_hash == session.current:
                return session
        return None

    async def rotate(self, old: Session, new: Session) -> bool:
        present = self.kept[old.id]
        if present.current != old.current or present.ended_at is not None:
            return False
        self.kept[old.id] = replace(new, replayed=present.replayed)
        return True

    async def note_replay(self, session: Session) -> bool:
        present = self.kept[session.id]
        if present.current != session.current or present.ended_at is not None:
            return False
        self.kept[session.id] = replace(present, replayed=session.generation - 1)
        return True

    async def end(self, session_ids: Sequence[str], at: datetime) -> bool:
        ending = [
            each for each in map(self.kept.get, session_ids) if each and each.ended_at is None
        ]
        self.kept |= {each.id: replace(each, ended_at=at) for each in ending}
        return bool(ending)

    async def ended_since(self, since: datetime) -> list[str]:
        return [s.id for s in self.kept.values() if s.ended_at is not None and s.ended_at >= since]

    async def page(
        self, user_id: str, now: datetime, *, before: str | None, limit: int
    ) -> list[Session]:
        found = [each for each in self._live(user_id, now) if before is None or each.id < before]
        return sorted(found, key=lambda each: each.id, reverse=True)[:limit]

    async def count(self, user_id: str, now: datetime) -> int:
        return len(self._live(user_id, now))

    async def outdated(self, user: User, now: datetime) -> list[str]:
        live = self._live(user.id, now)
        return [s.id for s in live if s.epoch < user.epoch and s.id != user.kept_session]

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

    def for_device(self, device: Device, now: datetime) -> str:
        return f"{device.id} of {device.user_id}"

    def device(self, token: str) -> Device | None:
        device_id, _, user_id = token.partition(" of ")
        return Device(device_id, user_id) if user_id else None


class FakeGuesses:
    """Allows some wrong passwords, and no time passes."""

    ALLOWED = 3

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()

    async def take(self, who: str) -> None:
        if self.tried[who] == self.ALLOWED:
            raise RateLimited("Too many.", 900)
        self.tried[who] += 1

    async def give_back(self, who: str) -> None:
        self.tried[who] -= 1


class FakeRevocations:
    """What Redis knows; `forget` is a flush."""

    def __init__(self) -> None:
        self.is_away = False
        self.forget()

    def forget(self) -> None:
        self.sessions: list[str] = []
        self.users: dict[str, datetime] = {}
        self.is_vouched_for = False

    async def announce(self, ended: EndedSessions) -> None:
        if self.is_away:
            raise Unavailable
        self.sessions += [each for each in ended.sessions if each not in self.sessions]
        self.users |= ended.users

    async def repeat(self, recent: Callable[[], Awaitable[EndedSessions]]) -> None:
        await self.announce(await recent())
        self.is_vouched_for = True

    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        """As every process asks."""
        before = self.users.get(user_id)
        if session_id in self.sessions or (before and issued_at < int(before.timestamp())):
            return True
        if not self.is_vouched_for:
            raise Unavailable
        return False

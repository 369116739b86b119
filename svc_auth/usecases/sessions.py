"""Sessions after signing in: refreshing, listing, ending."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from chassis.errors import NotFound
from svc_auth.model.refusals import RefreshInvalid, RefreshReused
from svc_auth.model.session import Session, TokenStatus, session_id_of, token_hash
from svc_auth.usecases.end_sessions import EndSessions
from svc_auth.usecases.ports import Sessions, Tokens, Users
from svc_auth.usecases.sign_in import SignedIn


@dataclass(frozen=True)
class Refresh:
    """Exchanges a refresh token for a new pair."""

    users: Users
    sessions: Sessions
    tokens: Tokens
    end_sessions: EndSessions
    clock: Clock
    lifetime: timedelta
    grace: timedelta

    async def __call__(self, refresh_token: str) -> SignedIn:
        """Exchange it.

        A token used within the grace period, or whose successor was never presented, is answered
        with the chain's present end: the same refresh token that its first use was answered with,
        and a fresh access token.

        Raises:
            RefreshInvalid: It is missing, unknown or expired, or its session has ended.
            RefreshReused: It was used before; now its session has ended.
        """
        session = await find_session(self.sessions, refresh_token)
        if session is None:
            raise RefreshInvalid
        user = await self.users.get(session.user_id)
        if user is None or not user.admits(session):
            raise RefreshInvalid
        successor = await self._exchange(session, refresh_token)
        return SignedIn(user, self.tokens.for_user(user, session.id, self.clock()), successor)

    async def _exchange(self, session: Session, token: str) -> str:
        now = self.clock()
        status = session.token_status(token, now, self.grace)
        if status is TokenStatus.CURRENT:
            if await self.sessions.rotate(session, session.rotated(token, now, self.lifetime)):
                return session.successor(token)
            # Another tab was faster, or the session ended: what is the token worth now?
            session = await self._again(session)
            status = session.token_status(token, now, self.grace)
        if status is TokenStatus.LOST_REPLY:
            if await self.sessions.note_replay(session):
                return session.live_end(token)
            session = await self._again(session)
            status = session.token_status(token, now, self.grace)
        if status is TokenStatus.JUST_USED:
            return session.live_end(token)
        if status is TokenStatus.REUSED:
            await self.end_sessions.one(session.id)
            raise RefreshReused
        raise RefreshInvalid

    async def _again(self, session: Session) -> Session:
        present = await self.sessions.get(session.id)
        if present is None:
            raise RefreshInvalid
        return present


async def find_session(sessions: Sessions, token: str) -> Session | None:
    """The session that a refresh token is, or was, one of."""
    session_id = session_id_of(token)
    if not session_id:
        return await sessions.find(token_hash(token)) if token else None
    session = await sessions.get(session_id)
    return session if session is not None and session.issued(token) else None


@dataclass(frozen=True)
class SignOut:
    """Ends a session by its refresh token, by its access token, or by both."""

    sessions: Sessions
    end_sessions: EndSessions

    async def __call__(self, *, refresh_token: str, session_id: str) -> None:
        """End the session; nothing happens where neither names one."""
        named = {session_id} if session_id else set()
        session = await find_session(self.sessions, refresh_token)
        named |= {session.id} if session else set()
        for each in named:
            await self.end_sessions.one(each)


@dataclass(frozen=True)
class SessionPage:
    """Some of a user's live sessions, newest first, and how many there are in all."""

    sessions: list[Session]
    has_more: bool
    total: int


@dataclass(frozen=True)
class ListSessions:
    """Lists the devices that a user is signed in on."""

    sessions: Sessions
    clock: Clock

    async def __call__(self, user_id: str, *, before: str | None, limit: int) -> SessionPage:
        """List those after the session of id `before`."""
        now = self.clock()
        found = await self.sessions.page(user_id, now, before=before, limit=limit + 1)
        total = await self.sessions.count(user_id, now)
        return SessionPage(found[:limit], len(found) > limit, total)


@dataclass(frozen=True)
class RevokeSession:
    """Signs one of a user's devices out."""

    sessions: Sessions
    end_sessions: EndSessions

    async def __call__(self, user_id: str, session_id: str) -> None:
        """End the session, if it has not ended; NotFound where it is someone else's."""
        session = await self.sessions.get(session_id)
        if session is None or session.user_id != user_id:
            raise NotFound("You have no such session.")
        await self.end_sessions.one(session_id)

"""Ending sessions: in the database first, then everywhere at once.

The write that ends sessions says in the same document that this has yet to be announced. Then it
is announced through Redis. Should the process die in between, or Redis be away, the change stands
and `EndSessions.announce_due` makes up for it within seconds. While Redis is away nobody gets in
with the old tokens either, since every protected call is refused then; and a session that has
ended in the database can not be refreshed. The other order, Redis first, could lose a block.
"""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from chassis.clock import Clock
from chassis.errors import Unavailable
from svc_auth.model.user import User
from svc_auth.usecases.ports import Revocations, Sessions, Users

log = structlog.get_logger(__name__)

# An ending younger than this is being announced by the call that caused it.
IN_PROGRESS = timedelta(seconds=1)


@dataclass(frozen=True)
class EndSessions:
    """Ends sessions, and announces it."""

    users: Users
    sessions: Sessions
    revocations: Revocations
    clock: Clock

    async def one(self, session_id: str) -> None:
        """End one session; nothing happens where it has ended."""
        if await self.sessions.end(session_id, self.clock()):
            await self._announce_session(session_id)

    async def older_than(self, user: User) -> None:
        """Announce the end of the sessions that `user`, just changed, no longer admits."""
        now = self.clock()
        ended = await self.sessions.outdated(user, now)
        try:
            await self.revocations.revoke_sessions(ended)
            if user.epoch_began_at is not None and not user.kept_session:
                await self.revocations.revoke_user(user.id, user.epoch_began_at)
        except Unavailable:
            log.warning("sessions ended, to be announced later", user_id=user.id)
        else:
            await self.sessions.end_announced(ended, now)
            await self.users.announced(user)

    async def announce_due(self) -> None:
        """Announce what was ended and, after a crash or without Redis, not announced."""
        until = self.clock() - IN_PROGRESS
        for session_id in await self.sessions.due(until):
            await self._announce_session(session_id)
        for user in await self.users.due(until):
            await self.older_than(user)

    async def _announce_session(self, session_id: str) -> None:
        try:
            await self.revocations.revoke_sessions([session_id])
        except Unavailable:
            log.warning("session ended, to be announced later", session_id=session_id)
        else:
            await self.sessions.announced(session_id)

"""Ending sessions: in the database first, then everywhere at once.

The write that ends sessions comes first; then Redis tells every process. Redis may be unreachable
at that moment, or forget what it has: it was flushed, restored from an older snapshot, or
failed over to a replica that lagged. So `EndSessions.repeat` tells it every ending of the last
minutes again, every few seconds, for as long as a token that an ending concerns may still be
alive. The other order, Redis first, could lose a block.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from chassis.clock import Clock
from chassis.errors import Unavailable
from svc_auth.model.user import User
from svc_auth.usecases.ports import EndedSessions, Revocations, Sessions, Users

log = structlog.get_logger(__name__)

# EndedSessions are repeated for so much longer than a token lives: clocks differ.
MARGIN = timedelta(minutes=1)


@dataclass(frozen=True)
class EndSessions:
    """Ends sessions, and announces it.

    Attributes:
        repeated_for: How long the announcement of an ending is repeated: a token's life and the
            margin.
    """

    users: Users
    sessions: Sessions
    revocations: Revocations
    clock: Clock
    repeated_for: timedelta

    async def one(self, session_id: str) -> None:
        """End one session; nothing happens where it has ended."""
        if await self.sessions.end([session_id], self.clock()):
            await self._announce(EndedSessions([session_id], {}))

    async def older_than(self, user: User) -> None:
        """End the sessions that `user`, just changed, no longer admits."""
        ended = await self._end_outdated(user)
        await self._announce(EndedSessions(ended, _voided([user])))

    async def repeat(self) -> None:
        """Announce all endings that a token may still be concerned by; also after a crash."""
        for user in await self.users.due():
            await self._end_outdated(user)
        try:
            await self.revocations.repeat(self._recent)
        except Unavailable:
            log.warning("endings of sessions not repeated, to be tried again")

    async def _recent(self) -> EndedSessions:
        since = self.clock() - self.repeated_for
        return EndedSessions(
            await self.sessions.ended_since(since),
            _voided(await self.users.changed_since(since)),
        )

    async def _end_outdated(self, user: User) -> list[str]:
        now = self.clock()
        outdated = await self.sessions.outdated(user, now)
        await self.sessions.end(outdated, now)
        await self.users.settled(user)
        return outdated

    async def _announce(self, ended: EndedSessions) -> None:
        try:
            await self.revocations.announce(ended)
        except Unavailable:
            log.warning("sessions ended, to be announced later", sessions=ended.sessions)


def _voided(users: list[User]) -> dict[str, datetime]:
    """Since when all tokens of these users are void; those who kept a session are left out."""
    return {
        user.id: user.epoch_began_at
        for user in users
        if user.epoch_began_at is not None and not user.kept_session
    }

"""Following the logs as they grow, and reading what was missed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chassis.clock import Clock
from svc_notify.model.message import Message
from svc_notify.usecases.bell import Bell
from svc_notify.usecases.ports import MessageLog

# How many messages are read at once by who missed some.
MAX_MISSED = 500

# Each look at the logs goes back behind the last one by what replicas' clocks may differ, and a
# write may take.
OVERLAP = timedelta(seconds=2)

# After a look that finds nothing a follower rests so many times as long as that took: where the
# database has to search for new messages, it must not do so all the time.
_REST = 20

# How far to look for older messages of an audience that has just come up.
_LOOK_BACK = 50


@dataclass(frozen=True)
class Pace:
    """How often a follower does what.

    Attributes:
        poll: Looks for messages that other processes have written.
        sign_of_life: Says that there is nothing to say.
    """

    poll: timedelta = timedelta(milliseconds=250)
    sign_of_life: timedelta = timedelta(seconds=5)


@dataclass
class _Place:
    """How far a follower is.

    Attributes:
        since: Messages written from then on are looked at.
        delivered: For each audience with such messages the last sequence number and its time.
            Of audiences that have been silent for longer nothing is kept.
    """

    since: datetime
    delivered: dict[str, tuple[int, datetime]] = field(default_factory=dict)

    def move(self, since: datetime) -> None:
        """Look from `since` on, and forget what can not come up again."""
        self.since = since
        self.delivered = {
            audience: (sequence, added_at)
            for audience, (sequence, added_at) in self.delivered.items()
            if added_at >= since
        }

    def passed(self, message: Message) -> bool:
        """Whether it was delivered."""
        return message.sequence <= self.delivered.get(message.audience, (0,))[0]

    def pass_by(self, message: Message) -> None:
        """It is delivered now."""
        self.delivered[message.audience] = (message.sequence, message.added_at)


@dataclass(frozen=True)
class Follow:
    """Follows the logs of all audiences from now on."""

    log: MessageLog
    bell: Bell
    clock: Clock
    pace: Pace = Pace()

    async def __call__(self) -> AsyncIterator[Message | None]:
        """Every message from now on; each audience's in the order of its log.

        The first item is None, a sign of life: what is written after it will be delivered. More
        of them follow while there is nothing else. Ends when the bell does.
        """
        ear = self.bell.listen()
        place = await self._here()
        alive_at = self.clock()
        yield None
        while not ear.is_over:
            now, pause = self.clock(), None
            async for message in self._news(place):
                # What it takes to hand messages out says nothing of the database.
                pause = self.pace.poll
                yield message
            if pause is None:
                pause = max(self.pace.poll, _REST * (self.clock() - now))
            place.move(now - OVERLAP)
            if now - alive_at >= self.pace.sign_of_life:
                alive_at = now
                yield None
            await ear.wait(pause)

    async def _here(self) -> _Place:
        """The end of all logs."""
        place = _Place(self.clock() - OVERLAP)
        async for message in self.log.added_since(place.since):
            if not place.passed(message):
                place.pass_by(message)
        return place

    async def _news(self, place: _Place) -> AsyncIterator[Message]:
        async for found in self.log.added_since(place.since):
            if place.passed(found):
                continue
            for message in [*await self._before(place, found), found]:
                place.pass_by(message)
                yield message

    async def _before(self, place: _Place, found: Message) -> list[Message]:
        """Messages of the same audience that come before `found` and have not come up.

        They were written before it, but maybe by a process whose clock is ahead.
        """
        known = place.delivered.get(found.audience)
        after = known[0] if known else max(0, found.sequence - 1 - _LOOK_BACK)
        gap = found.sequence - 1 - after
        if not gap:
            return []
        before = await self.log.read(found.audience, after=after, limit=gap)
        return [each for each in before if known or each.added_at >= place.since]


@dataclass(frozen=True)
class Missed:
    """What a connection missed, oldest first, and the newest sequence number of the audience."""

    messages: list[Message]
    latest: int


@dataclass(frozen=True)
class ReadMissed:
    """Reads a piece of an audience's log."""

    log: MessageLog

    async def __call__(self, audience: str, after: int) -> Missed:
        """Read what comes after a sequence number; only the newest number where it is negative."""
        messages = []
        if after >= 0:
            messages = await self.log.read(audience, after=after, limit=MAX_MISSED)
        return Missed(messages, await self.log.latest(audience))

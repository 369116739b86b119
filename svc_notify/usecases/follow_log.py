"""Following the logs as they grow, and reading what was missed.

A follower gets what its own process writes, and hands that out at once where it is the next
message of its audience. Everything else it finds by looking which audiences were raised.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.clock import Clock
from svc_notify.model.message import Message
from svc_notify.usecases.ports import HighWatermark, MessageLog, Span
from svc_notify.usecases.wakeup import Wakeup

# How many messages are read at once by who missed some.
MAX_MISSED = 500

# Before everything.
START = datetime(1970, 1, 2, tzinfo=UTC)

# Audiences raised that long before the last that was seen are looked at again: of two writes at
# the same time, the earlier one may be seen later.
OVERLAP = timedelta(seconds=5)

# How long the position in a silent audience is remembered. Of one that comes up without, what was
# written that long before is new.
MEMORY = timedelta(minutes=1)

# How many of its messages are looked at then, and how many of an audience are read at once.
_SPAN = 100

# How many audiences are read at once.
_SPANS = 50

# After a look that finds nothing a follower rests so many times as long as that took: where the
# database has to search for new messages, it must not do so all the time.
_REST = 20


@dataclass(frozen=True)
class FollowPace:
    """How often a follower does what.

    Attributes:
        poll: Looks for messages that other processes have written.
        sign_of_life: Says that there is nothing to say.
    """

    poll: timedelta = timedelta(milliseconds=250)
    sign_of_life: timedelta = timedelta(seconds=5)


class _Position:
    """How far a follower is.

    Attributes:
        newest: When an audience was last seen to be raised, by the clock of the logs.
        delivered: The sequence number reached in each audience that was raised since `MEMORY`
            before that, and when it was; None where it was not seen to be raised to that yet.
    """

    def __init__(self, newest: datetime, raised: Iterable[HighWatermark]) -> None:
        self.newest = newest
        self.delivered: dict[str, tuple[int, datetime | None]] = {
            each.audience: (each.latest, each.at) for each in raised
        }

    def next_of(self, audience: str) -> int:
        """The sequence number that comes next, as far as is known: not of a silent audience."""
        return self.delivered.get(audience, (0, None))[0] + 1

    def advance(self, message: Message) -> None:
        """The next message is delivered, before its audience is raised to it."""
        self.delivered[message.audience] = (message.sequence, None)

    def span(self, mark: HighWatermark) -> Span | None:
        """What of a raised audience has not been delivered; a part of it where it is much."""
        known = self.delivered.get(mark.audience)
        after = known[0] if known else max(0, mark.latest - _SPAN)
        if after >= mark.latest:
            return None
        return Span(mark.audience, after, min(mark.latest, after + _SPAN))

    def new_since(self, mark: HighWatermark) -> datetime:
        """What of its span was written before that is not new."""
        return START if mark.audience in self.delivered else mark.at - MEMORY

    def reached(self, span: Span, mark: HighWatermark) -> None:
        """A span is delivered, so far as it had not expired."""
        self.delivered[span.audience] = (span.to, mark.at)
        self.newest = max(self.newest, mark.at)

    def confirm(self, mark: HighWatermark) -> None:
        """An audience was raised to no more than what is delivered."""
        if self.next_of(mark.audience) == mark.latest + 1:
            self.delivered[mark.audience] = (mark.latest, mark.at)
        self.newest = max(self.newest, mark.at)

    def forget(self) -> None:
        """Forget the places in audiences that have been silent."""
        since = self.newest - MEMORY
        if any(at and at < since for _, at in self.delivered.values()):
            self.delivered = {
                name: (reached, at)
                for name, (reached, at) in self.delivered.items()
                if at is None or at >= since
            }


@dataclass(frozen=True)
class FollowLog:
    """Follows the logs of all audiences from now on."""

    log: MessageLog
    wakeup: Wakeup
    clock: Clock
    pace: FollowPace = FollowPace()

    async def __call__(self) -> AsyncIterator[Message | None]:
        """Every message from now on; each audience's in the order of its log.

        The first item is None, a sign of life: what is written after it will be delivered. More
        of them follow while there is nothing else. Ends when the wakeup is stopped.
        """
        waiter = self.wakeup.waiter()
        position = await self._end_of_logs()
        alive_at = self.clock()
        is_behind = False
        yield None
        while not waiter.is_stopped:
            for message in waiter.news():
                if message.sequence == position.next_of(message.audience):
                    position.advance(message)
                    yield message
                elif message.sequence > position.next_of(message.audience):
                    is_behind = True
            if not waiter.is_due(is_behind=is_behind):
                await waiter.wait()
                continue
            is_behind = False
            now, pause = self.clock(), None
            async for message in self._news(position):
                # What it takes to hand messages out says nothing of the database.
                pause = self.pace.poll
                yield message
            if pause is None:
                pause = max(self.pace.poll, _REST * (self.clock() - now))
            position.forget()
            if now - alive_at >= self.pace.sign_of_life:
                alive_at = now
                yield None
            waiter.rest(pause)
            await waiter.wait()

    async def _end_of_logs(self) -> _Position:
        """The end of all logs."""
        newest = await self.log.last_raised() or START
        return _Position(newest, await self.log.raised_since(newest - MEMORY))

    async def _news(self, position: _Position) -> AsyncIterator[Message]:
        raised = {
            each.audience: each for each in await self.log.raised_since(position.newest - OVERLAP)
        }
        for each in raised.values():
            if position.span(each) is None:
                position.confirm(each)
        while spans := [span for each in raised.values() if (span := position.span(each))]:
            for first in range(0, len(spans), _SPANS):
                some = spans[first : first + _SPANS]
                new_since = {
                    span.audience: position.new_since(raised[span.audience]) for span in some
                }
                for span in some:
                    position.reached(span, raised[span.audience])
                for message in await self.log.read_spans(some):
                    if message.added_at >= new_since[message.audience]:
                        yield message


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

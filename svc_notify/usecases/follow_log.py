"""Following the logs as they grow, and reading what was missed.

A follower is told what its own process writes, and hands that out at once where it is the next
message of its audience. Everything else it finds by looking which audiences were raised.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.clock import Clock
from svc_notify.model.message import Message
from svc_notify.usecases.ports import MessageLog, Raised, Span
from svc_notify.usecases.wakeup import Wakeup

# How many messages are read at once by who missed some.
MAX_MISSED = 500

# Before everything.
START = datetime(1970, 1, 2, tzinfo=UTC)

# Audiences raised that long before the last that was seen are looked at again: of two writes at
# the same time, the earlier one may be seen later.
OVERLAP = timedelta(seconds=5)

# How long the place in a silent audience is remembered. Of one that comes up without a place, what
# was written that long before is new.
MEMORY = timedelta(minutes=1)

# How many of its messages are looked at then, and how many of an audience are read at once.
_SPAN = 100

# How many audiences are read at once.
_SPANS = 50

# After a look that finds nothing a follower rests so many times as long as that took: where the
# database has to search for new messages, it must not do so all the time.
_REST = 20


@dataclass(frozen=True)
class Pace:
    """How often a follower does what.

    Attributes:
        poll: Looks for messages that other processes have written.
        sign_of_life: Says that there is nothing to say.
    """

    poll: timedelta = timedelta(milliseconds=250)
    sign_of_life: timedelta = timedelta(seconds=5)


class _Place:
    """How far a follower is.

    Attributes:
        newest: When an audience was last seen to be raised, by the clock of the logs.
        delivered: The sequence number reached in each audience that was raised since `MEMORY`
            before that, and when it was; None where it was not seen to be raised to that yet.
    """

    def __init__(self, newest: datetime, raised: Iterable[Raised]) -> None:
        self.newest = newest
        self.delivered: dict[str, tuple[int, datetime | None]] = {
            each.audience: (each.latest, each.at) for each in raised
        }

    def next_of(self, audience: str) -> int:
        """The sequence number that comes next, as far as is known: not of a silent audience."""
        return self.delivered.get(audience, (0, None))[0] + 1

    def told(self, message: Message) -> None:
        """The next message is delivered, before its audience is raised to it."""
        self.delivered[message.audience] = (message.sequence, None)

    def span(self, raised: Raised) -> Span | None:
        """What of a raised audience has not been delivered; a part of it where it is much."""
        known = self.delivered.get(raised.audience)
        after = known[0] if known else max(0, raised.latest - _SPAN)
        if after >= raised.latest:
            return None
        return Span(raised.audience, after, min(raised.latest, after + _SPAN))

    def new_since(self, raised: Raised) -> datetime:
        """What of its span was written before that is not new."""
        return START if raised.audience in self.delivered else raised.at - MEMORY

    def reached(self, span: Span, raised: Raised) -> None:
        """A span is delivered, so far as it had not expired."""
        self.delivered[span.audience] = (span.to, raised.at)
        self.newest = max(self.newest, raised.at)

    def raised(self, raised: Raised) -> None:
        """An audience was raised to no more than what is delivered."""
        if self.next_of(raised.audience) == raised.latest + 1:
            self.delivered[raised.audience] = (raised.latest, raised.at)
        self.newest = max(self.newest, raised.at)

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
class Follow:
    """Follows the logs of all audiences from now on."""

    log: MessageLog
    wakeup: Wakeup
    clock: Clock
    pace: Pace = Pace()

    async def __call__(self) -> AsyncIterator[Message | None]:
        """Every message from now on; each audience's in the order of its log.

        The first item is None, a sign of life: what is written after it will be delivered. More
        of them follow while there is nothing else. Ends when the wakeup is stopped.
        """
        waiter = self.wakeup.waiter()
        place = await self._here()
        alive_at = self.clock()
        is_behind = False
        yield None
        while not waiter.is_stopped:
            for message in waiter.news():
                if message.sequence == place.next_of(message.audience):
                    place.told(message)
                    yield message
                elif message.sequence > place.next_of(message.audience):
                    is_behind = True
            if not waiter.is_due(is_behind=is_behind):
                await waiter.wait()
                continue
            is_behind = False
            now, pause = self.clock(), None
            async for message in self._news(place):
                # What it takes to hand messages out says nothing of the database.
                pause = self.pace.poll
                yield message
            if pause is None:
                pause = max(self.pace.poll, _REST * (self.clock() - now))
            place.forget()
            if now - alive_at >= self.pace.sign_of_life:
                alive_at = now
                yield None
            waiter.rest(pause)
            await waiter.wait()

    async def _here(self) -> _Place:
        """The end of all logs."""
        newest = await self.log.last_raised() or START
        return _Place(newest, await self.log.raised_since(newest - MEMORY))

    async def _news(self, place: _Place) -> AsyncIterator[Message]:
        raised = {
            each.audience: each for each in await self.log.raised_since(place.newest - OVERLAP)
        }
        for each in raised.values():
            if place.span(each) is None:
                place.raised(each)
        while spans := [span for each in raised.values() if (span := place.span(each))]:
            for first in range(0, len(spans), _SPANS):
                some = spans[first : first + _SPANS]
                new_since = {span.audience: place.new_since(raised[span.audience]) for span in some}
                for span in some:
                    place.reached(span, raised[span.audience])
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

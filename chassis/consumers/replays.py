"""Dead letters given to their handlers again: by operators, and after an outage by themselves."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog
from google.protobuf.message import DecodeError, Message

from chassis.clock import Clock, utcnow
from chassis.consumers.dead_letters import (
    ANY,
    DeadLetter,
    DeadLetterStore,
    FailedAttempt,
    Filter,
    Page,
    Position,
    replay_at,
)
from chassis.consumers.delivery import processing
from chassis.contract.topics import group_of
from chassis.errors import NotFound, Refusal
from chassis.events import Subscription
from chassis.kafka.client import one_line
from chassis.rpc.outages import is_outage

log = structlog.get_logger(__name__)

REPLAYS_AT_ONCE = 100
REPLAY_SECONDS = 30.0
FAILURES_NAMED = 100
UNREADABLE = "The event cannot be read, or nothing here handles it any more."


class ReplayFailed(Refusal):
    """A dead letter's event could not be handled now either."""

    reason = "REPLAY_FAILED"


@dataclass
class Replayed:
    """What became of many letters.

    Attributes:
        replayed: How many were handled, and are gone.
        failed: How many failed again, and stay.
        failures: The ids of the first of these, and why.
        left: How many were not tried.
    """

    replayed: int = 0
    failed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    left: int = 0


class DeadLetters:
    """What operators do with a service's dead letters, and what the service does by itself.

    Args:
        store: Where they are.
        service: Such as `svc_cart`.
        subscriptions: The service's table of handlers.
        at_once: How many are read at a time.
    """

    def __init__(
        self,
        store: DeadLetterStore,
        service: str,
        subscriptions: Sequence[Subscription],
        *,
        clock: Clock = utcnow,
        at_once: int = REPLAYS_AT_ONCE,
    ) -> None:
        self._store = store
        self._at_once = at_once
        self._clock = clock
        self._handlers = {group_of(service, each.topic): each for each in subscriptions}

    async def list(
        self, page_size: int, position: Position | None = None, where: Filter = ANY
    ) -> Page:
        """A page of those letters, oldest first."""
        return await self._store.page(page_size, position, where)

    async def count(self, where: Filter = ANY) -> int:
        """How many of them there are."""
        return await self._store.count(where)

    async def get(self, letter_id: str) -> DeadLetter:
        """The letter of that id.

        Raises:
            NotFound: There is no such letter.
        """
        letter = await self._store.get(letter_id)
        if letter is None:
            raise NotFound("There is no such dead letter.")
        return letter

    def message_of(self, letter: DeadLetter) -> Message | None:
        """The event's message; None where it cannot be read, or is not taken any more."""
        subscription = self._handlers.get(letter.group)
        try:
            return subscription.message.FromString(letter.value) if subscription else None
        except DecodeError:
            return None

    async def replay(self, letter_id: str) -> None:
        """Handle the event again, and drop the letter where that succeeds.

        Raises:
            NotFound: There is no such letter, or nothing here can handle it.
            ReplayFailed: The handler failed; the letter stays.
        """
        letter = await self.get(letter_id)
        error = await self._replayed(letter)
        if error is None:
            return
        await self._failed(letter, error)
        if isinstance(error, NotFound):
            raise error
        raise ReplayFailed(one_line(error)) from error

    async def replay_some(self, letter_ids: Sequence[str], seconds: float) -> Replayed:
        """Replay those of these letters that are there, oldest first, for about `seconds`."""
        until, became = time.monotonic() + seconds, Replayed()
        await self._replay_each(await self._store.some(letter_ids), until, became)
        return became

    async def replay_all(self, where: Filter, seconds: float) -> Replayed:
        """Replay all of those letters, oldest first, for about `seconds`."""
        until, became = time.monotonic() + seconds, Replayed()
        page = await self.list(self._at_once, None, where)
        while await self._replay_each(page.letters, until, became) and page.next is not None:
            page = await self.list(self._at_once, page.next, where)
        became.left = max(0, await self.count(where) - became.failed)
        return became

    async def replay_due(self, is_mine: Callable[[], Awaitable[bool]]) -> None:
        """Replay the letters that an outage left, once they are due.

        One that meets an outage again is replayed again later; one that fails in another way is
        left to operators.

        Args:
            is_mine: Whether this replica may go on; asked before each letter.
        """
        for letter in await self._store.due(self._clock(), self._at_once):
            if not await is_mine():
                return
            if error := await self._replayed(letter):
                await self._failed(letter, error)

    async def drop(self, letter_id: str) -> None:
        """Give the event up.

        Raises:
            NotFound: There is no such letter.
        """
        if not await self._store.remove(letter_id):
            raise NotFound("There is no such dead letter.")

    async def drop_some(self, letter_ids: Sequence[str]) -> int:
        """Give the events of these letters up; how many were there."""
        return await self._store.remove_some(letter_ids)

    async def drop_all(self, where: Filter) -> int:
        """Give the events of all of those letters up; how many there were."""
        return await self._store.remove_all(where)

    async def _replay_each(
        self, letters: Sequence[DeadLetter], until: float, became: Replayed
    ) -> bool:
        """Whether there was time for all."""
        for place, letter in enumerate(letters):
            if (seconds := until - time.monotonic()) <= 0:
                became.left = len(letters) - place
                return False
            if error := await self._replayed(letter, seconds):
                await self._failed(letter, error)
                became.failed += 1
                if len(became.failures) < FAILURES_NAMED:
                    became.failures.append((letter.id, one_line(error)))
            else:
                became.replayed += 1
        return True

    async def _replayed(
        self, letter: DeadLetter, seconds: float = REPLAY_SECONDS
    ) -> Exception | None:
        """What went wrong; None where nothing did, and the letter is gone."""
        message = self.message_of(letter)
        if message is None:
            return NotFound(UNREADABLE)
        try:
            with processing(letter.event, letter.group):
                async with asyncio.timeout(min(seconds, REPLAY_SECONDS)):
                    await self._handlers[letter.group].handle(message, letter.event)
        except Exception as error:
            log.warning(
                "replay failed", group=letter.group, event_id=letter.event_id, exc_info=True
            )
            return error
        await self._store.remove(letter.id)
        log.info("dead letter replayed", group=letter.group, event_id=letter.event_id)
        return None

    async def _failed(self, letter: DeadLetter, error: Exception) -> None:
        now = self._clock()
        again = replay_at(letter.failed_at, now) if is_outage(error) else None
        await self._store.failed_again(letter.id, FailedAttempt(now, one_line(error)), again)

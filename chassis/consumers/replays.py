"""Dead letters given to their handlers again: by operators, and after an outage by themselves."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from google.protobuf.message import DecodeError, Message

from chassis.clock import Clock, utcnow
from chassis.consumers.dead_letters import DeadLetter, DeadLetterStore, Page, Position, replay_at
from chassis.consumers.delivery import processing
from chassis.contract.topics import group_of
from chassis.errors import NotFound, Refusal
from chassis.events import Subscription
from chassis.kafka.client import one_line
from chassis.rpc.outages import is_outage

log = structlog.get_logger(__name__)

REPLAYS_AT_ONCE = 100
REPLAY_SECONDS = 30.0
UNREADABLE = "The event cannot be read, or nothing here handles it any more."


class ReplayFailed(Refusal):
    """A dead letter's event could not be handled now either."""

    reason = "REPLAY_FAILED"


class DeadLetters:
    """What operators do with a service's dead letters, and what the service does by itself.

    Args:
        store: Where they are.
        service: Such as `svc_cart`.
        subscriptions: The service's table of handlers.
    """

    def __init__(
        self,
        store: DeadLetterStore,
        service: str,
        subscriptions: Sequence[Subscription],
        *,
        clock: Clock = utcnow,
    ) -> None:
        self._store = store
        self._clock = clock
        self._handlers = {group_of(service, each.topic): each for each in subscriptions}

    async def list(self, page_size: int, position: Position | None = None) -> Page:
        """A page of letters, oldest first."""
        return await self._store.page(page_size, position)

    async def count(self) -> int:
        """How many letters there are."""
        return await self._store.count()

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
        letter = await self._store.get(letter_id)
        if letter is None:
            raise NotFound("There is no such dead letter.")
        message = self.message_of(letter)
        if message is None:
            raise NotFound(UNREADABLE)
        if error := await self._replayed(letter, message):
            raise ReplayFailed(one_line(error)) from error

    async def replay_due(self, is_mine: Callable[[], Awaitable[bool]]) -> None:
        """Replay the letters that an outage left, once they are due.

        One that meets an outage again is replayed again later; one that fails in another way is
        left to operators.

        Args:
            is_mine: Whether this replica may go on; asked before each letter.
        """
        for letter in await self._store.due(self._clock(), REPLAYS_AT_ONCE):
            if not await is_mine():
                return
            message = self.message_of(letter)
            error: Exception | None = NotFound(UNREADABLE)
            if message is not None:
                error = await self._replayed(letter, message)
            if error:
                now = self._clock()
                again = replay_at(letter.failed_at, now) if is_outage(error) else None
                await self._store.failed_again(letter.id, one_line(error), again)

    async def drop(self, letter_id: str) -> None:
        """Give the event up.

        Raises:
            NotFound: There is no such letter.
        """
        if not await self._store.remove(letter_id):
            raise NotFound("There is no such dead letter.")

    async def _replayed(self, letter: DeadLetter, message: Message) -> Exception | None:
        """What went wrong; None where nothing did, and the letter is gone."""
        try:
            with processing(letter.event, letter.group):
                async with asyncio.timeout(REPLAY_SECONDS):
                    await self._handlers[letter.group].handle(message, letter.event)
        except Exception as error:
            log.warning(
                "replay failed", group=letter.group, event_id=letter.event_id, exc_info=True
            )
            return error
        await self._store.remove(letter.id)
        log.info("dead letter replayed", group=letter.group, event_id=letter.event_id)
        return None

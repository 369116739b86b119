"""One event to its handler: tried, tried again, and at last kept as a dead letter."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from google.protobuf.message import DecodeError, Message

from chassis.clock import Clock, utcnow
from chassis.cloudevents import Header
from chassis.dead_letters import DeadLetter, DeadLetterStore
from chassis.events import Event, Subscription
from chassis.kafka import one_line
from chassis.tracing import traceparent

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RetryPolicy:
    """How often a failing event is tried, and the pauses between, which double.

    Attributes:
        attempts: In all; at least 1.
        first_pause: After the first attempt.
        longest_pause: At most that long between two.
        attempt_timeout: An attempt that takes longer has failed.
    """

    attempts: int = 8
    first_pause: timedelta = timedelta(milliseconds=200)
    longest_pause: timedelta = timedelta(seconds=30)
    attempt_timeout: timedelta = timedelta(seconds=30)

    def pause(self, failures: int, chance: float) -> float:
        """Seconds to wait after so many failures.

        Args:
            failures: At least 1.
            chance: From 0 to 1: the pause is between half of its length and all of it, so that
                what failed together is not tried together.
        """
        # Doubled no further than it can matter: a store may be away for days.
        whole = self.first_pause * (1 << min(failures - 1, 30))
        return min(whole, self.longest_pause).total_seconds() * (0.5 + chance / 2)


@dataclass(frozen=True)
class Arrival:
    """An event as it was read from Kafka."""

    event: Event
    value: bytes
    headers: tuple[Header, ...]
    partition: int
    offset: int


class Stopped(Exception):
    """The delivery ended before the event was handled or kept: it will come again."""


class Delivery:
    """Delivers the events of one consumer group.

    Args:
        group: Such as `cart-product-created`.
        subscription: Their message and handler.
        dead_letters: Where to keep what can not be handled.
        policy: How often to try.
    """

    def __init__(
        self,
        group: str,
        subscription: Subscription,
        dead_letters: DeadLetterStore,
        policy: RetryPolicy,
        *,
        clock: Clock = utcnow,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._group = group
        self._subscription = subscription
        self._dead_letters = dead_letters
        self._policy = policy
        self._clock = clock
        self._chance = chance

    async def deliver(self, arrival: Arrival, stopping: asyncio.Event) -> None:
        """Return once the event is handled, or kept as a dead letter.

        Args:
            arrival: The event.
            stopping: Once it is set, no attempt is begun and no pause goes on.

        Raises:
            Stopped: It was set before that.
        """
        traceparent.set(arrival.event.trace)
        try:
            message = self._subscription.message.FromString(arrival.value)
        except DecodeError as error:
            await self._keep(arrival, 1, one_line(error), stopping)
            return
        attempt = 1
        while failure := await self._attempt(message, arrival.event, attempt):
            if attempt == self._policy.attempts:
                await self._keep(arrival, attempt, failure, stopping)
                return
            await self._pause(attempt, stopping)
            attempt += 1

    async def _attempt(self, message: Message, event: Event, attempt: int) -> str:
        """What went wrong, in one line; empty where nothing did."""
        try:
            async with asyncio.timeout(self._policy.attempt_timeout.total_seconds()):
                await self._subscription.handle(message, event)
        except Exception as error:
            log.warning(
                "event not handled",
                group=self._group,
                event_id=event.id,
                key=event.key,
                attempt=attempt,
                exc_info=True,
            )
            return one_line(error)
        return ""

    async def _keep(
        self, arrival: Arrival, attempts: int, failure: str, stopping: asyncio.Event
    ) -> None:
        """Keep the event as a dead letter, for as long as it takes."""
        letter = self._letter(arrival, attempts, failure)
        failures = 0
        while True:
            try:
                await self._dead_letters.keep(letter)
            except Exception:
                failures += 1
                log.warning("dead letter not kept", group=self._group, exc_info=True)
                await self._pause(failures, stopping)
            else:
                break
        log.error("event given up", group=self._group, event_id=letter.event_id, error=failure)

    async def _pause(self, failures: int, stopping: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._policy.pause(failures, self._chance())):
                await stopping.wait()
        except TimeoutError:
            return
        raise Stopped

    def _letter(self, arrival: Arrival, attempts: int, failure: str) -> DeadLetter:
        return DeadLetter(
            id="",
            group=self._group,
            topic=arrival.event.topic,
            event_id=arrival.event.id,
            key=arrival.event.key,
            value=arrival.value,
            headers=arrival.headers,
            error=failure,
            attempts=attempts,
            failed_at=self._clock(),
            partition=arrival.partition,
            offset=arrival.offset,
        )

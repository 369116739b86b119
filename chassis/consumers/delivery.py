"""One event to its handler: tried, tried again, and at last kept as a dead letter.

An outage is not a failing event, so whether a failed attempt counts depends on what answers:

- After each failure the service's own store is asked to take a write. While it does not, nothing
  counts, whatever the error was: the delivery waits until the store answers, for as long as it
  takes, and tries again. (The partition could not go on anyway; nor could a dead letter be kept.)
- Where the store answers, and the error says that something else is unreachable (another service,
  Redis, Stripe), the event is tried on without counting for `RetryPolicy.outage_grace`.
- Everything else counts, an attempt that took too long and an error of a store that answers among
  them. So an event that makes its own handler hang, or seems to, holds up its partition only for
  the time that its attempts and `outage_grace` take.

A dead letter whose last error was an outage says so, and the service replays it by itself.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from google.protobuf.message import Message
from prometheus_client import Counter, Histogram

from chassis.clock import Clock, utcnow
from chassis.consumers.dead_letters import (
    MOST_FAILURES,
    DeadLetter,
    DeadLetterStore,
    FailedAttempt,
    replay_at,
)
from chassis.events import Event, Subscription
from chassis.kafka.client import one_line
from chassis.kafka.cloudevents import Header
from chassis.resilience.backoff import Backoff
from chassis.rpc.outages import is_elsewhere, is_outage
from chassis.tasks import is_set_within
from chassis.telemetry import correlation, metrics, traces

log = structlog.get_logger(__name__)

# A store that is back is not left waiting for longer.
LONGEST_STORE_PAUSE = timedelta(seconds=5)


HANDLED = Counter(
    "events_handled",
    "Attempts at events, by how they ended: handled, failed (it is tried again), or dead_letter.",
    ["consumergroup", "outcome"],
)
DELAY = Histogram(
    "event_delay_seconds",
    "From what an event tells of to its effect here.",
    ["consumergroup"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0),
)


@dataclass(frozen=True)
class RetryPolicy:
    """How often a failing event is tried, and the pauses between, which double.

    Attributes:
        attempts: Those that count, in all; at least 1.
        first_pause: After the first attempt.
        longest_pause: At most that long between two.
        attempt_timeout: An attempt that takes longer has failed.
        outage_grace: For how long failures do not count that say that something besides the own
            store is unreachable.
    """

    attempts: int = 8
    first_pause: timedelta = timedelta(milliseconds=200)
    longest_pause: timedelta = timedelta(seconds=30)
    attempt_timeout: timedelta = timedelta(seconds=30)
    outage_grace: timedelta = timedelta(hours=1)

    def pause(self, failures: int, chance: float) -> float:
        """Seconds to wait after so many failures; see `Backoff`."""
        backoff = Backoff(self.first_pause.total_seconds(), self.longest_pause.total_seconds())
        return backoff.pause(failures, chance)


@dataclass(frozen=True)
class ReceivedEvent:
    """An event as it was read from Kafka."""

    event: Event
    value: bytes
    headers: tuple[Header, ...]
    partition: int
    offset: int


def processing(event: Event, group: str) -> AbstractContextManager[None]:
    """The span of one attempt to handle `event`, in the trace of who caused it."""
    if not traces.is_on():
        return nullcontext()
    about = {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": event.topic,
        "messaging.consumer.group.name": group,
        "messaging.message.id": event.id,
    }
    return traces.span(f"process {event.topic}", "consumer", about, parent=event.trace)


class Stopped(Exception):
    """The delivery ended before the event was handled or kept: it will come again."""


class Delivery:
    """Delivers the events of one consumer group.

    Args:
        group: Such as `cart-product-created`.
        subscription: Their message and handler.
        dead_letters: Where to keep what cannot be handled.
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
        self._store_policy = replace(
            policy, longest_pause=min(policy.longest_pause, LONGEST_STORE_PAUSE)
        )
        self._clock = clock
        self._chance = chance
        self._handled, self._failed, self._kept = (
            HANDLED.labels(group, outcome) for outcome in ("handled", "failed", "dead_letter")
        )
        self._delay = DELAY.labels(group)

    @property
    def in_any_order(self) -> bool:
        """Whether events may be handled side by side."""
        return self._subscription.in_any_order

    async def try_once(self, arrival: ReceivedEvent) -> bool:
        """Whether the event could be handled at once; it is to be delivered where it could not."""
        try:
            message = self._message(arrival)
        except Exception:  # noqa: BLE001 - it is met again where it is delivered
            return False
        return await self._attempt(message, arrival.event) is None

    async def deliver(self, arrival: ReceivedEvent, stopping: asyncio.Event) -> None:
        """Return once the event is handled, or kept as a dead letter.

        Args:
            arrival: The event.
            stopping: Once it is set, no attempt is begun and no pause goes on.

        Raises:
            Stopped: It was set before that.
        """
        try:
            message = self._message(arrival)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next time it is again
            await self.keep(arrival, 1, error, stopping)
            return
        began = self._clock()
        failures = attempts = 0
        history = deque[FailedAttempt](maxlen=MOST_FAILURES)
        while failure := await self._attempt(message, arrival.event):
            failures += 1
            if not await self._store_answers():
                await self._until_store_answers(stopping)
                continue
            if not is_elsewhere(failure) or self._clock() - began >= self._policy.outage_grace:
                attempts += 1
            history.append(FailedAttempt(self._clock(), one_line(failure)))
            if attempts == self._policy.attempts:
                await self.keep(arrival, attempts, failure, stopping, history)
                return
            await self._pause(self._policy, failures, stopping)

    def _message(self, arrival: ReceivedEvent) -> Message:
        """The event's message; what is done and logged from here on is about it."""
        correlation.event_id.set(arrival.event.id)
        correlation.message.set(None)
        message: Message = self._subscription.message.FromString(arrival.value)
        correlation.message.set(message)
        return message

    async def _attempt(self, message: Message, event: Event) -> Exception | None:
        """What went wrong; None where nothing did."""
        try:
            with processing(event, self._group):
                async with asyncio.timeout(self._policy.attempt_timeout.total_seconds()):
                    await self._subscription.handle(message, event)
                delay = (self._clock() - event.time).total_seconds()
                # In the span, which is what its exemplar points at.
                self._delay.observe(max(0.0, delay), metrics.exemplar())
        except Exception as error:
            log.warning(
                "event not handled",
                group=self._group,
                event_id=event.id,
                key=event.key,
                error=one_line(error),
                exc_info=not is_outage(error),
            )
            self._failed.inc()
            return error
        log.debug("event handled", group=self._group, key=event.key)
        self._handled.inc()
        return None

    async def _until_store_answers(self, stopping: asyncio.Event) -> None:
        log.warning("events wait for the store", group=self._group)
        failures = 1
        await self._pause(self._store_policy, failures, stopping)
        while not await self._store_answers():
            failures += 1
            await self._pause(self._store_policy, failures, stopping)

    async def _store_answers(self) -> bool:
        try:
            await self._dead_letters.check()
        except Exception as error:  # noqa: BLE001 - whatever it is, no dead letter can be kept
            log.debug("store does not answer", group=self._group, error=one_line(error))
            return False
        return True

    async def keep(
        self,
        arrival: ReceivedEvent,
        attempts: int,
        error: Exception,
        stopping: asyncio.Event,
        history: Iterable[FailedAttempt] = (),
    ) -> None:
        """Keep the event as a dead letter, for as long as it takes.

        Args:
            arrival: The event.
            attempts: How often it was tried.
            error: The last failure.
            stopping: Ends the pauses.
            history: All failures; the last one where they are not given.

        Raises:
            Stopped: `stopping` was set before that.
        """
        letter = self._letter(arrival, attempts, error, history)
        failures = 0
        while True:
            try:
                await self._dead_letters.keep(letter)
            except Exception:
                failures += 1
                log.warning("dead letter not kept", group=self._group, exc_info=True)
                await self._pause(self._store_policy, failures, stopping)
            else:
                break
        self._kept.inc()
        log.error("event given up", group=self._group, event_id=letter.event_id, error=letter.error)

    async def _pause(self, policy: RetryPolicy, failures: int, stopping: asyncio.Event) -> None:
        if await is_set_within(stopping, policy.pause(failures, self._chance())):
            raise Stopped

    def _letter(
        self,
        arrival: ReceivedEvent,
        attempts: int,
        error: Exception,
        history: Iterable[FailedAttempt],
    ) -> DeadLetter:
        now = self._clock()
        return DeadLetter(
            id="",
            group=self._group,
            topic=arrival.event.topic,
            event_id=arrival.event.id,
            key=arrival.event.key,
            value=arrival.value,
            headers=arrival.headers,
            error=one_line(error),
            attempts=attempts,
            failed_at=now,
            partition=arrival.partition,
            offset=arrival.offset,
            replay_at=replay_at(now, now) if is_outage(error) else None,
            history=tuple(history) or (FailedAttempt(now, one_line(error)),),
        )

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect, OperationFailure
from redis.exceptions import TimeoutError as RedisTimeoutError
from shop.orders.v1 import events_pb2

from chassis.consumers.dead_letters import MOST_FAILURES, DeadLetter, FailedAttempt
from chassis.consumers.delivery import Delivery, ReceivedEvent, RetryPolicy, Stopped
from chassis.errors import Unavailable
from chassis.events import Event, Subscription
from chassis.telemetry import traces
from tests.support.metrics import grows
from tests.support.spans import SAMPLED, attributes_of, parent_of, recorded
from tests.unit.chassis.dead_letters_in_memory import DeadLettersInMemory

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, tzinfo=UTC)
EVENT = Event("e1", "order.cancelled", "o1", NOW, "svc_orders", trace=SAMPLED)
MESSAGE = events_pb2.OrderCancelled(detail="too late")
ARRIVAL = ReceivedEvent(
    EVENT, MESSAGE.SerializeToString(), (("ce_id", b"e1"),), partition=2, offset=7
)
GROUP = {"consumergroup": "notify-order-cancelled"}
AT_ONCE = RetryPolicy(attempts=3, first_pause=timedelta(0))
NEVER_AGAIN = RetryPolicy(first_pause=timedelta(hours=1), longest_pause=timedelta(hours=1))


class Handler:
    """Fails as often as it is told, and counts."""

    def __init__(self, failures: int = 0, error: BaseException | None = None) -> None:
        self.failures = failures
        self.error = error or ValueError("no such\n  order")
        self.calls: list[tuple[Any, Event]] = []
        self.called = asyncio.Event()

    async def __call__(self, message: Any, event: Event) -> None:
        self.calls.append((message, event))
        self.called.set()
        if len(self.calls) <= self.failures:
            raise self.error.with_traceback(None)  # it would grow with each time


def delivery(
    handle: Callable[[Any, Event], Awaitable[None]],
    policy: RetryPolicy = AT_ONCE,
    letters: DeadLettersInMemory | None = None,
) -> Delivery:
    return Delivery(
        "notify-order-cancelled",
        Subscription(events_pb2.OrderCancelled, handle),
        letters or DeadLettersInMemory(),
        policy,
        clock=lambda: NOW,
    )


async def all_of(letters: DeadLettersInMemory) -> list[DeadLetter]:
    return (await letters.page(100, None)).letters


async def test_the_handler_gets_the_message_and_the_event() -> None:
    handler = Handler()
    await delivery(handler).deliver(ARRIVAL, asyncio.Event())
    assert handler.calls == [(MESSAGE, EVENT)]


async def test_the_handler_is_in_the_events_trace() -> None:
    seen = []

    async def handle(_: Any, __: Event) -> None:
        seen.append(traces.current_ids())

    with recorded() as spans:
        await delivery(handle).deliver(ARRIVAL, asyncio.Event())
    span = spans.only()
    assert parent_of(span) == SAMPLED
    assert span.context is not None
    assert seen == [traces.Ids(SAMPLED[3:35], f"{span.context.span_id:016x}", is_sampled=True)]
    assert (span.name, span.kind.name) == ("process order.cancelled", "CONSUMER")
    assert attributes_of(span) == {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": "order.cancelled",
        "messaging.consumer.group.name": "notify-order-cancelled",
        "messaging.message.id": "e1",
    }


async def test_the_delay_of_an_event_points_at_its_span() -> None:
    seen: list[Mapping[str, str] | None] = []

    class Delay:
        def observe(self, _: float, exemplar: Mapping[str, str] | None) -> None:
            seen.append(exemplar)

    handled = delivery(Handler())
    handled._delay = Delay()  # type: ignore[assignment]  # all that is used of one
    with recorded():
        await handled.deliver(ARRIVAL, asyncio.Event())
    assert seen == [{"trace_id": SAMPLED[3:35]}]


async def test_each_attempt_is_a_span_and_those_that_fail_say_so() -> None:
    with recorded() as spans:
        await delivery(Handler(failures=1)).deliver(ARRIVAL, asyncio.Event())
    assert [span.status.is_ok for span in spans.ended()] == [False, True]


async def test_a_failing_event_is_tried_again() -> None:
    handler, letters = Handler(failures=2), DeadLettersInMemory()
    await delivery(handler, letters=letters).deliver(ARRIVAL, asyncio.Event())
    assert len(handler.calls) == 3
    assert await letters.count() == 0


async def test_after_the_last_attempt_the_event_is_a_dead_letter() -> None:
    handler, letters = Handler(failures=99), DeadLettersInMemory()
    await delivery(handler, letters=letters).deliver(ARRIVAL, asyncio.Event())
    assert len(handler.calls) == 3
    [letter] = await all_of(letters)
    assert letter == DeadLetter(
        id=letter.id,
        group="notify-order-cancelled",
        topic="order.cancelled",
        event_id="e1",
        key="o1",
        value=ARRIVAL.value,
        headers=ARRIVAL.headers,
        error="ValueError: no such order",
        attempts=3,
        failed_at=NOW,
        partition=2,
        offset=7,
        history=(FailedAttempt(NOW, "ValueError: no such order"),) * 3,
    )


async def test_of_many_failures_the_last_ones_are_kept() -> None:
    handler, letters = Handler(failures=99), DeadLettersInMemory()
    policy = replace(AT_ONCE, attempts=MOST_FAILURES + 5)
    await delivery(handler, policy, letters=letters).deliver(ARRIVAL, asyncio.Event())
    [letter] = await all_of(letters)
    assert (letter.attempts, len(letter.history)) == (MOST_FAILURES + 5, MOST_FAILURES)


async def test_what_can_not_be_decoded_is_a_dead_letter_at_once() -> None:
    handler, letters = Handler(), DeadLettersInMemory()
    broken = ReceivedEvent(EVENT, b"\xff\xff", (), partition=0, offset=0)
    await delivery(handler, letters=letters).deliver(broken, asyncio.Event())
    assert handler.calls == []
    [letter] = await all_of(letters)
    assert letter.attempts == 1
    assert letter.value == b"\xff\xff"
    assert letter.error.startswith("DecodeError: ")


async def test_an_attempt_that_takes_too_long_has_failed() -> None:
    async def handle(_: Any, __: Event) -> None:
        await asyncio.Event().wait()

    letters = DeadLettersInMemory()
    policy = RetryPolicy(attempts=1, attempt_timeout=timedelta(milliseconds=1))
    await delivery(handle, policy, letters).deliver(ARRIVAL, asyncio.Event())
    assert [each.error.split(":")[0] for each in await all_of(letters)] == ["TimeoutError"]


class Flapping(DeadLettersInMemory):
    """Takes a write at every second look only, which is the one before the next attempt."""

    checks = 0

    async def check(self) -> None:
        self.checks += 1
        if self.checks % 2:
            raise ConnectionError("mongodb is unreachable")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(AutoReconnect("gone"), id="of the driver"),
        pytest.param(TimeoutError(), id="time-out"),
        pytest.param(OperationFailure("out of disk space"), id="of the server"),
        pytest.param(ValueError("half of a document"), id="any"),
    ],
)
async def test_nothing_counts_while_the_store_does_not_answer(error: Exception) -> None:
    handler, letters = Handler(failures=9, error=error), Flapping()
    await delivery(handler, letters=letters).deliver(ARRIVAL, asyncio.Event())
    assert len(handler.calls) == 10
    assert await letters.count() == 0


async def test_the_handler_is_not_asked_before_the_store_answers() -> None:
    class Away(DeadLettersInMemory):
        checks = 0

        async def check(self) -> None:
            self.checks += 1
            if self.checks < 40:
                raise ConnectionError("mongodb is unreachable")

    handler, letters = Handler(failures=1), Away()
    await delivery(handler, letters=letters).deliver(ARRIVAL, asyncio.Event())
    assert (len(handler.calls), letters.checks) == (2, 40)


async def test_stopping_ends_the_wait_for_a_store() -> None:
    handler, letters, stopping = Handler(failures=99), DeadLettersInMemory(), asyncio.Event()
    letters.unreachable = True
    delivering = asyncio.create_task(
        delivery(handler, NEVER_AGAIN, letters).deliver(ARRIVAL, stopping)
    )
    await handler.called.wait()
    stopping.set()
    with pytest.raises(Stopped):
        await delivering
    assert await letters.count() == 0


class Unanswered(grpc.aio.AioRpcError):
    def __init__(self, code: grpc.StatusCode) -> None:
        super().__init__(code, grpc.aio.Metadata(), grpc.aio.Metadata())


ELSEWHERE = [
    pytest.param(Unavailable("The catalog does not answer."), id="said by a port"),
    pytest.param(Unanswered(grpc.StatusCode.UNAVAILABLE), id="peer unreachable"),
    pytest.param(Unanswered(grpc.StatusCode.DEADLINE_EXCEEDED), id="peer too late"),
    pytest.param(RedisTimeoutError("no answer"), id="redis"),
]


@pytest.mark.parametrize("error", ELSEWHERE)
async def test_what_is_unreachable_elsewhere_does_not_count_for_long(error: Exception) -> None:
    handler, letters = Handler(failures=20, error=error), DeadLettersInMemory()
    await delivery(handler, letters=letters).deliver(ARRIVAL, asyncio.Event())
    assert len(handler.calls) == 21
    assert await letters.count() == 0


@pytest.mark.parametrize("error", ELSEWHERE)
async def test_nor_does_it_hold_a_partition_up_for_ever(error: Exception) -> None:
    handler, letters = Handler(failures=10**6, error=error), DeadLettersInMemory()
    policy = replace(AT_ONCE, outage_grace=timedelta(0))
    await delivery(handler, policy, letters).deliver(ARRIVAL, asyncio.Event())
    assert len(handler.calls) == 3
    [letter] = await all_of(letters)
    assert letter.replay_at == NOW + timedelta(seconds=30)


@pytest.mark.parametrize("error", [AutoReconnect("timed out"), TimeoutError()])
async def test_an_event_that_makes_an_answering_store_seem_unreachable_counts(
    error: Exception,
) -> None:
    handler, letters = Handler(failures=10**6, error=error), DeadLettersInMemory()
    await delivery(handler, letters=letters).deliver(ARRIVAL, asyncio.Event())
    assert len(handler.calls) == 3
    [letter] = await all_of(letters)
    assert letter.replay_at == NOW + timedelta(seconds=30)


async def test_stopping_ends_a_pause_and_keeps_nothing() -> None:
    handler, letters, stopping = Handler(failures=99), DeadLettersInMemory(), asyncio.Event()
    delivering = asyncio.create_task(
        delivery(handler, NEVER_AGAIN, letters).deliver(ARRIVAL, stopping)
    )
    await handler.called.wait()
    stopping.set()
    with pytest.raises(Stopped):
        await delivering
    assert len(handler.calls) == 1
    assert await letters.count() == 0


async def test_a_dead_letter_that_can_not_be_kept_is_tried_again() -> None:
    class Flaky(DeadLettersInMemory):
        calls = 0

        async def keep(self, letter: DeadLetter) -> None:
            self.calls += 1
            if self.calls < 12:
                raise ConnectionError("mongodb is away")
            await super().keep(letter)

    handler, letters = Handler(failures=99), Flaky()
    await delivery(handler, letters=letters).deliver(ARRIVAL, asyncio.Event())
    assert (letters.calls, await letters.count()) == (12, 1)
    assert len(handler.calls) == 3


async def test_an_event_whose_dead_letter_is_not_kept_is_not_settled() -> None:
    class Away(DeadLettersInMemory):
        tried = asyncio.Event()

        async def keep(self, letter: DeadLetter) -> None:
            self.tried.set()
            raise ConnectionError("mongodb is away")

    letters, stopping = Away(), asyncio.Event()
    policy = RetryPolicy(attempts=1, first_pause=timedelta(hours=1))
    delivering = asyncio.create_task(
        delivery(Handler(failures=99), policy, letters).deliver(ARRIVAL, stopping)
    )
    await letters.tried.wait()
    stopping.set()
    with pytest.raises(Stopped):
        await delivering


async def test_being_cancelled_is_no_failure() -> None:
    handler, letters = Handler(failures=99, error=asyncio.CancelledError()), DeadLettersInMemory()
    with pytest.raises(asyncio.CancelledError):
        await delivery(handler, letters=letters).deliver(ARRIVAL, asyncio.Event())
    assert await letters.count() == 0


@given(failures=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_pauses_double_up_to_the_longest_and_at_least_half_of_it(
    failures: int, chance: float
) -> None:
    policy = RetryPolicy()
    whole = min(0.2 * 2.0 ** min(failures - 1, 100), 30.0)
    assert whole / 2 <= policy.pause(failures, chance) <= whole


def test_the_design_asks_for_eight_attempts_at_most_thirty_seconds_apart() -> None:
    policy = RetryPolicy()
    assert policy.attempts == 8
    assert policy.pause(99, 1.0) == 30.0


def outcome(name: str) -> dict[str, str]:
    return GROUP | {"outcome": name}


async def test_attempts_are_counted_by_how_they_end_and_effects_by_their_delay() -> None:
    late = replace(ARRIVAL, event=replace(EVENT, time=NOW - timedelta(seconds=4)))
    with (
        grows("events_handled_total", outcome("failed"), by=2),
        grows("events_handled_total", outcome("handled")),
        grows("events_handled_total", outcome("dead_letter"), by=0),
        grows("event_delay_seconds_count", GROUP),
        grows("event_delay_seconds_sum", GROUP, by=4),
    ):
        await delivery(Handler(failures=2)).deliver(late, asyncio.Event())


async def test_an_event_that_is_given_up_is_counted_as_such() -> None:
    with (
        grows("events_handled_total", outcome("failed"), by=3),
        grows("events_handled_total", outcome("dead_letter")),
        grows("event_delay_seconds_count", GROUP, by=0),
    ):
        await delivery(Handler(failures=3)).deliver(ARRIVAL, asyncio.Event())

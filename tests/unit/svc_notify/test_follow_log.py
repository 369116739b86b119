import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from svc_notify.model.message import Message
from svc_notify.usecases.follow_log import MAX_MISSED, FollowLog, FollowPace, ReadMissed
from svc_notify.usecases.ports import HighWatermark
from svc_notify.usecases.wakeup import Waiter, Wakeup
from tests.support.clock import FakeClock
from tests.unit.svc_notify.fakes import FakeMessages, order_draft

pytestmark = pytest.mark.anyio

NEVER = timedelta(days=1)
AT_ONCE = timedelta(0)
SILENT = FollowPace(poll=NEVER, sign_of_life=NEVER)
# So that a message that never comes fails its test instead of never ending it.
PATIENCE_SECONDS = 20
Stream = AsyncIterator[Message | None]


def follow(
    messages: FakeMessages,
    clock: FakeClock,
    wakeup: Wakeup | None = None,
    pace: FollowPace | None = None,
) -> Stream:
    """A follower that polls all the time and is silent unless there is news."""
    return FollowLog(messages, wakeup or Wakeup(), clock, pace or FollowPace(AT_ONCE, NEVER))()


async def some(stream: Stream, number: int) -> list[tuple[str, int]]:
    """The next messages: audience and sequence."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        found = [await anext(stream) for _ in range(number)]
    return [(message.audience, message.sequence) for message in found if message]


async def test_the_first_thing_is_a_sign_of_life(messages: FakeMessages, clock: FakeClock) -> None:
    await messages.append(order_draft())
    assert await anext(follow(messages, clock)) is None


async def test_what_was_there_before_is_not_repeated(
    messages: FakeMessages, clock: FakeClock
) -> None:
    await messages.append(order_draft("e1"))
    stream = follow(messages, clock)
    await anext(stream)
    await messages.append(order_draft("e2"))
    assert await some(stream, 1) == [("user:u1", 2)]


async def test_messages_come_once_however_often_the_log_is_looked_at(
    messages: FakeMessages, clock: FakeClock
) -> None:
    stream = follow(messages, clock)
    await anext(stream)
    for number in range(1, 4):
        await messages.append(order_draft(f"e{number}"))
        assert await some(stream, 1) == [("user:u1", number)]
        clock.forward(milliseconds=300)


async def test_long_after_its_last_message_an_audience_goes_on_in_order(
    messages: FakeMessages, clock: FakeClock
) -> None:
    stream = follow(messages, clock)
    await anext(stream)
    await messages.append(order_draft("e1"))
    await some(stream, 1)
    for minute in range(3):
        clock.forward(minutes=1)
        await messages.append(order_draft(f"other{minute}", "user:u2"))
        await some(stream, 1)
    await messages.append(order_draft("e2"))
    await messages.append(order_draft("e3"))
    assert await some(stream, 2) == [("user:u1", 2), ("user:u1", 3)]


async def test_replicas_whose_clocks_differ_do_not_change_the_order(
    messages: FakeMessages, clock: FakeClock
) -> None:
    stream = follow(messages, clock)
    await anext(stream)
    clock.forward(seconds=1)
    await messages.append(order_draft("by the replica whose clock is ahead"))
    clock.forward(seconds=-1)
    await messages.append(order_draft("by the other"))
    assert await some(stream, 2) == [("user:u1", 1), ("user:u1", 2)]


async def test_an_audience_whose_raise_was_seen_late_is_caught_up_with(
    messages: FakeMessages, clock: FakeClock
) -> None:
    stream = follow(messages, clock)
    await anext(stream)
    await messages.append(order_draft("e1", "user:u2"))
    seen_late = messages.raised.pop("user:u2")
    clock.forward(seconds=2)
    await messages.append(order_draft("e1"))
    assert await some(stream, 1) == [("user:u1", 1)]
    messages.raised["user:u2"] = seen_late
    assert await some(stream, 1) == [("user:u2", 1)]


async def test_much_that_was_written_between_two_looks_comes_whole(
    messages: FakeMessages, clock: FakeClock
) -> None:
    stream = follow(messages, clock)
    await anext(stream)
    await messages.append(order_draft("first"))
    await some(stream, 1)
    for number in range(250):
        await messages.append(order_draft(f"e{number}"))
    assert await some(stream, 250) == [("user:u1", number) for number in range(2, 252)]


async def test_many_audiences_at_once_come_whole(messages: FakeMessages, clock: FakeClock) -> None:
    stream = follow(messages, clock)
    await anext(stream)
    audiences = [f"user:u{number}" for number in range(120)]
    for audience in audiences:
        await messages.append(order_draft("e1", audience))
    assert await some(stream, 120) == [(audience, 1) for audience in audiences]


async def test_old_messages_are_not_dug_up_when_an_audience_comes_up_again(
    messages: FakeMessages, clock: FakeClock
) -> None:
    await messages.append(order_draft("old"))
    clock.forward(hours=1)
    stream = follow(messages, clock)
    await anext(stream)
    await messages.append(order_draft("new"))
    assert await some(stream, 1) == [("user:u1", 2)]


@pytest.mark.parametrize("behind", [timedelta(seconds=3), timedelta(seconds=50)])
async def test_neither_a_slow_write_nor_a_wrong_clock_hides_a_message(
    messages: FakeMessages, clock: FakeClock, behind: timedelta
) -> None:
    """Its time is the writer's, and from before the insert; what counts is when it was raised."""
    stream = follow(messages, clock)
    await anext(stream)
    clock.forward(minutes=1)
    await messages.append(order_draft("e1"))
    await some(stream, 1)
    late = await messages.append(order_draft("e2", "user:u2"))
    assert late is not None
    messages.kept[-1] = replace(late, added_at=clock.now - behind)
    assert await some(stream, 1) == [("user:u2", 1)]
    for number in range(2):
        late = await messages.append(order_draft(f"later{number}", "user:u2"))
        assert late is not None
        messages.kept[-1] = replace(late, added_at=clock.now - 100 * behind)
        assert await some(stream, 1) == [("user:u2", number + 2)]


async def test_a_silent_stream_says_that_it_is_alive(
    messages: FakeMessages, clock: FakeClock
) -> None:
    stream = follow(messages, clock, pace=FollowPace(AT_ONCE, timedelta(seconds=5)))
    assert await anext(stream) is None
    clock.forward(seconds=5)
    assert await anext(stream) is None
    await messages.append(order_draft())
    assert await some(stream, 1) == [("user:u1", 1)]


class DarkMessages(FakeMessages):
    """Once it is dark, nobody can look into the logs."""

    def __init__(self, clock: FakeClock, wakeup: Wakeup) -> None:
        super().__init__(clock, wakeup)
        self.is_dark = False

    async def raised_since(self, time: datetime) -> list[HighWatermark]:
        assert not self.is_dark, "looked into the logs"
        return await super().raised_since(time)


async def waiting_for_news(stream: Stream) -> asyncio.Future[Message | None]:
    """The next message of a stream that has looked into the logs, and rests."""
    await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    return waiting


async def test_news_of_this_process_is_handed_out_without_a_look_into_the_logs(
    clock: FakeClock,
) -> None:
    wakeup = Wakeup()
    messages = DarkMessages(clock, wakeup)
    stream = follow(messages, clock, wakeup, SILENT)
    waiting = await waiting_for_news(stream)
    messages.is_dark = True
    await messages.append(order_draft())
    message = await asyncio.wait_for(waiting, PATIENCE_SECONDS)
    assert message is not None
    assert message.sequence == 1
    await messages.append(order_draft("e2"))
    await messages.append(order_draft("e1", "admins"))
    assert await some(stream, 2) == [("user:u1", 2), ("admins", 1)]


async def test_what_another_process_wrote_comes_before_news_of_this_one(clock: FakeClock) -> None:
    """The follower is told of the second message only; of the first it does not know yet."""
    wakeup = Wakeup()
    messages, other = FakeMessages(clock, wakeup), FakeMessages(clock)
    stream = follow(messages, clock, wakeup, SILENT)
    waiting = await waiting_for_news(stream)
    written = await other.append(order_draft("e1"))
    assert written is not None
    messages.kept.append(written)
    messages.raised |= other.raised
    await messages.append(order_draft("e2"))
    assert await asyncio.wait_for(waiting, PATIENCE_SECONDS) == written
    assert await some(stream, 1) == [("user:u1", 2)]


async def test_what_was_passed_on_is_not_found_again_by_looking(clock: FakeClock) -> None:
    wakeup = Wakeup()
    messages = FakeMessages(clock, wakeup)
    stream = follow(messages, clock, wakeup)
    await anext(stream)
    for number in range(1, 4):
        await messages.append(order_draft(f"e{number}"))
        assert await some(stream, 1) == [("user:u1", number)]
        clock.forward(minutes=2)
        await messages.append(order_draft(f"other{number}", f"user:o{number}"))
        assert await some(stream, 1) == [(f"user:o{number}", 1)]


async def test_looks_do_not_go_back_further_and_further_where_all_was_passed_on(
    clock: FakeClock,
) -> None:
    wakeup = Wakeup()
    messages = FakeMessages(clock, wakeup)
    stream = follow(messages, clock, wakeup)
    await anext(stream)
    asked, raised_since = list[datetime](), messages.raised_since

    async def note(time: datetime) -> list[HighWatermark]:
        asked.append(time)
        return await raised_since(time)

    messages.raised_since = note  # type: ignore[method-assign]  # to see how far it goes back
    for number in range(1, 20):
        clock.forward(minutes=1)
        await messages.append(order_draft(f"e{number}"))
        await some(stream, 1)
    assert clock.now - asked[-1] < timedelta(minutes=5)


async def test_news_that_nobody_takes_up_is_read_in_the_logs(clock: FakeClock) -> None:
    wakeup = Wakeup()
    messages = FakeMessages(clock, wakeup)
    stream = follow(messages, clock, wakeup)
    await anext(stream)
    for number in range(1, 1202):
        await messages.append(order_draft(f"e{number}"))
    assert await some(stream, 1201) == [("user:u1", number) for number in range(1, 1202)]


class PatientWakeup(Wakeup):
    """Notes how long its listeners would rest, and does not let them."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[timedelta] = []

    def waiter(self) -> Waiter:
        waiter, rest = super().waiter(), Waiter.rest

        def note(at_most: timedelta) -> None:
            self.waits.append(at_most)
            rest(waiter, AT_ONCE)

        waiter.rest = note  # type: ignore[method-assign]  # this one only
        return waiter


async def test_the_slower_the_database_the_longer_the_pause(
    messages: FakeMessages, clock: FakeClock
) -> None:
    wakeup, raised_since = PatientWakeup(), messages.raised_since
    stream = follow(
        messages, clock, wakeup, FollowPace(timedelta(milliseconds=250), timedelta(seconds=1))
    )
    await anext(stream)

    async def slow(time: datetime) -> list[HighWatermark]:
        clock.forward(milliseconds=100)
        return await raised_since(time)

    messages.raised_since = slow  # type: ignore[method-assign]  # a database without its index
    await messages.append(order_draft("e1"))
    await some(stream, 1)
    clock.forward(seconds=9)
    assert await anext(stream) is None
    assert await anext(stream) is None
    after_news, *after_nothing = wakeup.waits
    assert after_news == timedelta(milliseconds=250)
    assert set(after_nothing) == {timedelta(seconds=2)}


async def test_streams_end_when_the_service_stops(messages: FakeMessages, clock: FakeClock) -> None:
    wakeup = Wakeup()
    stream = follow(messages, clock, wakeup, SILENT)
    await anext(stream)
    waiting = asyncio.ensure_future(anext(stream, "over"))
    await asyncio.sleep(0)
    wakeup.stop()
    assert await waiting == "over"
    late = follow(messages, clock, wakeup, SILENT)
    assert [each async for each in late] == [None]


async def test_what_was_missed_is_read_oldest_first(messages: FakeMessages) -> None:
    for number in range(4):
        await messages.append(order_draft(f"e{number}"))
    missed = await ReadMissed(messages)("user:u1", 2)
    assert [m.sequence for m in missed.messages] == [3, 4]
    assert missed.latest == 4


async def test_only_the_latest_sequence_is_read_where_nothing_was_missed(
    messages: FakeMessages,
) -> None:
    await messages.append(order_draft())
    missed = await ReadMissed(messages)("user:u1", -1)
    assert (missed.messages, missed.latest) == ([], 1)


async def test_not_more_is_read_at_once_than_allowed(messages: FakeMessages) -> None:
    for number in range(MAX_MISSED + 1):
        await messages.append(order_draft(f"e{number}"))
    missed = await ReadMissed(messages)("user:u1", 0)
    assert (len(missed.messages), missed.latest) == (MAX_MISSED, MAX_MISSED + 1)


async def test_what_has_expired_leaves_the_latest_sequence_known(messages: FakeMessages) -> None:
    await messages.append(order_draft("e1"))
    messages.forget("user:u1")
    assert (await ReadMissed(messages)("user:u1", 0)).latest == 1

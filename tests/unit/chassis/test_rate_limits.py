import asyncio

import pytest
from limits import parse

from chassis.resilience.rate_limits import RateLimits
from tests.support.clock import FakeSeconds
from tests.support.counters import SharedCounters

pytestmark = pytest.mark.anyio

MINUTE = parse("20/minute")
NOW = 60_000.0


@pytest.fixture
def shared() -> SharedCounters:
    return SharedCounters()


@pytest.fixture
def clock() -> FakeSeconds:
    return FakeSeconds(NOW)


@pytest.fixture
def limits(shared: SharedCounters, clock: FakeSeconds) -> RateLimits:
    return RateLimits(shared, clock)


async def allowed(limits: RateLimits, times: int, key: str = "ann") -> int:
    return sum([not (await limits.hit(MINUTE, key)).is_over for _ in range(times)])


async def test_no_more_pass_than_the_limit_in_a_window(
    limits: RateLimits, clock: FakeSeconds
) -> None:
    assert await allowed(limits, 30) == 20
    clock.now += 60
    assert await allowed(limits, 30) == 20


async def test_each_key_has_its_own(limits: RateLimits) -> None:
    assert await allowed(limits, 20) == 20
    assert await allowed(limits, 1, "ben") == 1


async def test_it_tells_what_is_left_and_when_the_window_ends(
    limits: RateLimits, clock: FakeSeconds
) -> None:
    clock.now += 12.5
    usage = await limits.hit(MINUTE, "ann")
    assert (usage.limit, usage.remaining, usage.reset) == (20, 19, 48)
    for _ in range(25):
        usage = await limits.hit(MINUTE, "ann")
    assert usage.remaining == 0


async def test_redis_is_asked_only_about_those_who_use_some_of_their_limit(
    limits: RateLimits, shared: SharedCounters
) -> None:
    await allowed(limits, 2)
    assert shared.asked == 0
    await allowed(limits, 1)
    assert list(shared.counts.values()) == [3]


async def test_processes_share_a_limit(shared: SharedCounters, clock: FakeSeconds) -> None:
    one, other = RateLimits(shared, clock), RateLimits(shared, clock)
    assert await allowed(one, 15) == 15
    # What a process has not told yet is at most a tenth of the limit.
    assert await allowed(other, 15) in {5, 6, 7}


async def test_an_exact_limit_is_kept_however_many_ask_at_once(
    shared: SharedCounters, clock: FakeSeconds
) -> None:
    processes = [RateLimits(shared, clock) for _ in range(5)]
    usages = await asyncio.gather(
        *(process.hit(MINUTE, "ann", asked_from=0) for process in processes for _ in range(20))
    )
    assert sum(not usage.is_over for usage in usages) == 20


async def test_what_is_taken_back_may_be_done_again(limits: RateLimits) -> None:
    assert await allowed(limits, 20) == 20
    await limits.hit(MINUTE, "ann", cost=-1)
    assert await allowed(limits, 3) == 1


async def test_without_redis_each_process_counts_for_itself(
    shared: SharedCounters, clock: FakeSeconds
) -> None:
    shared.is_away = True
    one, other = RateLimits(shared, clock), RateLimits(shared, clock)
    assert await allowed(one, 30) == 20
    assert await allowed(other, 30) == 20
    # It is not waited for with each call.
    assert shared.asked == 2


async def test_redis_hears_what_was_counted_without_it(
    limits: RateLimits, shared: SharedCounters, clock: FakeSeconds
) -> None:
    shared.is_away = True
    await allowed(limits, 10)
    shared.is_away = False
    clock.now += 1
    await allowed(limits, 1)
    assert list(shared.counts.values()) == [11]

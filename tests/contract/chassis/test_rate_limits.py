"""Rate limits that two processes share in a real Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from limits import parse
from redis.asyncio import Redis

from chassis.auth.revocations import connect_redis
from chassis.ids import new_id
from chassis.resilience.rate_limits import RateLimits, RedisCounters

pytestmark = pytest.mark.anyio

HOUR = parse("20/hour")
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    redis = connect_redis(redis_url)
    yield redis
    await redis.aclose()


async def test_no_more_pass_however_many_ask_at_once(redis: Redis) -> None:
    processes = [RateLimits(RedisCounters(redis)) for _ in range(2)]
    key = new_id()
    usages = await asyncio.gather(
        *(each.hit(HOUR, key, asked_from=0) for each in processes for _ in range(50))
    )
    assert sum(not usage.is_over for usage in usages) == 20


async def test_what_is_counted_goes_with_its_window(redis: Redis) -> None:
    key = new_id()
    for asked in (1, 5, -1):
        await RateLimits(RedisCounters(redis)).hit(HOUR, key, cost=asked, asked_from=0)
    names = [name async for name in redis.scan_iter(f"*{key}*")]
    assert [await redis.get(name) for name in names] == [b"5"]
    assert 0 < await redis.ttl(names[0]) <= 3600


async def test_a_redis_that_does_not_answer_limits_all_the_same() -> None:
    redis = connect_redis(NOWHERE)
    limits = RateLimits(RedisCounters(redis))
    usages = [await limits.hit(HOUR, "key") for _ in range(30)]
    assert sum(not usage.is_over for usage in usages) == 20
    await redis.aclose()

"""Guesses of a password, counted in a real Redis."""

import asyncio

import pytest
from limits import parse
from redis.asyncio import Redis

from chassis.errors import RateLimited
from chassis.ids import new_id
from chassis.resilience.rate_limits import RateLimits, RedisCounters
from svc_auth.peers.password_guesses import CountedGuesses

pytestmark = pytest.mark.anyio


def guesses(redis: Redis) -> CountedGuesses:
    return CountedGuesses(parse("5/hour"), RateLimits(RedisCounters(redis)))


async def test_however_many_processes_are_asked_at_once_no_more_pass(redis: Redis) -> None:
    who, processes = new_id(), [guesses(redis) for _ in range(4)]
    results = await asyncio.gather(
        *(process.take(who) for process in processes for _ in range(25)), return_exceptions=True
    )
    refusals = [result for result in results if isinstance(result, RateLimited)]
    assert len(refusals) == 95
    assert all(0 < refusal.seconds <= 3600 for refusal in refusals)
    assert refusals[0].message.startswith("Too many wrong passwords were tried.")


async def test_what_is_given_back_does_not_count(redis: Redis) -> None:
    who = new_id()
    for _ in range(12):
        await guesses(redis).take(who)
        await guesses(redis).give_back(who)


async def test_redis_is_told_of_no_account(redis: Redis) -> None:
    await guesses(redis).take("account ann@example.com")
    assert not [key async for key in redis.scan_iter("*ann*")]

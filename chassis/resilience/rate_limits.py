"""Rate limits: how often someone may do something, counted in Redis for all processes together.

Windows begin at whole multiples of their length since the epoch, so every process knows by its
clock when one ends; around that moment twice the limit may pass. Most callers are far from their
limit, and asking Redis for each call of theirs would cost more than some of the calls: a process
asks only about those who have used up a tenth of a limit with it alone. Where Redis does not
answer, each process counts for itself.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import structlog
from cachetools import LRUCache
from limits import RateLimitItem

from chassis.resilience.redis_library import Redis, RedisError

log = structlog.get_logger(__name__)

# Redis is asked from this part of a limit on.
ASKED_FROM = 0.1
_KEPT = 100_000
# After a failure Redis is not asked for so long, as each question might wait for its time-out.
_LEFT_ALONE_SECONDS = 1.0


class Usage(NamedTuple):
    """What is used of a limit, as far as it is known here.

    Attributes:
        limit: How much is allowed in a window.
        used: How much is used, this time included.
        reset: Seconds until the window ends, rounded up.
    """

    limit: int
    used: int
    reset: int

    @property
    def is_over(self) -> bool:
        """Whether this was once too often."""
        return self.used > self.limit

    @property
    def remaining(self) -> int:
        """How often it may be done until the window ends."""
        return max(0, self.limit - self.used)


class Counters(Protocol):
    """Counters that all processes share."""

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter that goes after `expiry` seconds; what it is then."""


class RedisCounters:
    """Counters in Redis.

    The library's own are a script, which not every server that speaks this protocol can run.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter that goes after `expiry` seconds; what it is then."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.set(key, 0, ex=expiry, nx=True)
            pipeline.incrby(key, amount)
            _, used = await pipeline.execute()
        return int(used)


@dataclass
class _Count:
    """What this process has counted, how much of that Redis knows, and what it said of all."""

    own: int = 0
    sent: int = 0
    shared: int = 0


class RateLimits:
    """Counts what is done.

    Args:
        counters: Count for all processes; raise RedisError where they cannot.
        clock: Seconds since the epoch.
    """

    def __init__(self, counters: Counters, clock: Callable[[], float] = time.time) -> None:
        self._counters = counters
        self._clock = clock
        self._counts: LRUCache[str, _Count] = LRUCache(_KEPT)
        self._asks_again_at = float("-inf")

    async def hit(
        self, limit: RateLimitItem, key: str, *, cost: int = 1, asked_from: float = ASKED_FROM
    ) -> Usage:
        """Count one more.

        Args:
            limit: What is allowed.
            key: What it is counted for.
            cost: How much it counts; -1 takes one back.
            asked_from: From which part of the limit on Redis is asked: 0 for always, so that no
                number of processes lets more pass.
        """
        seconds, now = limit.get_expiry(), self._clock()
        window = int(now // seconds)
        name = limit.key_for(key, str(window))
        count = self._counts.get(name)
        if count is None:
            count = self._counts[name] = _Count()
        count.own += cost
        used = max(count.own, count.shared + count.own - count.sent)
        if used > limit.amount * asked_from or asked_from == 0:
            used = await self._ask(name, seconds, count, used)
        return Usage(limit.amount, used, math.ceil((window + 1) * seconds - now))

    async def _ask(self, name: str, seconds: int, count: _Count, known: int) -> int:
        """Tell Redis what it does not know yet; what all have used, or what is known without."""
        now = self._clock()
        amount = count.own - count.sent
        if now < self._asks_again_at or not amount:
            return known
        count.sent = count.own
        try:
            used = await self._counters.incr(name, seconds, amount)
        except RedisError as error:
            count.sent -= amount
            self._asks_again_at = now + _LEFT_ALONE_SECONDS
            log.warning("rate limits are counted by this process alone", error=type(error).__name__)
            return known
        count.shared = max(count.shared, used)
        return used

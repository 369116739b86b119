"""Counters of rate limits, in memory."""

import asyncio
from collections import defaultdict

from redis.exceptions import ConnectionError as RedisConnectionError


class SharedCounters:
    """Counters of all processes, as Redis keeps them."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = defaultdict(int)
        self.asked = 0
        self.is_away = False

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        self.asked += 1
        self.counts[key] += 0 if self.is_away else amount
        used = self.counts[key]
        await asyncio.sleep(0)
        if self.is_away:
            raise RedisConnectionError
        return used

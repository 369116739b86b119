"""Revocations in Redis, cached for at most a second.

Keys: `revoked:session:<sid>` (any value) and `revoked:user:<sub>` (milliseconds since the epoch:
tokens issued before are void). Whoever revokes also publishes `session:<sid>` or `user:<sub>` on
the channel `revocations`.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from chassis.errors import Unavailable

CHANNEL = "revocations"

_TIMEOUT_SECONDS = 1.0
_CACHE_SECONDS = 1.0
_CACHE_SIZE = 10_000


def connect_redis(url: str) -> Redis:
    """A client that gives up soon: what needs Redis answers 503 rather than late."""
    return Redis.from_url(
        url,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        # Once more, at once, on a new connection; by default it goes on for many seconds.
        retry=Retry(NoBackoff(), 1),
    )


def session_key(session_id: str) -> str:
    """Key that marks a session as ended."""
    return f"revoked:session:{session_id}"


def user_key(user_id: str) -> str:
    """Key of the time before which a user's tokens are void."""
    return f"revoked:user:{user_id}"


class RedisRevocations:
    """Reads revocations.

    Args:
        redis: The server.
        monotonic: Seconds that only grow.
    """

    def __init__(self, redis: Redis, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._monotonic = monotonic
        self._cache: OrderedDict[tuple[str, str], tuple[float, bool, float]] = OrderedDict()

    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        """Whether the session has ended, or the user's tokens of that time are void.

        Raises:
            Unavailable: Redis does not answer.
        """
        ended, void_before = await self._read(session_id, user_id)
        return ended or issued_at * 1000 < void_before

    async def _read(self, session_id: str, user_id: str) -> tuple[bool, float]:
        now = self._monotonic()
        cached = self._cache.get((session_id, user_id))
        if cached is not None and cached[0] > now:
            return cached[1], cached[2]
        try:
            values = await self._redis.mget(session_key(session_id), user_key(user_id))
        except RedisError as error:
            raise Unavailable("Sessions can not be checked right now.") from error
        result = values[0] is not None, float(values[1] or 0)
        self._cache[(session_id, user_id)] = (now + _CACHE_SECONDS, *result)
        if len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)
        return result

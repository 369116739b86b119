"""Revocations in Redis, asked for with every call for which it matters who it is from.

Keys: `revoked:session:<sid>` (any value) and `revoked:user:<sub>` (milliseconds since the epoch:
tokens issued before are void). Whoever revokes also publishes `session:<sid>` or `user:<sub>` on
the channel `revocations`.

Redis may forget: it is flushed, an older snapshot is restored, a replica that lagged takes over.
So svc_auth writes all that matters again every few seconds, and `revoked:heartbeat` with it. Where
that key is missing no session can be told from one that was revoked, and none is accepted.
"""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from chassis.errors import Unavailable

CHANNEL = "revocations"
HEARTBEAT = "revoked:heartbeat"

_TIMEOUT_SECONDS = 1.0


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
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        """Whether the session has ended, or the user's tokens of that time are void.

        Raises:
            Unavailable: Redis does not answer, or has lost what it was told.
        """
        try:
            ended, void_before, heartbeat = await self._redis.mget(
                session_key(session_id), user_key(user_id), HEARTBEAT
            )
        except RedisError as error:
            raise Unavailable("Sessions cannot be checked right now.") from error
        if ended is not None or issued_at * 1000 < float(void_before or 0):
            return True
        if heartbeat is None:
            raise Unavailable("Sessions cannot be checked right now.")
        return False

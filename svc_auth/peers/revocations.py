"""Revocations in Redis, under the keys and on the channel that `chassis.auth.revocations` reads."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError, WatchError

from chassis.auth.revocations import CHANNEL, HEARTBEAT, session_key, user_key
from chassis.errors import Unavailable
from svc_auth.usecases.ports import Endings

log = structlog.get_logger(__name__)


class RedisRevocations:
    """Writes revocations; each goes once the last token it concerns has expired.

    Args:
        redis: The server.
        kept: How long a key is kept: a token's life, and by what clocks may differ.
    """

    def __init__(self, redis: Redis, kept: timedelta) -> None:
        self._redis = redis
        self._kept = kept

    async def announce(self, endings: Endings) -> None:
        """Void the tokens; Unavailable where Redis does not answer."""
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                self._write(pipeline, endings)
                await pipeline.execute()
        except RedisError as error:
            raise Unavailable("Sessions cannot be revoked right now.") from error

    async def repeat(self, recent: Callable[[], Awaitable[Endings]]) -> None:
        """Void the tokens of all recent endings, and vouch for it that none is missing.

        The heartbeat is watched while the endings are read, and all is written in one
        transaction on the same connection. So a Redis that is flushed, or another that takes its
        place, in the midst of it never has the heartbeat without the endings. Of replicas that
        do this at the same moment one succeeds, which is enough.
        """
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                await pipeline.watch(HEARTBEAT)
                endings = await recent()
                pipeline.multi()  # type: ignore[no-untyped-call]  # the library does not say
                self._write(pipeline, endings)
                pipeline.set(HEARTBEAT, 1, px=self._kept)
                await pipeline.execute()
        except WatchError:
            log.debug("another process repeats the endings")
        except RedisError as error:
            raise Unavailable("Sessions cannot be revoked right now.") from error

    def _write(self, pipeline: Pipeline, endings: Endings) -> None:
        for session_id in endings.sessions:
            pipeline.set(session_key(session_id), 1, px=self._kept)
            pipeline.publish(CHANNEL, f"session:{session_id}")
        for user_id, at in endings.users.items():
            # Tokens tell the time of their issue in whole seconds. So those of the very second
            # are left alone, as some may be newer; the sessions of the older are ended by name.
            pipeline.set(user_key(user_id), int(at.timestamp()) * 1000, px=self._kept)
            pipeline.publish(CHANNEL, f"user:{user_id}")

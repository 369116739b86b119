"""Revocations in Redis, under the keys and in the stream of `chassis.auth.revocations`."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from chassis.auth.revocations import HEARTBEAT, STREAM, Revocation
from chassis.errors import Unavailable
from chassis.resilience.redis_library import Pipeline, Redis, RedisError, WatchError
from svc_auth.usecases.ports import EndedSessions

log = structlog.get_logger(__name__)


class RedisRevocations:
    """Writes revocations; each goes once the last token it concerns has expired.

    Args:
        redis: The server.
        kept: How long a key is kept: a token's life, and by what clocks may differ.
    """

    def __init__(self, redis: Redis, kept: timedelta) -> None:
        self._redis = redis
        self._kept = int(kept.total_seconds() * 1000)

    async def announce(self, ended: EndedSessions) -> None:
        """Void the tokens; Unavailable where Redis does not answer."""
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                self._write(pipeline, self._revocations(ended))
                await pipeline.execute()
        except RedisError as error:
            raise Unavailable("Sessions cannot be revoked right now.") from error

    async def repeat(self, recent: Callable[[], Awaitable[EndedSessions]]) -> None:
        """Void the tokens of all recent endings, and vouch for it that none is missing.

        The heartbeat is watched while the endings are read, and what is missing is written with it
        in one transaction on the same connection. So a Redis that is flushed, or another that takes
        its place, in the midst of it never has the heartbeat without the endings. Of replicas that
        do this at the same moment one succeeds, which is enough.
        """
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                await pipeline.watch(HEARTBEAT)
                missing = await self._missing(pipeline, self._revocations(await recent()))
                seconds, _ = await pipeline.time()
                pipeline.multi()  # type: ignore[no-untyped-call]  # the library does not say
                self._write(pipeline, missing)
                # A process that reads this entry has read all that is not over.
                over = int(seconds) * 1000 - self._kept
                pipeline.xadd(STREAM, {"heartbeat": 1}, minid=over)
                pipeline.pexpire(STREAM, self._kept)
                pipeline.set(HEARTBEAT, 1, px=self._kept)
                await pipeline.execute()
        except WatchError:
            log.debug("another process repeats the endings")
        except RedisError as error:
            raise Unavailable("Sessions cannot be revoked right now.") from error

    def _revocations(self, ended: EndedSessions) -> list[Revocation]:
        sessions = [Revocation(self._kept, session_id=each) for each in ended.sessions]
        # Tokens tell the time of their issue in whole seconds. So those of the very second are left
        # alone, as some may be newer; the sessions of the older are ended by name.
        return sessions + [
            Revocation(self._kept, user_id=user_id, before=int(at.timestamp()) * 1000)
            for user_id, at in ended.users.items()
        ]

    async def _missing(self, pipeline: Pipeline, revocations: list[Revocation]) -> list[Revocation]:
        """What Redis does not say; all of it, where it has forgotten anything."""
        keys = [revocation.key for revocation in revocations]
        heartbeat, *said = await pipeline.mget(HEARTBEAT, *keys)
        if heartbeat is None or not await pipeline.exists(STREAM):
            return revocations
        return [
            revocation
            for revocation, value in zip(revocations, said, strict=True)
            if value is None or (revocation.user_id and float(value) < revocation.before)
        ]

    def _write(self, pipeline: Pipeline, revocations: list[Revocation]) -> None:
        for revocation in revocations:
            value = int(revocation.before) if revocation.user_id else 1
            pipeline.set(revocation.key, value, px=self._kept)
            pipeline.xadd(STREAM, revocation.fields())

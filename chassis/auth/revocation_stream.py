"""Revocations as they are made, read from a stream in Redis by one task of each process.

svc_auth adds an entry with each revocation, and every two seconds a heartbeat: all that matters was
written before it. So a process that has read a heartbeat knows all revocations; for as long as the
last one that it read is not too old it need not ask Redis. It reads on from its last position after
a loss of the connection, and from the beginning where Redis does not have that position any more:
it lost its data, or another with other data took its place. The stream goes back as far as tokens
live.
"""

import asyncio
import math
import time
from collections.abc import Callable
from typing import Any

import structlog
from cachetools import TLRUCache

from chassis.auth.revocations import STREAM, Revocation, connect_redis, session_key, user_key
from chassis.auth.tokens import Revocations
from chassis.resilience.backoff import Backoff
from chassis.resilience.redis_library import Redis, RedisError

log = structlog.get_logger(__name__)

# For so long a process believes that it knows all revocations after it asked for the entries among
# which a heartbeat came; at most so much later than Redis a service refuses a token.
CURRENT_SECONDS = 5.0

# As heartbeats come every two seconds, longer silence means that Redis or svc_auth has a problem.
_WAIT_SECONDS = 2.5
# Short at the longest: meanwhile Redis is asked with each request.
_BACKOFF = Backoff(longest=0.5)
_START = "0-0"


def connect_stream(url: str) -> Redis:
    """A client to read the stream with; after any failure the position has to be looked up."""
    return connect_redis(url, patience=_WAIT_SECONDS + 1, retries=0)


class RevocationStream:
    """Reads the stream.

    Args:
        redis: A client of its own, from `connect_stream`.
        heard: Is called with each revocation, after a loss some of them again.
        monotonic: Seconds that only grow.
        backoff: How long it waits after a failure before it reads on.
    """

    def __init__(
        self,
        redis: Redis,
        heard: Callable[[Revocation], None],
        monotonic: Callable[[], float] = time.monotonic,
        backoff: Backoff = _BACKOFF,
    ) -> None:
        self._redis = redis
        self._heard = heard
        self._monotonic = monotonic
        self._backoff = backoff
        self._failures = 0
        self._position = _START
        self._complete_at = float("-inf")

    @property
    def is_current(self) -> bool:
        """Whether all revocations older than `CURRENT_SECONDS` have been heard."""
        return self._monotonic() - self._complete_at < CURRENT_SECONDS

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                while True:
                    await self._read()
                    self._failures = 0
            except RedisError as error:
                log.warning("revocations cannot be read", error=type(error).__name__)
            except Exception:
                # Whatever it was: no one may stay signed in because no one reads any more.
                log.exception("revocations cannot be read")
            self._failures += 1
            await asyncio.sleep(self._backoff.pause(self._failures))

    async def _read(self) -> None:
        asked_at = self._monotonic()
        # Ids grow from where Redis has the last one that was read. Where it has not, what follows
        # may be numbered lower, and would not be seen from here.
        if not await self._redis.xrange(STREAM, self._position, self._position, count=1):
            self._position = _START
        wait = int(_WAIT_SECONDS * 1000)
        answer: Any = await self._redis.xread({STREAM: self._position}, block=wait)
        for _, entries in answer or ():
            for entry_id, fields in entries:
                self._position = entry_id  # Also where the entry is no good: once is enough.
                revocation = Revocation.of(fields)
                if revocation is None:
                    self._complete_at = asked_at
                else:
                    self._heard(revocation)


class KnownRevocations:
    """The revocations that this process has heard of; asks where it may not have heard of all.

    Args:
        redis: A client of the stream's own, from `connect_stream`.
        asked: Knows all, and costs a round trip.
        monotonic: Seconds that only grow.
        backoff: How long it waits after a failure before it reads on.
    """

    def __init__(
        self,
        redis: Redis,
        asked: Revocations,
        monotonic: Callable[[], float] = time.monotonic,
        backoff: Backoff = _BACKOFF,
    ) -> None:
        self._stream = RevocationStream(redis, self._add, monotonic, backoff)
        self._asked = asked
        self._known: TLRUCache[str, Revocation] = TLRUCache(
            math.inf, lambda _, revocation, now: now + revocation.kept / 1000, timer=monotonic
        )

    async def run(self) -> None:
        """Hear of revocations until cancelled."""
        await self._stream.run()

    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        """Whether the session has ended, or the user's tokens of that time are void.

        Raises:
            Unavailable: It cannot be known.
        """
        for key in (session_key(session_id), user_key(user_id)):
            revocation = self._known.get(key)
            if revocation is not None and revocation.concerns(session_id, user_id, issued_at):
                return True
        if self._stream.is_current:
            return False
        return await self._asked.is_revoked(session_id, user_id, issued_at)

    def _add(self, revocation: Revocation) -> None:
        known = self._known.get(revocation.key)
        if known is None or known.before <= revocation.before:
            self._known[revocation.key] = revocation

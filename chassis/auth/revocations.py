"""Revocations in Redis: the keys that say which tokens are void, and the stream that tells of them.

Keys: `revoked:session:<sid>` (any value) and `revoked:user:<sub>` (milliseconds since the epoch:
tokens issued before are void). The gateway asks for them with every request for which it matters
who it is from. Each is written together with an entry of the stream `revoked:stream`, from which
services know revocations without asking; see `chassis.auth.revocation_stream`.

Redis may forget: it is flushed, an older snapshot is restored, a replica that lagged takes over.
So svc_auth looks every few seconds whether all that matters is there, writes what is not, and then
`revoked:heartbeat`. Where that key is missing no session can be distinguished from one that was
revoked, and none is accepted.
"""

import asyncio
import math
from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog

from chassis.auth.guarded_redis import GuardedRedis
from chassis.errors import Unavailable
from chassis.resilience.circuit_breakers import NewBreaker
from chassis.resilience.redis_library import NoBackoff, Redis, RedisError, Retry

log = structlog.get_logger(__name__)

STREAM = "revoked:stream"
HEARTBEAT = "revoked:heartbeat"

_TIMEOUT_SECONDS = 1.0


def connect_redis(
    url: str,
    *,
    patience: float = _TIMEOUT_SECONDS,
    retries: int = 1,
    breaker: NewBreaker | None = None,
) -> GuardedRedis:
    """A client that gives up soon: what needs Redis answers 503 rather than late.

    Args:
        url: The server.
        patience: Seconds to wait for an answer.
        retries: How often to try again, at once and on a new connection; by default the library
            goes on for many seconds.
        breaker: Makes the server's circuit breaker; None for none.
    """
    redis = GuardedRedis.from_url(
        url,
        socket_timeout=patience,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), retries),
    )
    assert isinstance(redis, GuardedRedis)  # noqa: S101 - the library's types say less
    if breaker is not None:
        redis.guard(breaker)
    return redis


def session_key(session_id: str) -> str:
    """Key that marks a session as ended."""
    return f"revoked:session:{session_id}"


def user_key(user_id: str) -> str:
    """Key of the time before which a user's tokens are void."""
    return f"revoked:user:{user_id}"


@dataclass(frozen=True)
class Revocation:
    """Tokens that are void: all of a session, or those of a user from before some time.

    Attributes:
        kept: For how many milliseconds it matters: until the last of those tokens has expired.
        session_id: The session; empty for a user's.
        user_id: The user; empty for a session's.
        before: Milliseconds since the epoch.
    """

    kept: int
    session_id: str = ""
    user_id: str = ""
    before: float = math.inf

    @property
    def key(self) -> str:
        """The key of Redis that says the same."""
        return session_key(self.session_id) if self.session_id else user_key(self.user_id)

    def concerns(self, session_id: str, user_id: str, issued_at: float) -> bool:
        """Whether a token is one of them."""
        if self.session_id:
            return session_id == self.session_id
        return user_id == self.user_id and issued_at * 1000 < self.before

    def fields(self) -> dict[Any, Any]:
        """The entry of the stream that tells of it."""
        if self.session_id:
            return {"session": self.session_id, "kept": self.kept}
        return {"user": self.user_id, "before": int(self.before), "kept": self.kept}

    @staticmethod
    def of(fields: Mapping[bytes, bytes]) -> "Revocation | None":
        """What an entry of the stream tells of; None for a heartbeat.

        Raises:
            ValueError: It is neither.
        """
        match fields:
            case {b"session": session_id, b"kept": kept}:
                return Revocation(int(kept), session_id=session_id.decode())
            case {b"user": user_id, b"before": before, b"kept": kept}:
                return Revocation(int(kept), user_id=user_id.decode(), before=int(before))
            case {b"heartbeat": _}:
                return None
        raise ValueError("an entry that is no revocation")


class RedisRevocations:
    """Asks Redis; all who want to know while an answer is on its way are asked for together.

    Args:
        redis: The server.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: list[_LookUp] = []
        self._asking: asyncio.Task[None] | None = None

    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        """Whether the session has ended, or the user's tokens of that time are void.

        Raises:
            Unavailable: Redis does not answer, or has lost what was written to it.
        """
        loop = asyncio.get_running_loop()
        look_up = _LookUp(session_key(session_id), user_key(user_id), loop.create_future())
        self._waiting.append(look_up)
        if self._asking is None:
            # In a context of its own: it knows nothing of any caller's deadline or identity.
            self._asking = loop.create_task(self._ask(), context=Context())
        ended, void_before, heartbeat = await look_up.said
        if ended is not None or issued_at * 1000 < float(void_before or 0):
            return True
        if heartbeat is None:
            raise Unavailable("Sessions cannot be checked right now.")
        return False

    async def _ask(self) -> None:
        asked: list[_LookUp] = []
        try:
            while self._waiting:
                # No one gets the answer to a question from before they came.
                asked, self._waiting = self._waiting, []
                keys = [key for each in asked for key in (each.session, each.user)]
                heartbeat, *values = await self._redis.mget(HEARTBEAT, *keys)
                for each, ended, void_before in zip(asked, values[::2], values[1::2], strict=True):
                    if not each.said.done():
                        each.said.set_result((ended, void_before, heartbeat))
        except RedisError as error:
            log.info("revocations cannot be looked up", error=type(error).__name__)
        finally:
            self._asking = None
            self._give_up(asked)

    def _give_up(self, asked: list["_LookUp"]) -> None:
        """Tell all who wait, also those who came since: they need not wait for the same."""
        for each in (*asked, *self._waiting):
            if not each.said.done():
                each.said.set_exception(Unavailable("Sessions cannot be checked right now."))
        self._waiting = []


class _LookUp(NamedTuple):
    """Two keys, and what Redis says of them and of the heartbeat."""

    session: str
    user: str
    said: asyncio.Future[tuple[Any, Any, Any]]

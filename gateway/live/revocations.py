"""Closes the sockets of sessions that are revoked while they are open."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from chassis.auth.revocations import CHANNEL
from chassis.backoff import Backoff
from chassis.errors import Unauthenticated, Unavailable
from gateway.http.credentials import Verify
from gateway.live import frames
from gateway.live.registry import Registry

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 1.0
_SILENCE_SECONDS = 10.0
_BACKOFF = Backoff()


class RevocationListener:
    """Listens on the channel of revocations."""

    def __init__(
        self,
        redis: Redis,
        registry: Registry,
        verify: Verify,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._redis = redis
        self._registry = registry
        self._verify = verify
        self._sleep = sleep

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    async with asyncio.TaskGroup() as tasks:
                        # What was published while no one listened is found by asking again.
                        tasks.create_task(self.verify_all())
                        await self._listen(channel)
            except* RedisError as group:
                names = {type(error).__name__ for error in group.exceptions}
                log.warning("revocations cannot be heard", error=", ".join(names))
            except* Exception:
                # Whatever it was: no one may stay connected because no one listens any more.
                log.exception("revocations cannot be heard")
            await self._sleep(_PAUSE_SECONDS)

    async def verify_all(self) -> None:
        """Verify the token of every socket again, and close those whose session has ended.

        Tries again for as long as the revocations are unreachable.
        """
        sockets, failures = self._registry.identified(), 0
        while sockets:
            try:
                await self._verify(sockets[-1].identity.token)
            except Unauthenticated:
                sockets[-1].close(frames.SESSION_ENDED)
            except Unavailable:
                failures += 1
                await self._sleep(_BACKOFF.pause(failures))
                continue
            sockets.pop()
            failures = 0

    async def _listen(self, channel: PubSub) -> None:
        """Hear until the connection breaks; one that says nothing has to answer a ping."""
        is_asked = False
        while True:
            message = await channel.get_message(
                ignore_subscribe_messages=True, timeout=_SILENCE_SECONDS
            )
            if message is None:
                if is_asked:
                    raise RedisTimeoutError("the channel is dead")
                await channel.ping()
            elif message["type"] == "message":
                what: bytes | str = message["data"]
                self._registry.revoke(what.decode() if isinstance(what, bytes) else what)
            is_asked = message is None

"""Hands the stream of messages to the audiences that somebody listens to."""

import asyncio

import grpc
import structlog

from chassis.tasks import cancel
from gateway.live.audience import Audience, Listener
from gateway.live.frames import Entry
from gateway.live.log import MessageLog

log = structlog.get_logger(__name__)

_LISTS_AT_ONCE = 16


class Hub:
    """All audiences."""

    def __init__(self, message_log: MessageLog) -> None:
        self._message_log = message_log
        self._audiences: dict[str, Audience] = {}
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._lists = asyncio.Semaphore(_LISTS_AT_ONCE)

    async def join(self, name: str, listener: Listener) -> Audience:
        """Listen to an audience from its `latest` on.

        Raises:
            AioRpcError: The log does not answer.
        """
        audience = self._audiences.setdefault(name, Audience(name, self._message_log))
        audience.interest += 1
        try:
            await audience.join(listener)
        except BaseException:
            self._lose_interest(audience)
            raise
        self._settle_if_behind(audience)
        return audience

    def leave(self, audience: Audience, listener: Listener) -> None:
        """Listen no longer."""
        audience.leave(listener)
        self._lose_interest(audience)

    def publish(self, entry: Entry) -> None:
        """Hand a message of the stream to whoever listens."""
        audience = self._audiences.get(entry.audience)
        if audience is not None:
            audience.publish(entry)
            self._settle_if_behind(audience)

    def stream_is_back(self) -> None:
        """List what every audience missed while the stream was down."""
        for audience in self._audiences.values():
            audience.mark_stale()
            self._settle_if_behind(audience)

    def settle_stragglers(self) -> None:
        """Try again where listing failed."""
        for audience in self._audiences.values():
            self._settle_if_behind(audience)

    async def close(self) -> None:
        """End what is under way."""
        await cancel(list(self._settling.values()))

    def _settle_if_behind(self, audience: Audience) -> None:
        if audience.is_behind and audience.name not in self._settling:
            task = asyncio.create_task(self._settle(audience))
            self._settling[audience.name] = task
            task.add_done_callback(lambda _: self._settling.pop(audience.name, None))

    async def _settle(self, audience: Audience) -> None:
        try:
            async with self._lists:
                await audience.settle()
        except grpc.aio.AioRpcError as error:
            # The next sign of life of the stream tries again.
            log.warning("missed messages cannot be listed", code=error.code().name)
        except Exception:
            log.exception("missed messages cannot be listed", audience=audience.name)

    def _lose_interest(self, audience: Audience) -> None:
        audience.interest -= 1
        if not audience.interest:
            self._audiences.pop(audience.name, None)

"""Keeps the one stream of messages open."""

import asyncio
from contextlib import aclosing

import grpc
import structlog

from chassis.resilience.backoff import DEFAULT_BACKOFF, Backoff
from gateway.live.hub import Hub
from gateway.live.log import MessageLog

log = structlog.get_logger(__name__)

# Signs of life come every few seconds; after this long without any the stream is dead.
_SILENCE_SECONDS = 15.0


class Subscriber:
    """Reads the stream into the hub, and opens it again whenever it breaks.

    Attributes:
        is_up: The stream is open.
    """

    def __init__(
        self,
        message_log: MessageLog,
        hub: Hub,
        backoff: Backoff = DEFAULT_BACKOFF,
    ) -> None:
        self.is_up = False
        self._message_log = message_log
        self._hub = hub
        self._backoff = backoff

    async def run(self) -> None:
        """Run until cancelled."""
        failures = 0
        while True:
            try:
                await self._read()
            except (grpc.aio.AioRpcError, TimeoutError) as error:
                if self.is_up:
                    log.warning("live stream lost", error=type(error).__name__)
            except Exception:
                # An internal error with one message must not end the live updates of all.
                log.exception("live stream broken")
            failures = 1 if self.is_up else failures + 1
            self.is_up = False
            await asyncio.sleep(self._backoff.pause(failures))

    async def _read(self) -> None:
        """Read one stream to its end."""
        async with aclosing(self._message_log.subscribe()) as entries:
            while True:
                try:
                    async with asyncio.timeout(_SILENCE_SECONDS):
                        entry = await anext(entries)
                except StopAsyncIteration:
                    return
                if not self.is_up:
                    self.is_up = True
                    log.info("live stream open")
                    self._hub.stream_is_back()
                if entry is None:
                    self._hub.settle_stragglers()
                else:
                    self._hub.publish(entry)

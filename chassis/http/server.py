"""uvicorn as the shop runs it: with limits, and without a say in signals and logs."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from chassis.tasks import is_set_within


@dataclass(frozen=True)
class HttpLimits:
    """For how many seconds a server waits for a client.

    Attributes:
        head: For the head of a request, from its first byte to its last.
        body: For its body, once it is read. The largest form, a picture of 8 MiB, then needs
            150 KB a second.
        request: From its head until the client has its answer; longer than a body, an upload and
            a call take together.
        stall: For a client that reads nothing of what waits for it.
        keep_alive: For the next request.
        linger: For a client that goes on sending what is not wanted, until it reads the answer.
    """

    head: float = 10.0
    body: float = 60.0
    request: float = 120.0
    stall: float = 20.0
    keep_alive: float = 20.0
    linger: float = 2.0


DEFAULT_LIMITS = HttpLimits()


class HttpConfig(uvicorn.Config):
    """The settings of a server whose protocol is a `chassis.http.protocol.LimitedHttp`.

    Args:
        app: What answers.
        limits: How long it waits for clients.
        options: Others of uvicorn's.
    """

    def __init__(self, app: ASGIApp, limits: HttpLimits = DEFAULT_LIMITS, **options: Any) -> None:
        super().__init__(
            app,
            timeout_keep_alive=limits.keep_alive,  # type: ignore[arg-type]  # parts of a second too
            log_config=None,
            access_log=False,
            server_header=False,
            **options,
        )
        self.limits = limits


class Server(uvicorn.Server):
    """Leaves signals to the process that it is a part of, and wakes it only once a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Finish what is being answered, and return."""
        self.should_exit = True
        self._ended.set()

    async def main_loop(self) -> None:
        """Serve until it is to end; the header `Date` is made anew each time."""
        while not await self.on_tick(0):
            await is_set_within(self._ended, 1.0)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

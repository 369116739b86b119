"""The small HTTP port of a service: /api/health and /api/ready."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from chassis.http.server import Server
from chassis.process import listen

Check = Callable[[], Awaitable[None]]
"""Raises where what it checks is not ready."""

_CHECK_SECONDS = 2.0


def probes(name: str, checks: Mapping[str, Check], reported: Mapping[str, Check]) -> list[Route]:
    """The two probes as routes.

    Health: the process answers. Ready: all `checks` pass; 503 names those that do not. What
    `reported` checks is named with them and may fail: calls are served without it.
    """

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "process": name})

    async def ready(_: Request) -> JSONResponse:
        now = dict(checks)  # a start or a drain may change them meanwhile
        every = {**now, **reported}
        states = dict(zip(every, await asyncio.gather(*map(state_of, every.values())), strict=True))
        is_ready = all(states[each] == "ok" for each in now)
        return JSONResponse(
            {"status": "ok" if is_ready else "unready", "process": name, "checks": states},
            status_code=200 if is_ready else 503,
        )

    return [Route("/api/health", health), Route("/api/ready", ready)]


async def state_of(check: Check) -> str:
    """`ok`, or the name of what `check` raised; a check has two seconds."""
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not ready
        return type(error).__name__
    return "ok"


class OpsServer:
    """Serves the probes until stopped.

    Args:
        name: The process.
        host: Address to listen on.
        port: Port to listen on.
        checks: What has to pass for the process to be ready; may grow and shrink.
        reported: What is reported with them, and may fail.
    """

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        checks: Mapping[str, Check],
        reported: Mapping[str, Check],
    ) -> None:
        self._host = host
        self._port = port
        config = uvicorn.Config(
            Starlette(routes=probes(name, checks, reported)),
            log_config=None,
            access_log=False,
            lifespan="off",
        )
        self._server = Server(config)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            StartError: The port is taken.
        """
        listener = listen("OPS_PORT", self._host, self._port, backlog=128)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))

    async def stop(self) -> None:
        """Finish what is being answered, and end."""
        self._server.end()
        if self._serving is not None:
            await self._serving

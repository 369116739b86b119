"""The probes, `/api/health` and `/api/ready`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from chassis.http.probes import Check, state_of
from gateway.http.request import RequestHead

log = structlog.get_logger(__name__)

HEALTH, READY = "/api/health", "/api/ready"
PROBES = frozenset({HEALTH, READY})
_HEADERS = {"cache-control": "no-store"}


def health_routes(
    checks: Mapping[str, Check],
    watched: Mapping[str, Check],
    services: Callable[[], Mapping[str, str]],
    live_is_up: Callable[[], bool],
    is_operator: Callable[[RequestHead], Awaitable[bool]],
) -> list[Route]:
    """The probes as routes.

    Healthy: the process answers. Ready: all `checks` pass. What else is unreachable makes the
    routes that need it answer 503 and not the whole gateway unready: `watched` and `services` are
    reported and not counted. Which parts there are, and how they are, is shown to operators alone.
    """

    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok", "process": "gateway"}, headers=_HEADERS)

    async def ready(request: Request) -> JSONResponse:
        every = {**checks, **watched}
        found = await asyncio.gather(*(state_of(check) for check in every.values()))
        states = dict(zip(every, found, strict=True))
        is_ready = all(states[name] == "ok" for name in checks)
        answer = {"status": "ok" if is_ready else "unready", "process": "gateway"}
        details = {
            "checks": states,
            "services": dict(services()),
            "liveUpdates": "up" if live_is_up() else "down",
        }
        if not is_ready:
            log.warning("not ready", **details)
        return JSONResponse(
            answer | details if await is_operator(RequestHead.of(request.scope)) else answer,
            status_code=200 if is_ready else 503,
            headers=_HEADERS,
        )

    return [Route(HEALTH, health), Route(READY, ready)]

"""Starts the gateway: `python -m gateway`."""

import asyncio
import socket

import structlog

from chassis.http.server import DEFAULT_LIMITS, HttpConfig, HttpLimits, Server
from chassis.http.websocket import LeanWebSocket
from chassis.process import listen, run
from gateway.app import GatewayHttp, create_app
from gateway.dependencies import CLIENT_ID
from gateway.live.client_messages import MAX_MESSAGE_BYTES
from gateway.settings import Settings

log = structlog.get_logger(__name__)

_BACKLOG = 2048


async def serve(
    settings: Settings, stopping: asyncio.Event, limits: HttpLimits = DEFAULT_LIMITS
) -> None:
    """Serve until `stopping` is set, then finish what is under way.

    Raises:
        StartError: The port is taken, or a setting names something that is not there.
    """
    config = HttpConfig(
        create_app(settings, limits),
        limits,
        host=settings.host,
        port=settings.port,
        http=GatewayHttp,
        ws=LeanWebSocket,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=max(1, int(settings.drain.total_seconds())),
        proxy_headers=False,
        lifespan="on",
    )
    server = Server(config)

    async def stop() -> None:
        await stopping.wait()
        server.end()

    listeners = _listen(settings)
    log.info("listening", host=settings.host, port=settings.port)
    stopper = asyncio.create_task(stop())
    await server.serve(listeners)
    stopper.cancel()
    log.info("stopped")


def _listen(settings: Settings) -> list[socket.socket]:
    own = settings.ops_port
    listeners = [
        listen("PORT", settings.host, settings.port, backlog=_BACKLOG, is_shared=own is not None)
    ]
    if own is not None:
        listeners.append(listen("OPS_PORT", settings.host, own, backlog=_BACKLOG))
    return listeners


if __name__ == "__main__":
    run(CLIENT_ID, Settings, serve)

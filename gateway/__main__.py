"""Starts the gateway: `python -m gateway`."""

import asyncio

import structlog

from chassis.http.probes import OpsServer
from chassis.http.server import DEFAULT_LIMITS, HttpConfig, HttpLimits, Server
from chassis.http.websocket import LeanWebSocket
from chassis.process import listen, run
from chassis.telemetry import metrics
from chassis.telemetry.metrics import Scrapes
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
    gateway = create_app(settings, limits)
    scrapes = Scrapes() if metrics.are_on() else None
    ops = OpsServer(gateway.probes, scrapes, settings.host, settings.ops_port)
    config = HttpConfig(
        gateway.app,
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

    listener = listen(
        "PORT", settings.host, settings.port, _BACKLOG, is_shared=settings.shares_port
    )
    await ops.start()
    log.info("listening", host=settings.host, port=settings.port)
    stopper = asyncio.create_task(stop())
    await server.serve([listener])
    stopper.cancel()
    await ops.stop()
    log.info("stopped")


if __name__ == "__main__":
    run(CLIENT_ID, Settings, serve)

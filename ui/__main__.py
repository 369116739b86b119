"""The pages as a process of their own: `API_URL=... PORT=... OPS_PORT=... python -m ui`."""

import asyncio
import os
import signal
import socket

import httpx
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.http.body_timeout import with_body_timeout
from chassis.http.compression import Compressed
from chassis.http.probes import OpsServer, Probes
from chassis.http.protocol import LimitedHttp
from chassis.http.request_meters import with_request_metrics
from chassis.http.request_spans import with_request_spans
from chassis.http.server import DEFAULT_LIMITS, HttpConfig, Server
from chassis.process import listen, starting
from chassis.settings.environment import load
from chassis.tasks import cancel
from chassis.telemetry import logs, metrics, traces
from chassis.telemetry.metrics import Scrapes
from ui.api.remote import TIMEOUT, RemoteApi
from ui.app import create_app
from ui.settings import Settings


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    with starting("ui"):
        settings = load(Settings, os.environ)
        logs.configure(settings.log_level, "ui")
        traces.configure(settings, "ui")
        metrics.configure("ui", is_on=settings.metrics)
        listener = listen("PORT", settings.host, settings.port, backlog=2048)
        try:
            uvloop.run(_serve(settings, listener))
        finally:
            traces.stop()


async def _serve(settings: Settings, listener: socket.socket) -> None:
    gateway = httpx.AsyncClient(base_url=settings.api_url, timeout=TIMEOUT, trust_env=False)
    app = _served(create_app(RemoteApi(gateway), settings.api_url))
    config = HttpConfig(
        with_request_spans(with_request_metrics(app)),
        http=LimitedHttp,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )
    scrapes = Scrapes() if metrics.are_on() else None
    ops = OpsServer(Probes("ui", {}, {}), scrapes, settings.host, settings.ops_port)
    await ops.start()
    watching = [asyncio.create_task(metrics.watch_loop())] if metrics.are_on() else []
    server = Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.end)
    await server.serve([listener])
    await cancel(watching)
    await ops.stop()


def _served(app: ASGIApp) -> ASGIApp:
    """`app` with what the gateway does for it where it is mounted there."""
    compressed = Compressed(app)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = with_body_timeout(receive, DEFAULT_LIMITS.body)
        await compressed(scope, receive, send)

    return serve


if __name__ == "__main__":
    main()

"""The pages as a process of their own: `API_URL=... PORT=... python -m ui`."""

import os

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.http.body_timeout import with_body_timeout
from chassis.http.compression import Compressed
from chassis.http.protocol import LimitedHttp
from chassis.http.request_spans import with_request_spans
from chassis.http.server import DEFAULT_LIMITS, HttpConfig
from chassis.process import listen, starting
from chassis.settings.environment import load
from chassis.telemetry import logs, traces
from ui.api.remote import TIMEOUT, RemoteApi
from ui.app import create_app
from ui.settings import Settings


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    with starting("ui"):
        settings = load(Settings, os.environ)
        logs.configure(settings.log_level, "ui")
        traces.configure(settings, "ui")
        listener = listen("PORT", settings.host, settings.port, backlog=2048)
    gateway = httpx.AsyncClient(base_url=settings.api_url, timeout=TIMEOUT, trust_env=False)
    config = HttpConfig(
        with_request_spans(_served(create_app(RemoteApi(gateway), settings.api_url))),
        http=LimitedHttp,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )
    try:
        uvicorn.Server(config).run([listener])
    finally:
        traces.stop()


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

"""The pages as a process of their own: `API_URL=... PORT=... python -m ui`."""

import os
import sys

import httpx
import uvicorn

from chassis import logs
from chassis.settings import SettingsError, load
from ui.api import TIMEOUT
from ui.app import create_app
from ui.settings import Settings

EXIT_CANNOT_START = 2


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    try:
        settings = load(Settings, os.environ)
    except SettingsError as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"ui: {line}\n")
        sys.exit(EXIT_CANNOT_START)
    logs.configure(settings.log_level, "ui")
    api = httpx.AsyncClient(base_url=settings.api_url, timeout=TIMEOUT, trust_env=False)
    uvicorn.run(
        create_app(api),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )


if __name__ == "__main__":
    main()

"""A server that the person runs: it is named by a setting, and only waited for."""

import re
from urllib.parse import urlsplit

from devstack import health
from devstack.processes.process import Process
from devstack.startup_errors import StartupError

SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://")
# It should be running already.
PATIENCE_SECONDS = 20.0


def external_server(name: str, setting: str, url: str, *, default_port: int) -> Process:
    """The process, without a program, that stands for the server at `url`.

    Args:
        name: the server.
        setting: the environment variable that names it, for messages.
        url: a URL, or `host:port` pairs with commas between.
        default_port: the port where none is given.

    Raises:
        StartupError: no host can be found in `url`.
    """
    return Process(
        name=name,
        about=f"yours, from {setting}",
        healthy=health.reachable(_hosts(setting, url, default_port)),
        stuck_seconds=PATIENCE_SECONDS,
    )


def _hosts(setting: str, url: str, default_port: int) -> list[tuple[str, int]]:
    parts = urlsplit(url if SCHEME.match(url) else f"//{url}")
    if parts.scheme == "mongodb+srv":
        return []  # found in DNS by the driver; the services' own readiness covers it
    hosts = []
    for each in parts.netloc.rpartition("@")[2].split(","):
        one = urlsplit(f"//{each}")
        try:
            host, port = one.hostname, one.port
        except ValueError:
            host, port = None, None
        if not host:
            raise StartupError(
                f"{setting} is not an address: {each or url!r}; write it like host:{default_port}."
            )
        hosts.append((host, port or default_port))
    return hosts

"""Starts the emulator: `python -m devstack.stripe_emulator --port 12111 --data stripe.db`."""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from .app import Settings, build_app
from .auth import Keys
from .store import Store

DRAIN_SECONDS = 3

log = logging.getLogger("devstack.stripe_emulator")


class Server(uvicorn.Server):
    """uvicorn, but a signal ends it with exit code 0 instead of being raised again."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Drain on SIGTERM and SIGINT."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self.handle_exit, name, None)
        yield


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    """The command line, with its help."""
    parser = argparse.ArgumentParser(prog="stripe_emulator", description="A small Stripe API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--data", type=Path, required=True, help="the SQLite file")
    parser.add_argument(
        "--public-url", type=web_address, help="how browsers reach the 3-D Secure page"
    )
    parser.add_argument("--webhook-url", type=web_address, help="where events are posted")
    return parser.parse_args(arguments)


def web_address(text: str) -> str:
    """An http or https URL, without the slash at its end (ValueError where it is none)."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError(text)
    return text.rstrip("/")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket whose connections answer at once.

    asyncio turns Nagle's algorithm off only for sockets it made itself; connections inherit it from
    here. Without, each answer waits 40 ms for the other side's delayed acknowledgement.
    """
    listener = socket.create_server((host, port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def main(arguments: list[str], environ: Mapping[str, str]) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    options = read_arguments(arguments)
    try:
        options.data.parent.mkdir(parents=True, exist_ok=True)
        store = Store(options.data)
        listener = bind(options.host, options.port)
    except (OSError, OverflowError, sqlite3.Error) as error:
        log.error("cannot start on %s:%s: %s", options.host, options.port, error)  # noqa: TRY400
        return 1
    settings = Settings(
        keys=Keys(environ.get("STRIPE_SECRET_KEY"), environ.get("STRIPE_PUBLISHABLE_KEY")),
        webhook_url=options.webhook_url,
        webhook_secret=environ.get("STRIPE_WEBHOOK_SECRET") or Settings.webhook_secret,
        site=options.public_url,
    )
    config = uvicorn.Config(
        build_app(settings, store, time.time),
        log_level="warning",
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    with closing(store), listener:
        host, port = listener.getsockname()[:2]
        log.info("listening on http://%s:%s", host, port)
        asyncio.run(Server(config).serve([listener]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

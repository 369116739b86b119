"""The whole shop, up: its servers and its processes, until someone stops it."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from devstack import data_folder, ready_file, shop_processes
from devstack.console import Console
from devstack.credentials import Credentials
from devstack.logins import LOGINS
from devstack.ports import Ports
from devstack.servers import ALL, Site, kafka_classes, plan
from devstack.shop_processes import Shop
from devstack.startup_errors import disk_errors_explained, require_free_port
from devstack.supervisor import Supervisor

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

PLACES = (
    ("Storefront", "storefront"),
    ("Admin console", "admin"),
    ("API", "docs"),
    ("Traces", "traces"),
)


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    port: int
    data: Path
    fresh: bool
    replicas: int = 1
    """How many there are of each service."""
    workers: int = 1
    """How many processes of the gateway share the port."""
    trace: bool = False
    """Whether each request is traced, and Zipkin shows that."""


async def up(options: Options, console: Console) -> None:
    """Run the shop until Ctrl-C or SIGTERM; a second one kills what is left.

    Raises:
        StartupError: it could not start; nothing is left running.
    """
    began = time.monotonic()
    # What this process and all others write is their owner's alone.
    os.umask(0o077)
    require_free_port(options.port)
    with (
        data_folder.opened(options.data, fresh=options.fresh) as folder,
        disk_errors_explained(folder),
        closing(Ports()) as ports,
    ):
        ready_file.remove(folder)
        ports.keep(options.port)
        site = Site(
            data=folder,
            ports=ports,
            environ=os.environ,
            credentials=Credentials.kept_in(folder),
            webhook_url=shop_processes.webhook_url(options.port),
        )
        servers, behind = plan(site, ALL | {"zipkin"} if options.trace else ALL)
        chosen = shop_processes.choose_ports(ports, options.port, options.replicas, options.workers)
        shop = Shop(servers, chosen, site.credentials, folder, os.environ)
        # The emulator of Stripe imports much of it too; where it runs alone, it starts by itself.
        behind = [
            replace(each, imports=shop_processes.SHARED_IMPORTS) if each.name == "stripe" else each
            for each in behind
        ]
        supervisor = Supervisor(
            [*behind, *shop_processes.table(shop), shop_processes.demo(shop)],
            logs=folder / "logs",
            console=console,
            on_restart=lambda: ready_file.update(folder, ready_file.describe(shop, supervisor.pid)),
        )
        console.title(f"Starting the shop on {folder} (Ctrl-C stops it)")
        await _until_signalled(_serve(shop, supervisor, console, began), supervisor)
        console.say("Stopped.")


async def _serve(shop: Shop, supervisor: Supervisor, console: Console, began: float) -> None:
    """Start everything, say where it is, and stay until cancelled."""
    async with supervisor:
        try:
            description = ready_file.describe(shop, supervisor.pid)
            ready_file.write(shop.data, description)
            _tell(console, description, time.monotonic() - began)
            async with kafka_classes.being_made(shop.data, shop.environ):
                await asyncio.Event().wait()
        finally:
            ready_file.remove(shop.data)
            console.say("Stopping.")


async def _until_signalled(serving: Awaitable[None], supervisor: Supervisor) -> None:
    """Await `serving` until a signal comes, and then until it has cleaned up."""
    task = asyncio.ensure_future(serving)
    signalled = asyncio.Event()

    def stop() -> None:
        if signalled.is_set():
            supervisor.kill()
        else:
            signalled.set()
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # `nohup` wants it to outlive its terminal
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not signalled.is_set():
            raise


def _tell(console: Console, description: Mapping[str, Any], seconds: float) -> None:
    """The lines that a person has been waiting for."""
    console.say()
    console.title(f"The shop is ready after {seconds:.1f} s.")
    for title, key in PLACES:
        if key not in description:
            continue
        console.say(f"  {title:<21}{description[key]}")
    for name, login in LOGINS.items():
        console.say(f"  {f'Sign in as {name}':<21}{login.email}  {login.password}")
    console.say()

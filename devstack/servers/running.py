"""Servers for tests and tools: started, awaited, and stopped when the block ends."""

import os
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from anyio.from_thread import start_blocking_portal

from devstack import data_folder
from devstack.console import Console, Silent
from devstack.credentials import Credentials
from devstack.ports import Ports
from devstack.servers.addresses import Servers, Site
from devstack.servers.providers import ALL, plan
from devstack.supervisor import Supervisor


@asynccontextmanager
async def running(
    data: Path,
    names: Collection[str] = ALL,
    *,
    console: Console | None = None,
    environ: Mapping[str, str] = os.environ,
    webhook_url: str = "",
) -> AsyncIterator[Servers]:
    """Run the servers called `names` on the folder `data`, which keeps their data.

    Args:
        data: an absent or empty folder, or that of an earlier run; for this caller alone.
        names: of `devstack.servers.ALL`.
        console: where progress goes; by default nowhere.
        environ: the settings that name servers.
        webhook_url: where the Stripe emulator posts its events.

    Raises:
        StartupError: one of them did not start; nothing is left running.
    """
    with data_folder.opened(data) as folder, closing(Ports()) as ports:
        credentials = Credentials.kept_in(folder)
        servers, processes = plan(Site(folder, ports, environ, credentials, webhook_url), names)
        logs = folder / "logs"
        async with Supervisor(processes, logs=logs, console=console or Silent()):
            yield servers


@contextmanager
def running_in_thread(data: Path, names: Collection[str] = ALL) -> Iterator[Servers]:
    """`running`, for code that is not asynchronous, such as a pytest fixture of a whole session."""
    with (
        start_blocking_portal(name="devstack-servers") as portal,
        portal.wrap_async_context_manager(running(data, names)) as servers,
    ):
        yield servers

"""Servers for tests and tools: started, awaited, and stopped when the block ends."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from devstack import datafolder
from devstack.console import Console, Silent
from devstack.credentials import Credentials
from devstack.ports import Ports
from devstack.servers.addresses import Servers, Site
from devstack.servers.ladder import ALL, plan
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
        environ: the settings that the ladder looks at.
        webhook_url: where the Stripe emulator posts its events.

    Raises:
        StartupError: one of them did not start; nothing is left running.
    """
    with datafolder.opened(data) as folder, closing(Ports()) as ports:
        credentials = Credentials.kept_in(folder)
        servers, processes = plan(Site(folder, ports, environ, credentials, webhook_url), names)
        logs = folder / "logs"
        async with Supervisor(processes, logs=logs, console=console or Silent()):
            yield servers


@contextmanager
def running_in_thread(data: Path, names: Collection[str] = ALL) -> Iterator[Servers]:
    """`running`, for code that is not asynchronous, such as a pytest fixture of a whole session."""
    started: Future[Servers] = Future()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with running(data, names) as servers:
            started.set_result(servers)
            await stop.wait()

    def run_in_loop() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(run())
        except BaseException as error:
            # Whatever it is, the thread that waits has to hear of it.
            if started.done():
                raise
            started.set_exception(error)

    # Not a daemon: the servers' lives hang on this thread, which ends only when they have.
    thread = threading.Thread(target=run_in_loop, name="devstack-servers")
    thread.start()
    try:
        yield started.result()
    finally:
        if started.done() and not started.exception():
            loop.call_soon_threadsafe(stop.set)
        thread.join()

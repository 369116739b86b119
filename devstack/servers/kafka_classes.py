"""Makes the cache of classes with which Kafka starts in half of the processor time.

python -m devstack.servers.kafka_classes FOLDER

It runs another Kafka in FOLDER until that is healthy; as it stops, Java writes down which classes
it had loaded, ready for the next. All with what the processor has left, and called off by SIGTERM.
"""

import asyncio
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from pathlib import Path

from devstack.console import Silent
from devstack.credentials import Credentials
from devstack.ports import Ports
from devstack.processes import PROJECT
from devstack.processes.process import Run
from devstack.servers import kafka
from devstack.servers.addresses import Site
from devstack.startup_errors import StartupError
from devstack.supervisor import Supervisor

# Making it takes some 10 s of processor time, and no one waits for it.
STOP_SECONDS = 600.0
CALL_OFF_SECONDS = 5.0


@asynccontextmanager
async def being_made(data: Path, environ: Mapping[str, str]) -> AsyncIterator[None]:
    """Have it made while the block lasts, where Kafka is ours and there is none; `data` is ours."""
    if environ.get("KAFKA_URL") or kafka.class_cache(environ).exists():
        yield
        return
    run = await Run.start(
        (sys.executable, "-m", "devstack.servers.kafka_classes", str(data / "kafka-classes")),
        env=environ,
        cwd=PROJECT,
        log=data / "logs" / "kafka-classes.log",
        on_line=None,
    )
    try:
        yield
    finally:
        await run.stop(CALL_OFF_SECONDS)


def main() -> None:
    """The command line above."""
    folder, cache = Path(sys.argv[1]), kafka.class_cache(os.environ)
    os.nice(19)
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.with_suffix(".lock").open("w") as lock, suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            asyncio.run(make(folder, cache))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


async def make(folder: Path, cache: Path) -> None:
    """Make the file `cache`, whole or not at all, by a Kafka that keeps its data in `folder`."""
    partial = cache.with_suffix(".partial")
    called_off = asyncio.Event()
    with closing(Ports()) as ports:
        _, process = kafka.plan(Site(folder, ports, os.environ, Credentials()))
        java, *options = process.argv
        process = replace(
            process,
            argv=(java, f"-XX:AOTCacheOutput={partial}", *options),
            stop_seconds=STOP_SECONDS,
        )
        supervisor = Supervisor([process], logs=folder / "logs", console=Silent())

        def call_off() -> None:
            called_off.set()
            supervisor.kill()

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, call_off)
        with suppress(StartupError):
            async with supervisor:
                pass
    if partial.exists() and not called_off.is_set():
        partial.replace(cache)
    partial.unlink(missing_ok=True)


if __name__ == "__main__":
    main()

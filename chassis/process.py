"""How a process starts and ends: settings, logs, signals, and one line where it cannot start."""

import asyncio
import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TypeVar

import uvloop

from chassis.settings.environment import ProcessSettings, SettingsError, load
from chassis.tasks import cancel, repeat
from chassis.telemetry import logs, metrics, traces

S = TypeVar("S", bound=ProcessSettings)

EXIT_CANNOT_START = 2
# Threads of the event loop, which look names up; it would take four.
LOOKUP_THREADS = "2"
# What malloc calls them, in glibc's malloc.h.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
BIG_BLOCK = 1024 * 1024
GIVE_BACK_EVERY = timedelta(seconds=30)


class StartError(Exception):
    """The process cannot start; the message is one line saying what, and what to do."""


def run(name: str, settings: type[S], main: Callable[[S, asyncio.Event], Awaitable[None]]) -> None:
    """Run `main` until it returns; the event it is given is set by SIGTERM and Ctrl-C.

    Exits with 2, and one line for each cause, where the process cannot start.
    """
    with starting(name):
        values = load(settings, os.environ)
        logs.configure(values.log_level, name)
        traces.configure(values, name)
        metrics.configure(name, is_on=values.metrics)
        os.environ.setdefault("UV_THREADPOOL_SIZE", LOOKUP_THREADS)
        _settle_imports()
        _keep_little_memory()
        _open_many_files()
        give_memory_back()
        try:
            uvloop.run(_until_signalled(values, main))
        finally:
            traces.stop()


def _open_many_files() -> None:
    """Have as many open files as may be: each connection is one, and shells begin with 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _keep_little_memory() -> None:
    """Have glibc give back each big block when it is freed, and share one heap among threads.

    Left to itself it keeps what the first hash of a password took, or the first large picture, and
    a heap for each of the threads, of which hardly any two want memory at the same time.
    """
    with suppress(OSError, AttributeError):  # another C library
        malloc = ctypes.CDLL(None)
        malloc.mallopt(M_MMAP_THRESHOLD, BIG_BLOCK)
        malloc.mallopt(M_ARENA_MAX, 1)


def give_memory_back() -> None:
    """Have glibc give back all whole pages that lie free between blocks in use; about 1 ms."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


async def _give_memory_back() -> None:
    give_memory_back()


def _settle_imports() -> None:
    """Look at what was imported no more when garbage is collected.

    With it a full collection stops everything for some 30 ms.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def starting(name: str) -> Iterator[None]:
    """Exit with 2, and one line for each cause, where what is inside cannot start."""
    try:
        yield
    except (SettingsError, StartError) as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"{name}: {line}\n")
        sys.exit(EXIT_CANNOT_START)


async def _until_signalled(
    settings: S, main: Callable[[S, asyncio.Event], Awaitable[None]]
) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    # The start, and each load, leave some free.
    tasks = [asyncio.create_task(repeat(GIVE_BACK_EVERY, "free memory", _give_memory_back))]
    if metrics.are_on():
        tasks.append(asyncio.create_task(metrics.watch_loop()))
    try:
        await main(settings, stopping)
    finally:
        await cancel(tasks)


def listen(
    setting: str, host: str, port: int, backlog: int, *, is_shared: bool = False
) -> socket.socket:
    """A socket that listens on `port`, which `setting` names.

    Args:
        setting: Name of the setting.
        host: The address.
        port: The port.
        backlog: How many connections may wait.
        is_shared: Other processes of the same user may listen on it as well; the operating system
            gives each its share of the connections.

    Raises:
        StartError: The port is taken.
    """
    try:
        listener = socket.create_server((host, port), backlog=backlog, reuse_port=is_shared)
    except OSError as error:
        raise StartError(taken(setting, host, port)) from error
    # asyncio sets it on sockets that it makes itself; without, each answer waits 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def taken(setting: str, host: str, port: int) -> str:
    """The line that says that a port cannot be had."""
    return f"{host}:{port} cannot be listened on: is it taken? Set {setting} to a free port"

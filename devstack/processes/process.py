"""One process of the stack: what it is, as data, and one run of it."""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from devstack.health import Check
from devstack.processes import PROJECT, parent_death
from devstack.processes.forking import Copy, ForkServer

TAIL_LINES = 15
LINE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Command:
    """A program run to its end, before the process that needs what it makes."""

    argv: tuple[str, ...]
    doing: str
    """What it does, for the terminal: "downloading 45 libraries"."""


@dataclass(frozen=True)
class Process:
    """A process to keep running, or, without `argv`, a server run by others to wait for."""

    name: str
    healthy: Check
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to the supervisor's own environment."""
    cwd: Path = PROJECT
    needs: frozenset[str] = frozenset()
    """Processes that start before it, and stop after it."""
    eager: bool = False
    """Starts at once: it waits by itself for what it needs."""
    imports: tuple[str, ...] = ()
    """Modules that it has in common with others: it starts as a copy of a process that has them."""
    first: tuple[Command, ...] = ()
    about: str = ""
    """What it is, for the terminal."""
    shows_log: bool = False
    """Its log lines go to the terminal too."""
    stuck_seconds: float = 60.0
    """How long it may get nowhere while it starts; see `devstack.stall_detector`."""
    stop_seconds: float = 20.0
    """How long it may take to stop by itself; after that it is killed."""


class Run:
    """One run of a program: its process id, its output, its end."""

    def __init__(self, process: asyncio.subprocess.Process | Copy, log: Path) -> None:
        self._process = process
        self._log = log
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    async def start(
        cls,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        on_line: Callable[[str], None] | None,
        forks: ForkServer | None = None,
    ) -> "Run":
        """Start `argv` in a session of its own, tied to the life of this process.

        Its output goes to the file `log` and, line by line, to `on_line` if there is one. With
        `forks` it is a copy of that server, where it can be.
        """
        output, into = os.pipe()
        reader = asyncio.StreamReader(limit=LINE_BYTES)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(output, "rb", buffering=0)
        )
        whole_env = {**os.environ, "PYTHONUNBUFFERED": "1", **env}
        try:
            run = cls(
                (forks and await forks.run(argv, whole_env, cwd, into))
                or await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-S", parent_death.__file__, str(os.getpid()), *argv),
                    env=whole_env,
                    cwd=cwd,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=into,
                    stderr=into,
                    # A session of its own: the terminal's Ctrl-C reaches the supervisor only,
                    # which then stops everything in order.
                    start_new_session=True,
                ),
                log,
            )
        finally:
            os.close(into)
        run._reading = asyncio.create_task(run._read(reader, on_line))
        return run

    @property
    def pid(self) -> int:
        """The process id, which is its process group's too."""
        return self._process.pid

    @property
    def tail(self) -> list[str]:
        """The last lines it wrote."""
        return list(self._tail)

    @property
    def cpu_seconds(self) -> float:
        """The processor time it has used."""
        try:
            used = psutil.Process(self.pid).cpu_times()
        except psutil.NoSuchProcess:
            return 0.0
        return float(used.user + used.system)

    async def wait(self) -> int:
        """Its exit code, once it has ended and all it wrote has been read."""
        code = await self._process.wait()
        if self._reading is not None:
            await asyncio.wait({self._reading}, timeout=1.0)
        return code

    async def stop(self, seconds: float) -> None:
        """Ask it to stop; kill it when it has not after `seconds`."""
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(seconds):
                await self.wait()
        except TimeoutError:
            self.kill()
            await self.wait()

    def kill(self) -> None:
        """End it at once, with whatever it started."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    async def _read(
        self, output: asyncio.StreamReader, on_line: Callable[[str], None] | None
    ) -> None:
        with self._log.open("ab") as file:
            while line := await _line(output):
                file.write(line)
                file.flush()
                text = line.decode("utf-8", "replace").rstrip()
                if text:
                    self._tail.append(text)
                if on_line is not None:
                    on_line(text)


async def _line(stream: asyncio.StreamReader) -> bytes:
    """The next line; a longer one than fits the buffer comes in pieces."""
    try:
        return await stream.readuntil(b"\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    except asyncio.LimitOverrunError as overrun:
        return await stream.readexactly(overrun.consumed)

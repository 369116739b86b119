"""Starts processes as soon as what they need is there, keeps them running, and stops them."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from chassis.resilience.backoff import Backoff
from devstack import exit_reasons
from devstack.console import Console
from devstack.log_formatter import is_warning, render
from devstack.processes.forking import ForkServer
from devstack.processes.process import Command, Process, Run
from devstack.stall_detector import StallDetector
from devstack.startup_errors import StartupError

RESTART = Backoff(first=1.0, longest=30.0)
# A process that ran this long has earned a quick restart again.
SETTLED_SECONDS = 60.0
POLL = Backoff(first=0.05, longest=0.2)
# One supervisor asks, and says when it starts again: nothing is gained by a random part.
WHOLE = 1.0
# How a command that prepares something says how far it is: "12 of 46 Java libraries".
COUNTED = re.compile(r"(\d+) of ([1-9]\d*) (.+)")


class Supervisor:
    """Runs `processes`; an async context manager that leaves nothing running.

    Entering starts them all and returns when every one is healthy, or raises `StartupError` with
    the cause in one line. From then on a process that ends is started again, after 1, 2, 4 ... 30
    seconds. Leaving stops them, each before those that it needs.

    Args:
        processes: what to run; names are distinct, and `needs` name others of them.
        logs: the folder for each process's output, `<name>.log`.
        console: where progress and log lines go.
        on_restart: called when a process that ended runs again, with a new process id.
    """

    def __init__(
        self,
        processes: Sequence[Process],
        *,
        logs: Path,
        console: Console,
        on_restart: Callable[[], None] = lambda: None,
    ) -> None:
        self._processes = processes
        self._logs = logs
        self._console = console
        self._on_restart = on_restart
        self._well = {process.name: asyncio.Event() for process in processes}
        self._runs: dict[str, Run] = {}
        self._keepers: set[asyncio.Task[None]] = set()
        self._hurried = False
        self._forks: ForkServer | None = None

    def pid(self, name: str) -> int | None:
        """The process id of `name`; None when it is run by others."""
        run = self._runs.get(name)
        return run.pid if run else None

    def kill(self) -> None:
        """End every process at once, and let the rest of the stopping be as short."""
        self._hurried = True
        for run in self._runs.values():
            run.kill()

    async def __aenter__(self) -> Self:
        self._console.names([process.name for process in self._processes])
        self._logs.mkdir(parents=True, exist_ok=True)
        for process in self._processes:
            self._log(process).unlink(missing_ok=True)
        if imports := {each for process in self._processes for each in process.imports}:
            self._forks = await ForkServer.start(sorted(imports))
        self._keepers = {asyncio.create_task(self._keep(each)) for each in self._processes}
        try:
            await self._all_well()
            await self._stop_forks()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    async def _all_well(self) -> None:
        """Return when all are healthy; raise what ended a keeper before that."""

        async def wait_for_all() -> None:
            for well in self._well.values():
                await well.wait()

        everything = asyncio.create_task(wait_for_all())
        waiting = {everything, *self._keepers}
        try:
            while not everything.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for finished in done:
                    finished.result()
        finally:
            everything.cancel()

    async def _keep(self, process: Process) -> None:
        """Start `process`, and again whenever it ends."""
        await self._start(process)
        failures = 0
        while process.argv:
            began = time.monotonic()
            code = await self._runs[process.name].wait()
            self._well[process.name].clear()
            if time.monotonic() - began > SETTLED_SECONDS:
                failures = 0
            failures += 1
            pause = RESTART.pause(failures, WHOLE)
            self._trouble(process, f"{exit_reasons.exit_text(code)}; starts again in {pause:g} s")
            await asyncio.sleep(pause)
            try:
                await self._start(process)
            except StartupError as error:
                self._trouble(process, str(error))
            else:
                self._on_restart()

    async def _start(self, process: Process) -> None:
        """Start `process` once and wait until it is healthy.

        Raises:
            StartupError: it ended, or is stuck.
        """
        if not process.eager:
            for need in process.needs:
                await self._well[need].wait()
        began = time.monotonic()
        for command in process.first:
            await self._prepare(process, command)
        shows = self._shown(process) if process.shows_log else None
        run = await self._launch(process, process.argv, shows) if process.argv else None
        await self._until_well(process, run)
        self._well[process.name].set()
        self._console.done(process.name, time.monotonic() - began, process.about)

    async def _prepare(self, process: Process, command: Command) -> None:
        self._console.doing(process.name, command.doing)

        def show(line: str) -> None:
            if counted := COUNTED.fullmatch(line):
                done, total, what = counted.groups()
                self._console.progress(process.name, int(done), int(total), what)

        run = await self._launch(process, command.argv, show)
        if code := await run.wait():
            raise self._failure(process, run, code)

    def _shown(self, process: Process) -> Callable[[str], None]:
        # What it needs starts at the same time, and that it is not there yet is no news. The log
        # has these warnings too; and should it stay so, the start fails and says why.
        is_first = process.name not in self._runs

        def show(line: str) -> None:
            is_expected = is_first and not self._well[process.name].is_set() and is_warning(line)
            if not is_expected:
                self._console.log(process.name, render(line))

        return show

    async def _launch(
        self, process: Process, argv: tuple[str, ...], on_line: Callable[[str], None] | None
    ) -> Run:
        run = await Run.start(
            argv,
            env=process.env,
            cwd=process.cwd,
            log=self._log(process),
            on_line=on_line,
            forks=self._forks if process.imports else None,
        )
        self._runs[process.name] = run
        return run

    async def _until_well(self, process: Process, run: Run | None) -> None:
        """Ask until `process` is healthy; raise `StartupError` when it ends or gets nowhere."""
        progress = StallDetector(process.stuck_seconds)
        ended = asyncio.create_task(run.wait()) if run else asyncio.Future[int]()
        polls = 0
        try:
            while (reason := await process.healthy()) is not None:
                polls += 1
                await asyncio.wait({ended}, timeout=POLL.pause(polls, WHOLE))
                if run and ended.done():
                    raise self._failure(process, run, ended.result())
                if self._is_stuck(process, run, progress):
                    raise StartupError(
                        f"{process.name} does not start, and has got nowhere for "
                        f"{process.stuck_seconds:g} s ({reason}): see its log, "
                        f"{self._log(process)}."
                    )
        finally:
            ended.cancel()

    def _is_stuck(self, process: Process, run: Run | None, progress: StallDetector) -> bool:
        well = {name for name, event in self._well.items() if event.is_set()}
        if not process.needs <= well:
            return False  # it cannot but wait
        return progress.is_stuck(time.monotonic(), run.cpu_seconds if run else 0.0, len(well))

    def _failure(self, process: Process, run: Run, code: int) -> StartupError:
        if not process.shows_log:
            for line in run.tail:
                self._console.log(process.name, line)
        return exit_reasons.failure(process.name, code, run.tail, self._log(process))

    def _trouble(self, process: Process, text: str) -> None:
        self._console.trouble(process.name, text)

    def _log(self, process: Process) -> Path:
        return self._logs / f"{process.name}.log"

    async def _stop_forks(self) -> None:
        """A process that ends later starts from its files, which may have changed by then."""
        forks, self._forks = self._forks, None
        if forks:
            await forks.close()

    async def _stop(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await self._stop_forks()
        gone = {process.name: asyncio.Event() for process in self._processes}

        async def stop(process: Process) -> None:
            for other in self._processes:
                if process.name in other.needs:
                    await gone[other.name].wait()
            if run := self._runs.get(process.name):
                await run.stop(0.0 if self._hurried else process.stop_seconds)
            gone[process.name].set()

        await asyncio.gather(*map(stop, self._processes))

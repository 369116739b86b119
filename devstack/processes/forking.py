"""The fork server as its client has it: starts programs that share what they import."""

import asyncio
import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from devstack.processes import PROJECT, parent_death
from devstack.processes.fork_server import Program

PR_SET_CHILD_SUBREAPER = 36
ROOM_BYTES = 32 * 1024
INTERPRETER = (sys.executable, "-m")


class Copy:
    """A running copy of the fork server, with those parts of asyncio's `Process` that are used."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[int] = self._loop.create_future()
        self._descriptor = os.pidfd_open(pid)
        self._loop.add_reader(self._descriptor, self._end)

    async def wait(self) -> int:
        """Its exit code, once it has ended; the negative number of the signal that ended it."""
        return await asyncio.shield(self._ended)

    def _end(self) -> None:
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)
        _, status = os.waitpid(self.pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        self._ended.set_result(self.returncode)


class ForkServer:
    """A process that has imported what others need, and becomes them by copying itself."""

    def __init__(self, process: asyncio.subprocess.Process, requests: socket.socket) -> None:
        self._process = process
        self._requests = requests
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    async def start(cls, modules: Sequence[str]) -> "ForkServer | None":
        """One that imports `modules`, not awaiting that it has; None where the system has none."""
        if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
            return None
        _adopt_orphans(1)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", parent_death.__file__, str(os.getpid())),
                *(*INTERPRETER, "devstack.processes.fork_server"),
                *(str(theirs.fileno()), str(os.getpid()), *modules),
                # With room for the longer environments that its copies tell instead.
                env={**os.environ, "PYTHONUNBUFFERED": "1", "ROOM": " " * ROOM_BYTES},
                cwd=PROJECT,
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                # Where it cannot import something, the program that is started without it says so.
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        return cls(process, ours)

    async def run(
        self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, output: int
    ) -> Copy | None:
        """Run `python -m ...` in a session of its own; None where it has to be run without this.

        Args:
            argv: The command; another than `python -m` is none for this.
            env: Its whole environment.
            cwd: The folder it runs in.
            output: Where what it writes goes, a file descriptor.
        """
        if tuple(argv[:2]) != INTERPRETER:
            return None
        program = Program(
            module=argv[2], arguments=list(argv[3:]), environment=dict(env), folder=str(cwd)
        )
        starting = asyncio.ensure_future(self._run(program, os.dup(output)))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(_abandon)
            raise

    async def _run(self, program: Program, output: int) -> Copy | None:
        loop = asyncio.get_running_loop()
        try:
            async with self._one_at_a_time:
                socket.send_fds(self._requests, [json.dumps(program).encode()], [output])
                answer = await loop.sock_recv(self._requests, 4)
        except OSError:
            return None
        finally:
            os.close(output)
        return Copy(int.from_bytes(answer, "big")) if answer else None

    async def close(self) -> None:
        """End it; what it was copied to runs on."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        async with self._one_at_a_time:
            self._requests.close()
        _adopt_orphans(0)


def _abandon(starting: asyncio.Future[Copy | None]) -> None:
    """End what no one waits for any more."""
    if copy := starting.result():
        os.killpg(copy.pid, signal.SIGKILL)


def _adopt_orphans(yes: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, yes, 0, 0, 0)

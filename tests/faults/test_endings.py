"""Whatever ends the command that started the shop ends the shop, also in the middle of a start."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.test_startup import ROOT, left_running, run
from tests.support.people import eventually
from tests.support.running import STOP_SECONDS, free_port

# As `nox -s up` is, in an environment that is made already.
NOX_UP = (sys.executable, "-m", "nox", "--no-venv", "-f", str(ROOT / "noxfile.py"), "-s", "up")

Popen = subprocess.Popen[bytes]


@contextmanager
def starting(data: Path, **options: object) -> Iterator[Popen]:
    """The command, with its first server running; nothing may be left of it after the block."""
    output = data.with_suffix(".txt")
    arguments = (*NOX_UP, "--", "--port", str(free_port()), "--data", str(data))
    with output.open("wb") as log:
        # Whoever runs the tests may have them ignore a hang-up.
        streams: Mapping[str, object] = {
            "stdout": log,
            "stderr": log,
            "preexec_fn": restored(signal.SIGHUP),
        } | options
        command = subprocess.Popen(arguments, **streams)  # type: ignore[call-overload]
    try:
        eventually(lambda: left_running(data / "s3"), seconds=60)
        yield command
        assert command.wait(STOP_SECONDS) is not None
        eventually(lambda: left_running(data), lambda left: not left)
    finally:
        command.kill()
        command.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_it(tmp_path: Path, number: signal.Signals) -> None:
    with starting(tmp_path / "data") as command:
        command.send_signal(number)

    in_order = number != signal.SIGKILL
    assert ("Stopped." in (tmp_path / "data.txt").read_text()) is in_order


def test_an_interrupt_ends_what_a_shell_runs_in_the_background(tmp_path: Path) -> None:
    with starting(tmp_path / "data", preexec_fn=ignoring(signal.SIGINT)) as command:
        command.send_signal(signal.SIGINT)

    assert "Stopped." in (tmp_path / "data.txt").read_text()


def test_nohup_keeps_it_alive(tmp_path: Path) -> None:
    with starting(tmp_path / "data", preexec_fn=ignoring(signal.SIGHUP)) as command:
        command.send_signal(signal.SIGHUP)
        eventually(lambda: "✓ mongo" in (tmp_path / "data.txt").read_text(), seconds=60)
        assert command.poll() is None
        command.terminate()


def test_closing_the_terminal_ends_it(tmp_path: Path) -> None:
    terminal, inside = pty.openpty()
    streams = {"stdin": inside, "stdout": inside, "stderr": inside}
    with starting(tmp_path / "data", start_new_session=True, preexec_fn=own_terminal, **streams):
        os.close(inside)
        os.close(terminal)


def test_another_command_stops_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with starting(data) as command:
        stopping = run("-m", "devstack", "up", "--stop", "--data", str(data))
        assert stopping.stdout == f"The shop on {data} (process {command.pid}) has stopped.\n"
        assert command.wait(STOP_SECONDS) == 0

    again = run("-m", "devstack", "up", "--stop", "--data", str(data))
    assert (again.returncode, again.stdout) == (0, f"No shop runs on {data}.\n")


def restored(number: signal.Signals) -> Callable[[], object]:
    return lambda: signal.signal(number, signal.SIG_DFL)


def ignoring(number: signal.Signals) -> Callable[[], object]:
    return lambda: signal.signal(number, signal.SIG_IGN)


def own_terminal() -> None:
    """Make the terminal that stdin is the session's own, so that its end is told by SIGHUP."""
    import fcntl
    import termios

    restored(signal.SIGHUP)()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)

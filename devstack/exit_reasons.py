"""Why a program ended, in one line, from its exit code and the last lines it wrote."""

import signal
from collections.abc import Sequence
from pathlib import Path

from devstack.log_formatter import render
from devstack.startup_errors import StartupError, out_of_space

DISK_FULL = "No space left on device"
# Lines of a Java stack trace, which say where and not what.
STACK_FRAMES = ("at ", "... ")


def exit_text(code: int) -> str:
    """`ended with exit code 1`, or `was ended by SIGKILL`."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def failure(name: str, code: int, tail: Sequence[str], log: Path) -> StartupError:
    """The error for a program that ended instead of starting.

    Args:
        name: the process, as the person knows it.
        code: its exit code; negative for a signal.
        tail: the last lines it wrote.
        log: the file that has them all.
    """
    if any(DISK_FULL in line for line in tail):
        return out_of_space(log.parent.parent)
    cause = last_words(tail).removeprefix(f"{name}: ") or f"it {exit_text(code)}"
    return StartupError(f"{name} could not start: {cause} (its log: {log})")


def last_words(tail: Sequence[str]) -> str:
    """The last line that says something, for people."""
    spoken = [line for line in tail if not line.strip().startswith(STACK_FRAMES)]
    return render(spoken[-1]).splitlines()[0].strip() if spoken else ""

"""Run a command that the kernel kills as soon as the process that started it is gone.

Used as `python -I -S parent_death.py PARENT_PID COMMAND...`: asks Linux for SIGKILL at the parent's
death, then becomes the command. A function run between fork and exec could do the same, but is
not safe in a parent with threads. Elsewhere than on Linux the command simply runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie_to(parent: int) -> None:
    """Have Linux kill this process when its parent, of that id, is gone; exits where it is."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the parent is gone already")


def main() -> None:
    """Tie this process to its parent and become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        tie_to(parent)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the point of this program
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}")


if __name__ == "__main__":
    main()

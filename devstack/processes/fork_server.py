"""Starts Python programs as copies of itself, with what most of them import already there.

python -m devstack.processes.fork_server SOCKET PARENT_PID MODULE...

A service spends most of the processor time of its start on importing what the others import too.
This process imports it once, the MODULEs. Then each message on SOCKET, a file descriptor, asks for
one program (see `Program`) and brings the descriptor that its output goes to; the answer is the
program's process id, in four bytes.

A program is a child of PARENT, which adopts orphans, and dies with it, as if PARENT had started it.

For Linux. Nothing that is imported here may start a thread: a copy would not have it.
"""

import ctypes
import gc
import importlib
import json
import os
import runpy
import socket
import sys
from pathlib import Path
from typing import TypedDict

from devstack.processes.parent_death import tie_to

PR_SET_NAME = 15
MOST_BYTES = 256 * 1024
# Where /proc/self/stat says that a process's command and its environment lie in its memory.
COMMAND, ENVIRONMENT = 48, 50


class Program(TypedDict):
    """What to run: `python -m MODULE ARGUMENTS` with `environment`, in `folder`."""

    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str


def main() -> None:
    """Serve until the other end is closed; in a copy, be the program."""
    requests, parent = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    for module in sys.argv[3:]:
        importlib.import_module(module)
    gc.collect()
    # A collection in a copy would write to all that they share.
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, MOST_BYTES, 1)
        if not message:
            return
        between = os.fork()
        if between == 0:
            between = os.getpid()
            if os.fork():
                os._exit(0)
            while os.getppid() == between:
                os.sched_yield()
            _become(json.loads(message), descriptors[0], parent, requests)
            return
        os.close(descriptors[0])
        os.waitpid(between, 0)


def _become(program: Program, output: int, parent: int, requests: socket.socket) -> None:
    """Run `program` in this process, which `parent` has adopted."""
    tie_to(parent)
    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(program["folder"])
    os.environ.clear()
    os.environ.update(program["environment"])
    ctypes.CDLL(None).prctl(PR_SET_NAME, program["module"].encode(), 0, 0, 0)
    _tell(COMMAND, [sys.executable, "-m", program["module"], *program["arguments"]])
    _tell(ENVIRONMENT, [f"{name}={value}" for name, value in os.environ.items()])
    requests.send(os.getpid().to_bytes(4, "big"))
    requests.close()
    sys.path[0] = program["folder"]
    sys.argv[1:] = program["arguments"]
    runpy.run_module(program["module"], run_name="__main__", alter_sys=True)


def _tell(field: int, words: list[str]) -> None:
    """Have `ps` and /proc tell `words`, as far as there is room, and not those of the server.

    They read them in the memory of the process, between two addresses of /proc/self/stat.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = (int(each) for each in fields[field - 3 : field - 1])
    text = b"".join(os.fsencode(word) + b"\0" for word in words)
    if room := end - start:
        ctypes.memmove(start, text[: room - 1].ljust(room, b"\0"), room)


if __name__ == "__main__":
    main()

"""The whole shop, started as a user starts it."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.people import Shop

START_SECONDS = 240
STOP_SECONDS = 60
LOG_CHARACTERS = 8000


@contextmanager
def running_shop(
    data: Path, settings: Mapping[str, str], replicas: int = 1, workers: int = 1
) -> Iterator[Shop]:
    """A shop with its demo data in the folder `data`, until the block ends.

    Args:
        data: An absent folder, or that of an earlier run.
        settings: Environment variables that its processes get besides their own.
        replicas: How many there are of each service.
        workers: How many processes of the gateway share the port.
    """
    numbers = ("--replicas", str(replicas), "--workers", str(workers))
    output = data.parent / f"{data.name}.txt"
    command = [sys.executable, "-m", "devstack", "up", "--port", str(free_port())]
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--data", str(data), *numbers],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | settings,
        )
        try:
            yield Shop(wait_for_ready(process, data, output), data)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)


def wait_for_ready(process: "subprocess.Popen[bytes]", data: Path, output: Path) -> dict[str, Any]:
    """What `ready.json` says, once it is there."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if (data / "ready.json").exists():
            ready: dict[str, Any] = json.loads((data / "ready.json").read_text())
            return ready
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError("the shop did not start:\n" + output.read_text()[-LOG_CHARACTERS:])


def free_port() -> int:
    """A port that nobody listens on, nor is given for a connection before the shop takes it."""
    # Below those that the system hands out by itself.
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")

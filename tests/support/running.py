"""The whole shop, started as a user starts it."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from devstack import data_folder, shop_processes
from tests.support.people import Shop

START_SECONDS = 240
STOP_SECONDS = 60
LOG_CHARACTERS = 8000
PICTURES = "s3"


@contextmanager
def running_shop(
    data: Path, settings: Mapping[str, str], replicas: int = 1, workers: int = 1
) -> Iterator[Shop]:
    """A shop with the data in the folder `data`, until the block ends.

    Args:
        data: An absent folder, which is filled with the demo's data; or one of `empty_shop`,
            `shop_with_pictures`, or an earlier run.
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


def empty_shop(data: Path) -> Path:
    """Make `data` the folder of a shop that starts without the demo's data, in half the time."""
    data.mkdir()
    for mark in (data_folder.LOCK_NAME, shop_processes.DEMO_MARK):
        (data / mark).touch()
    return data


def shop_with_pictures(data: Path, of: Path) -> Path:
    """Make `data` the folder of a shop that has the demo's pictures, if the shop `of` has them.

    The shop is filled as any other, but draws no picture again, which takes most of the time.
    """
    if (of / PICTURES).exists():
        shutil.copytree(of / PICTURES, data / PICTURES)
        (data / data_folder.LOCK_NAME).touch()
    return data


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

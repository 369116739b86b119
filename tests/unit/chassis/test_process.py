"""What a process does before its work begins."""

import platform
import subprocess
import sys

import pytest

ENVIRONMENT = {"AUTH_URL": "auth:9000", "CLIENT_SECRET": "s", "REDIS_URL": "redis://redis:6379/0"}
SETTLES = """
import gc
from chassis.process import run
from chassis.settings.environment import ProcessSettings

async def main(settings, stopping):
    print(len(gc.get_objects()) < 0.2 * gc.get_freeze_count())

run("svc_cart", ProcessSettings, main)
"""

# glibc, left to itself, gives back the first big block, and keeps those of that size from then on.
HASHES = """
from psutil import Process
from chassis.process import run
from chassis.settings.environment import ProcessSettings

async def main(settings, stopping):
    before = Process().memory_info().rss
    for _ in range(2):
        b"what a hash takes" * 1024 * 1024
    print(Process().memory_info().rss - before < 8 * 1024 * 1024)

run("svc_auth", ProcessSettings, main)
"""

GIVES_BACK = """
from psutil import Process
from chassis.process import give_memory_back

blocks = [bytes(8192) for _ in range(4000)]
blocks[:-1] = []
before = Process().memory_info().rss
give_memory_back()
print(before - Process().memory_info().rss > 16 * 1024 * 1024)
"""
needs_glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="it is glibc that is told to"
)


def test_what_was_imported_is_looked_at_no_more_when_garbage_is_collected() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SETTLES], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "True\n"


@needs_glibc
def test_what_a_hash_of_a_password_took_is_given_back() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", HASHES], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "True\n"


@needs_glibc
def test_what_lies_free_below_a_block_in_use_is_given_back() -> None:
    command = [sys.executable, "-c", GIVES_BACK]
    ran = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert ran.stdout == "True\n"

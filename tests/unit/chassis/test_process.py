"""What a process does before its work begins."""

import subprocess
import sys

ENVIRONMENT = {"AUTH_URL": "auth:9000", "CLIENT_SECRET": "s", "REDIS_URL": "redis://redis:6379/0"}
PROGRAM = """
import gc
from chassis.process import run
from chassis.settings.environment import ProcessSettings

async def main(settings, stopping):
    print(len(gc.get_objects()) < 0.2 * gc.get_freeze_count())

run("svc_cart", ProcessSettings, main)
"""


def test_what_was_imported_is_looked_at_no_more_when_garbage_is_collected() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "True\n"

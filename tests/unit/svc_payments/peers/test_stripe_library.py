"""What the service loads with Stripe's library."""

import subprocess
import sys

PROGRAM = """
import sys
import svc_payments.peers.stripe_api
print([name for name in ("requests", "urllib3", "click") if name in sys.modules])
import requests
"""


def test_nothing_is_loaded_that_is_not_used() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"

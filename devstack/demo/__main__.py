"""Fill the shop whose services are at the addresses given, and then make FILE.

python -m devstack.demo --mark FILE svc_auth=HOST:PORT svc_catalog=HOST:PORT ...

It writes `DONE of TOTAL products` as it goes.
"""

import argparse
import sys
from pathlib import Path

from devstack.demo.loading import fill
from devstack.startup_errors import StartupError


def main() -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m devstack.demo")
    parser.add_argument("--mark", type=Path, required=True)
    parser.add_argument("addresses", nargs="+", metavar="SERVICE=HOST:PORT")
    options = parser.parse_args()
    addresses = dict(each.split("=", 1) for each in options.addresses)
    try:
        fill(addresses, _tell)
    except StartupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    options.mark.touch()
    return 0


def _tell(done: int, total: int) -> None:
    sys.stdout.write(f"{done} of {total} products\n")


if __name__ == "__main__":
    sys.exit(main())

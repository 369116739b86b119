"""The command line of the local shop.

python -m devstack up [--port N] [--data DIR] [--fresh] [--workers N] [--replicas N] [--trace]
python -m devstack up --stop [--data DIR]
python -m devstack trace-picture [--data DIR] [--output FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from devstack.startup_errors import StartupError, require_python

HIGHEST_PORT = 65535
MOST_PROCESSES = 9
INTERRUPTED = 130
PICTURE = Path("docs/images/purchase.svg")


def main() -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args()
    try:
        require_python()
        return _draw(options) if options.command == "trace-picture" else _up(options)
    except StartupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED  # before anything ran


def _up(options: argparse.Namespace) -> int:
    # Only now: an older Python could not even read these modules.
    from devstack.console import Console
    from devstack.data_folder import stop
    from devstack.up import Options, up

    if options.stop:
        sys.stdout.write(f"{stop(options.data)}\n")
        return 0
    wanted = Options(
        options.port,
        options.data,
        options.fresh,
        options.replicas,
        options.workers,
        options.trace,
    )
    asyncio.run(up(wanted, Console()))
    return 0


def _draw(options: argparse.Namespace) -> int:
    from devstack.ready_file import read
    from devstack.trace_picture import picture_of_a_purchase

    picture = picture_of_a_purchase(read(options.data))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(picture)
    sys.stdout.write(f"{options.output}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start the whole shop; Ctrl-C stops it")
    up.add_argument("--port", type=_port, default=8000, help="where browsers go (8000)")
    up.add_argument("--data", type=Path, default=Path(".data"), help="the data folder (.data)")
    up.add_argument("--fresh", action="store_true", help="delete the folder's data first")
    up.add_argument(
        "--workers",
        type=_number,
        default=1,
        help="processes of the gateway that share the port, on Linux (1)",
    )
    up.add_argument("--replicas", type=_number, default=1, help="of each service (1)")
    up.add_argument("--trace", action="store_true", help="trace all requests, and show that")
    up.add_argument("--stop", action="store_true", help="stop the shop that runs on the folder")
    draw = commands.add_parser(
        "trace-picture", help="buy something in a shop that runs with --trace, and draw its trace"
    )
    draw.add_argument("--data", type=Path, default=Path(".data"), help="the shop's folder (.data)")
    draw.add_argument("--output", type=Path, default=PICTURE, help=f"the picture ({PICTURE})")
    return parser


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 0 < port <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give 1 to {HIGHEST_PORT}")
    return port


def _number(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 0 < number <= MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes: give 1 to 9")
    return number


if __name__ == "__main__":
    sys.exit(main())

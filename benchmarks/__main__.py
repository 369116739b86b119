"""Answers the questions of this folder.

python -m benchmarks [NAME...] [--rounds N] [--seconds S] [--json FILE]
python -m benchmarks --tables [--json FILE]
"""

import argparse
import asyncio
import json
import os
import platform
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import psutil
import uvloop

from benchmarks.harness import report
from benchmarks.harness.load import generator
from benchmarks.harness.runner import Answer, Options, questions, run

INTERRUPTED = 130


def main() -> int:
    """The command line above; returns the exit code."""
    options = _parser().parse_args()
    file: Path = options.json
    if options.tables:
        report.write_tables(json.loads(file.read_text()))
        return 0

    def tell(name: str, answer: Answer) -> None:
        print(report.text(name, answer), end="\n\n", flush=True)
        _keep(file, name, answer | _circumstances(options))

    async def answer_all(folder: Path) -> bool:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            # The task stops all that was started before it ends.
            loop.add_signal_handler(number, cast("asyncio.Task[bool]", task).cancel)
        wanted = Options(options.rounds, options.seconds)
        return await run(options.names or questions(), folder, wanted, tell)

    try:
        with TemporaryDirectory(prefix="bench-") as folder:
            return 0 if uvloop.run(answer_all(Path(folder))) else 1
    except asyncio.CancelledError:
        return INTERRUPTED


def _keep(file: Path, name: str, answer: dict[str, Any]) -> None:
    """Write an answer into the file, beside those to other questions."""
    answers = json.loads(file.read_text()) if file.exists() else {}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answers | {name: answer}, indent=1))


def _circumstances(options: argparse.Namespace) -> dict[str, Any]:
    """Where, when and how something was measured."""
    memory = psutil.virtual_memory().total / 2**30
    return {
        "taken": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}",
        "seconds": options.seconds,
        "load": generator(),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = questions()
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*names, []], help=str(names))
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="about how long each time (1)")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="the figures")
    parser.add_argument("--tables", action="store_true", help="only write docs/performance.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())

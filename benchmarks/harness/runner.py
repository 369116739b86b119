"""Measures the sides of a question in turn, round by round."""

import importlib
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.harness.bench import Bench, Shop
from benchmarks.harness.comparison import Comparison, Side
from benchmarks.harness.usage import cpu_seconds, memory

LOAD = "load generator"

Answer = dict[str, Any]
"""`{asks, comparisons: [{subject, reference, limits: {figure: {at_least, at_most}}, rounds}]}`.

A round is `{subject: sample, reference: sample}`, and a sample `{figures: {name: value},
cpu_ms: {process: ms a request}, memory: {process: {rss, pss}}}`.
"""


@dataclass(frozen=True)
class Options:
    """How much is measured.

    Attributes:
        rounds: How often each side is measured.
        seconds: About how long each time.
    """

    rounds: int
    seconds: float


def questions() -> list[str]:
    """The names of all questions: of the modules beside this package."""
    folder = Path(__file__).resolve().parents[1]
    return sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("__"))


async def _answer(name: str, bench: Bench, options: Options) -> Answer:
    print(f"{name} ...", file=sys.stderr, flush=True)
    module: ModuleType = importlib.import_module(f"benchmarks.{name}")
    comparisons: Sequence[Comparison] = await module.compare(bench)
    sides = list(
        dict.fromkeys(
            side for each in comparisons for side in (each.reference, each.subject) if side
        )
    )
    for side in sides:
        if side.warms_up:
            await side.measure(options.seconds / 2)
    rounds = []
    # A question may say that its measurements are too long for many rounds.
    for number in range(min(options.rounds, getattr(module, "MOST_ROUNDS", options.rounds))):
        # Forth and back, so that none always follows the same other one.
        order = sides if number % 2 else sides[::-1]
        rounds.append({side: await _sample(side, options.seconds) for side in order})
    return {
        "asks": (module.__doc__ or "").splitlines()[0],
        "comparisons": [_record(each, rounds) for each in comparisons],
    }


async def _sample(side: Side, seconds: float) -> dict[str, Any]:
    before = cpu_seconds(side.pids) | {LOAD: _own_seconds()}
    sample = await side.measure(seconds)
    after = cpu_seconds(side.pids) | {LOAD: _own_seconds()}
    cpu = {name: (after[name] - before[name]) * 1000 for name in before}
    return {
        "figures": dict(sample.figures),
        "cpu_ms": {name: ms / sample.requests for name, ms in cpu.items() if sample.requests},
        "memory": {name: asdict(each) for name, each in memory(side.pids).items()},
    }


def _own_seconds() -> float:
    """Processor time of this process, and of those it has started and seen end, such as wrk."""
    return sum(os.times()[:4])


def _record(
    comparison: Comparison, rounds: Sequence[Mapping[Side, dict[str, Any]]]
) -> dict[str, Any]:
    subject, reference = comparison.subject, comparison.reference
    return {
        "subject": subject.name,
        "reference": reference.name if reference else None,
        "limits": {figure: asdict(limit) for figure, limit in comparison.limits.items()},
        "rounds": [
            {"subject": each[subject]} | ({"reference": each[reference]} if reference else {})
            for each in rounds
        ],
    }


async def run(
    names: Sequence[str], folder: Path, options: Options, tell: Callable[[str, Answer], None]
) -> bool:
    """Answer questions, and stop all that was started.

    Args:
        names: Of `questions()`.
        folder: An empty one, for the data of what is started.
        options: How much is measured.
        tell: Is given each answer as soon as it is there.

    Returns:
        Whether all were answered; why one was not is on stderr.
    """
    shops: dict[int, Shop] = {}
    answered = 0
    async with AsyncExitStack() as kept:
        for name in names:
            try:
                async with AsyncExitStack() as stack:
                    tell(name, await _answer(name, Bench(folder, kept, stack, shops), options))
            except Exception:  # noqa: BLE001 - the others are asked all the same
                traceback.print_exc()
            else:
                answered += 1
    return answered == len(names)

"""What a benchmark is made of.

A file of `benchmarks/` asks one question, which is the first line of its docstring, and answers it
by a function:

    async def compare(bench: Bench) -> Sequence[Comparison]

It starts what it needs through `bench`, which also stops it, and says what to measure; the runner
warms up, takes every side in turn, round by round, and computes the ratios.
"""

from benchmarks.harness.bench import Bench, Reference, Shop, loaded, settled
from benchmarks.harness.comparison import (
    Comparison,
    Limit,
    Sample,
    Side,
    at_least,
    at_most,
)
from benchmarks.harness.express import Express
from benchmarks.harness.load import load, request
from benchmarks.harness.people import Person

__all__ = [
    "Bench",
    "Comparison",
    "Express",
    "Limit",
    "Person",
    "Reference",
    "Sample",
    "Shop",
    "Side",
    "at_least",
    "at_most",
    "load",
    "loaded",
    "request",
    "settled",
]

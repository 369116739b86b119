"""Many people, or many clicks of one, at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tests.support.people import PATIENCE_SECONDS

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The results of `calls`, all of which begin together."""
    starting = threading.Barrier(len(calls), timeout=PATIENCE_SECONDS)

    def run(call: Callable[[], T]) -> T:
        starting.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))

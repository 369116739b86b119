"""Calls made by many threads for a while, and how long they took."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from typing import TypeVar

from shopctl.failures import Failure

T = TypeVar("T")

Scenario = Callable[["Stopwatch"], None]
"""Makes some calls, each of them timed."""


@dataclass
class Measured:
    """What was measured; any thread adds to it.

    Attributes:
        seconds: How long each call took that was answered.
        failures: How many calls ended with which of gRPC's status codes.
    """

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float) -> None:
        """Count a call that was answered."""
        with self._lock:
            self.seconds.append(seconds)

    def fail(self, failure: Failure) -> None:
        """Count a call that failed."""
        with self._lock:
            self.failures[failure.status.name if failure.status else failure.code.name] += 1


class Stopwatch:
    """Times the calls of one thread."""

    def __init__(self, measured: Measured) -> None:
        self._measured = measured

    def time(self, call: Callable[[], T]) -> T:
        """What `call` answers."""
        began = time.perf_counter()
        answer = call()
        self._measured.add(time.perf_counter() - began)
        return answer


def run(scenario: Scenario, *, threads: int, seconds: float) -> Generator[Measured, None, None]:
    """Play `scenario` again and again in so many threads, and yield what was measured so far.

    Failures are counted, and the thread goes on.
    """
    measured = Measured()
    stopping = threading.Event()

    def play() -> None:
        watch = Stopwatch(measured)
        while not stopping.is_set():
            try:
                scenario(watch)
            except Failure as failure:
                measured.fail(failure)

    until = time.monotonic() + seconds
    with ThreadPoolExecutor(threads, thread_name_prefix="load") as pool:
        try:
            playing = [pool.submit(play) for _ in range(threads)]
            while (left := until - time.monotonic()) > 0:
                yield measured
                stopping.wait(min(left, 0.2))
        finally:
            stopping.set()
        for each in playing:
            each.result()
    yield measured


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the sorted `values` that so many percent of them do not exceed."""
    return values[max(0, ceil(len(values) * percent / 100) - 1)] if values else 0.0

"""Calls that are made at once for a while, and what is reported of them."""

import threading

import grpc
import pytest

from shopctl import load
from shopctl.commands.loadtest import report
from shopctl.failures import Exit, Failure
from shopctl.load import Measured, Stopwatch, percentile


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (75, 3), (99, 4), (100, 4), (1, 1)])
def test_a_percentile_is_a_value_that_was_measured(percent: float, value: float) -> None:
    assert percentile([1, 2, 3, 4], percent) == value


def test_nothing_measured_is_nothing() -> None:
    assert percentile([], 99) == 0


def test_as_many_threads_call_as_are_asked_for() -> None:
    together, met = threading.Barrier(3), threading.Event()

    def play(watch: Stopwatch) -> None:
        if not met.is_set():
            watch.time(lambda: together.wait(10))
            met.set()

    found = load.run(play, threads=3, seconds=60.0)
    assert len(next(each for each in found if met.is_set()).failures) == 0
    found.close()


def test_failures_are_counted_and_end_no_thread() -> None:
    calls = iter(range(10**9))

    def play(_: Stopwatch) -> None:
        if next(calls) == 0:
            raise Failure(Exit.UNREACHABLE, "x", grpc.StatusCode.UNAVAILABLE)
        raise Failure(Exit.USAGE, "x")

    found = load.run(play, threads=1, seconds=60.0)
    until_both = next(each for each in found if len(each.failures) == 2)
    found.close()
    assert until_both.failures["UNAVAILABLE"] == 1


def test_a_report_says_rate_percentiles_and_failures() -> None:
    measured = Measured(seconds=[0.002, 0.001])
    result = report(measured, 4.0, 8)
    assert result.exit is Exit.OK
    assert result.data["callsPerSecond"] == 0.5
    assert result.data["milliseconds"]["p50"] == 1.0
    assert result.data["milliseconds"]["max"] == 2.0
    measured.fail(Failure(Exit.UNREACHABLE, "x", grpc.StatusCode.UNAVAILABLE))
    failed = report(measured, 4.0, 8)
    assert failed.exit is Exit.REFUSED
    assert failed.data["failures"] == {"UNAVAILABLE": 1}

"""What was measured becomes ratios, verdicts and tables."""

from typing import Any

import pytest

from benchmarks.harness import report
from benchmarks.harness.comparison import Limit, at_least, at_most, percentile

WHERE = {"taken": "today", "machine": "this one", "seconds": 1.0, "load": "wrk"}


def sample(rate: float) -> dict[str, Any]:
    return {"figures": {"requests/s": rate}, "cpu_ms": {"gateway": 0.5}, "memory": {}}


def comparison(limit: Limit, *rounds: tuple[float, float]) -> dict[str, Any]:
    return {
        "subject": "ours",
        "reference": "theirs",
        "limits": {"requests/s": vars(limit)},
        "rounds": [
            {"subject": sample(ours), "reference": sample(theirs)} for ours, theirs in rounds
        ],
    }


def test_a_ratio_is_taken_round_by_round() -> None:
    (row,) = report.rows(comparison(at_least(0.5), (100, 100), (50, 100), (300, 400)))
    assert row.ratio == report.Spread(0.75, 0.5, 1.0)
    assert row.subject.median == 100
    assert row.verdict == "≥ 0.5 ✓"


@pytest.mark.parametrize(("limit", "verdict"), [(at_least(0.8), "✗"), (at_most(0.8), "✓")])
def test_the_median_is_what_must_hold(limit: Limit, verdict: str) -> None:
    (row,) = report.rows(comparison(limit, (90, 100), (50, 100), (75, 100)))
    assert row.verdict.endswith(verdict)


def test_without_a_reference_the_figure_itself_is_judged() -> None:
    alone = comparison(at_most(85), (84, 1))
    del alone["rounds"][0]["reference"]
    (row,) = report.rows(alone)
    assert row.ratio is None
    assert row.verdict == "≤ 85 ✓"


def test_the_tables_begin_with_what_must_hold() -> None:
    compared = comparison(at_least(0.5), (60, 100))
    # Sides that several comparisons share are told of once.
    answer = {"asks": "How fast?", "comparisons": [compared, compared], **WHERE}
    text = report.tables({"speed": answer})
    summary, _, details = text.partition("### How fast?")
    assert "| `speed` | ours ÷ theirs | requests/s | 0.600" in summary
    assert "| 60.0 (60.0–60.0) | 100 (100–100) | 0.600" in details
    assert details.count("- ours, CPU ms a request: gateway 0.50") == 1
    assert details.count("- theirs, CPU ms a request: gateway 0.50") == 1


def test_questions_that_were_not_asked_keep_their_tables() -> None:
    def answer(asks: str, rate: float) -> dict[str, Any]:
        compared = [comparison(at_least(0.5), (rate, 100))]
        return {"asks": asks, "comparisons": compared, **WHERE}

    before = report.tables({"a": answer("First?", 60), "b": answer("Second?", 70)})
    asked_again = report.tables({"b": answer("Second?", 80)}, f"begin\n\n{before}\n<!-- end -->")
    assert asked_again == report.tables({"a": answer("First?", 60), "b": answer("Second?", 80)})


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99)) == (50, 99, 7)

from datetime import timedelta

import pytest

from chassis.outbox.sweep import LONGEST_PAUSE_SECONDS, SweepOutcome, SweepPace


@pytest.fixture
def pace() -> SweepPace:
    return SweepPace(timedelta(seconds=1))


def test_where_events_are_written_nothing_is_left_for_long(pace: SweepPace) -> None:
    assert pace.pause == 1
    for outcome in (SweepOutcome.CLEAN, SweepOutcome.LEASED_BY_OTHER):
        pace.after(outcome, is_quiet=False)
        assert pace.pause == 1


@pytest.mark.parametrize(
    ("outcome", "is_quiet"),
    [
        (SweepOutcome.CLEAN, True),
        (SweepOutcome.STUCK, False),
        (SweepOutcome.UNREACHABLE, False),
        (None, False),
    ],
)
def test_what_comes_to_nothing_is_done_less_often(
    pace: SweepPace, outcome: SweepOutcome | None, is_quiet: bool
) -> None:
    for _ in range(20):
        pace.after(outcome, is_quiet=is_quiet)
        assert 1 <= pace.pause <= LONGEST_PAUSE_SECONDS
    assert pace.pause >= LONGEST_PAUSE_SECONDS / 2
    pace.after(SweepOutcome.CLEAN, is_quiet=False)
    assert pace.pause == 1

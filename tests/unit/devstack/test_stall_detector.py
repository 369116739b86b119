"""When a start counts as stuck, and when it is only slow."""

from devstack.stall_detector import MOST_SECONDS, STEP_SECONDS, StallDetector

STUCK = 60.0


def test_one_that_does_nothing_is_stuck() -> None:
    progress = StallDetector(STUCK)

    assert not progress.is_stuck(1000.0, 0.5, well=0)
    assert not progress.is_stuck(1000.0 + STUCK, 0.6, well=0)
    assert progress.is_stuck(1000.1 + STUCK, 0.6, well=0)


def test_one_that_works_slowly_is_not() -> None:
    """A processor of its own would have it ready in seconds; this machine has thirty others."""
    progress = StallDetector(STUCK)

    assert not any(
        progress.is_stuck(second, second / 30 * STEP_SECONDS, well=0) for second in range(6000)
    )


def test_one_that_waits_for_another_that_starts_is_not() -> None:
    progress = StallDetector(STUCK)

    assert not any(progress.is_stuck(second, 0.1, well=int(second / 50)) for second in range(6000))


def test_one_that_only_asks_again_and_again_is_stuck() -> None:
    progress = StallDetector(STUCK)

    assert any(progress.is_stuck(second, second * 0.01, well=3) for second in range(600))


def test_one_that_computes_without_end_is_stuck() -> None:
    progress = StallDetector(STUCK)

    assert not progress.is_stuck(0.0, 0.0, well=0)
    assert progress.is_stuck(1.0, MOST_SECONDS + 1.0, well=0)

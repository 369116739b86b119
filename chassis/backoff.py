"""The pauses between attempts at something that does not answer yet."""

import random
from collections.abc import Iterator

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 5.0


def pauses(first: float | None = None, longest: float | None = None) -> Iterator[float]:
    """Seconds to wait before each new attempt: twice as many each time, up to the longest.

    They vary by half, so that not all replicas ask at the same moment.

    Args:
        first: About so many before the second attempt.
        longest: About so many at most.
    """
    pause = FIRST_SECONDS if first is None else first
    while True:
        yield pause * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
        pause = min(pause * 2, LONGEST_SECONDS if longest is None else longest)

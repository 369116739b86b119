"""The pauses between attempts at something that does not answer."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Pauses that double, each varied so that what failed together is not tried together.

    Attributes:
        first: Seconds after the first failure, at most.
        longest: Seconds at most, however many failures there were.
    """

    first: float = 0.2
    longest: float = 5.0

    def pause(self, failures: int, chance: float | None = None) -> float:
        """Seconds to wait after so many failures in a row: half of the pause, or up to all of it.

        Args:
            failures: At least 1.
            chance: From 0 to 1: which part of the other half; a random one where it is None.
        """
        # Doubled no further than it can matter: a server may be unreachable for days.
        whole = min(self.first * (1 << min(failures - 1, 30)), self.longest)
        part = random.random() if chance is None else chance  # noqa: S311 - no secret
        return whole * (0.5 + part / 2)


DEFAULT_BACKOFF = Backoff()

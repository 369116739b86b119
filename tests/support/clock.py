"""The time, standing still until a test moves it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)


class FakeClock:
    """A `chassis.clock.Clock` that begins at `START`."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass, given as `timedelta` takes it."""
        self.now += timedelta(**by)


@dataclass
class FakeSeconds:
    """A clock of seconds since whenever."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

"""What is measured, and what must hold of it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil


@dataclass(frozen=True)
class Sample:
    """What one measurement of one side gave.

    Attributes:
        figures: What was measured -> its value, such as "requests/s" or "p99 ms".
        requests: How many were served: what processor time is divided by; 0 for none.
    """

    figures: Mapping[str, float]
    requests: int = 0


@dataclass(frozen=True, eq=False)
class Side:
    """One of the things that are compared.

    Attributes:
        name: What it is, in few words.
        measure: Measures it once, for about so many seconds.
        pids: The processes that serve it, by name.
        warms_up: It is measured once for nothing before the rounds.
    """

    name: str
    measure: Callable[[float], Awaitable[Sample]]
    pids: Mapping[str, int] = field(default_factory=dict)
    warms_up: bool = True


@dataclass(frozen=True)
class Limit:
    """What must hold of a ratio, or of a figure that is compared with nothing."""

    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        """Whether `value` is within."""
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    def __str__(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:.3g}"
        return f"≤ {self.at_most:.3g}" if self.at_most is not None else ""


def at_least(value: float) -> Limit:
    """A lower limit."""
    return Limit(at_least=value)


def at_most(value: float) -> Limit:
    """An upper limit."""
    return Limit(at_most=value)


@dataclass(frozen=True)
class Comparison:
    """A subject beside a reference, or by itself.

    Sides that several comparisons share are measured once a round.

    Attributes:
        subject: What is asked about.
        reference: What its figures are divided by; None where they are judged as they are.
        limits: Figure -> what must hold of its ratio, or of the figure without a reference.
    """

    subject: Side
    reference: Side | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent of `values` do not exceed; they are not empty."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]

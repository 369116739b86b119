"""Metrics as tests read them: this process's own, and those that another one shows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


def value_of(name: str, labels: Mapping[str, str] | None = None) -> float:
    """A sample of this process; 0 where it is not there."""
    return REGISTRY.get_sample_value(name, dict(labels or {})) or 0.0


class Growth:
    """By how much a sample has grown."""

    def __init__(self, name: str, labels: Mapping[str, str] | None = None) -> None:
        self._of = name, labels
        self._before = value_of(name, labels)

    def __call__(self) -> float:
        return value_of(*self._of) - self._before


@contextmanager
def grows(name: str, labels: Mapping[str, str] | None = None, by: float = 1) -> Iterator[None]:
    """A sample of this process grows by so much meanwhile."""
    growth = Growth(name, labels)
    yield
    assert growth() == by, (name, labels)


def shown_at(ops: str) -> list[Sample]:
    """All samples of the process whose ops port is at the URL `ops`."""
    answer = httpx.get(f"{ops}/metrics", timeout=20)
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return [sample for family in families for sample in family.samples]

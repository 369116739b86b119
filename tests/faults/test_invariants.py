"""What the invariants complain of, on books that are written by hand."""

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.invariants import Books, broken

EMPTY = Books(
    products={},
    orders={},
    payments={},
    replicas={"cart": {}, "orders": {}, "payments": {}},
    paid_orders={},
    charges={},
    dead_letters={"cart": 0, "orders": 0},
    rejected_events={"cart": 0, "orders": 0},
)


def test_a_shop_that_has_done_nothing_breaks_nothing() -> None:
    assert broken(EMPTY, {}) == []


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({"dead_letters": {"cart": 0, "orders": 2}}, "orders gave up 2 events"),
        ({"rejected_events": {"cart": 1, "orders": 0}}, "cart could not publish 1 events"),
    ],
)
def test_events_that_were_given_up_are_complained_of(left: dict[str, Any], said: str) -> None:
    assert broken(replace(EMPTY, **left), {}) == [said]

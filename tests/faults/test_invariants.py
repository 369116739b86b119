"""What the invariants complain of, on books that are written by hand."""

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.invariants import Books, _stock, broken

EMPTY = Books(
    products={},
    reservations={},
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


def lamp(reserved: int, *recent: str) -> dict[str, Any]:
    """A product of which so many are said to be reserved, and entries of orders of one each."""
    figures = {"quantity": 9, "reserved": reserved, "available": 9 - reserved}
    return figures | {"deleted": True, "recent": [entry(*each.split()) for each in recent]}


def entry(order_id: str, state: str) -> dict[str, Any]:
    return {"product_id": "lamp", "order_id": order_id, "quantity": 1, "state": state}


@pytest.mark.parametrize(
    ("product", "complaints"),
    [
        (lamp(2, "o1 reserved"), 0),
        (lamp(1, "o2 sold"), 1),
        (lamp(0, "o2 released"), 0),
        (lamp(3, "o1 reserved"), 1),
    ],
)
def test_what_is_reserved_is_what_the_last_word_on_each_order_says(
    product: dict[str, Any], complaints: int
) -> None:
    order = {"status": "pending"}
    books = replace(
        EMPTY,
        products={"lamp": product},
        reservations={"lamp/o2": entry("o2", "reserved")},
        orders={"o1": order, "o2": order},
    )
    assert len(list(_stock(books))) == complaints

"""Whatever the order in which facts arrive, and however often, they lead to the same stock."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, combinations_with_replacement, permutations

import pytest

from svc_catalog.model.stock import (
    NOTHING,
    OutOfStock,
    Reservation,
    Shortage,
    State,
    StockChange,
    StockLine,
    release,
    restock,
    sell,
    summed,
    undo,
)

Rule = Callable[[Reservation], StockChange | None]

STOCK = 10
BOUGHT = 3


def replayed(facts: Sequence[Rule]) -> tuple[int, int, State]:
    """Quantity, reserved and state after a reservation and then `facts`."""
    reservation = Reservation(State.RESERVED, BOUGHT)
    quantity, reserved = STOCK, BOUGHT
    for fact in facts:
        change = fact(reservation)
        if change is not None:
            reservation = change.after
            quantity, reserved = quantity + change.quantity, reserved + change.reserved
            assert 0 <= reserved <= quantity
    return quantity, reserved, reservation.state


REFUND: Rule = partial(restock, quantity=BOUGHT)
SELL: Rule = partial(sell, quantity=BOUGHT)


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ([SELL], STOCK - BOUGHT),
        ([release], STOCK),
        ([SELL, REFUND], STOCK),
        ([SELL, release], STOCK),
        ([SELL, release, REFUND], STOCK),
        ([release, REFUND], STOCK),
    ],
    ids=["paid", "expired", "returned", "paid too late", "paid too late, refunded", "odd"],
)
def test_order_and_repetition_do_not_matter(facts: list[Rule], left: int) -> None:
    repeated = chain.from_iterable(
        combinations_with_replacement(facts, length) for length in range(len(facts), len(facts) + 3)
    )
    for chosen in repeated:
        if set(chosen) != set(facts):
            continue
        for story in permutations(chosen):
            quantity, reserved, _ = replayed(story)
            assert (quantity, reserved) == (left, 0), story


@pytest.mark.parametrize("state", [State.RELEASED, State.SOLD, State.RESTOCKED])
def test_an_ended_order_is_closed(state: State) -> None:
    assert Reservation(state, 1).closed


def test_an_order_that_never_held_anything_leaves_no_tombstone() -> None:
    assert release(NOTHING) is None


def test_undo_gives_back_what_its_own_call_holds_and_leaves_the_order_open() -> None:
    assert undo(Reservation(State.RESERVED, 4, "mine"), "mine") == StockChange(NOTHING, reserved=-4)
    assert undo(Reservation(State.RESERVED, 4, "another's"), "mine") is None
    assert undo(NOTHING, "mine") is None
    assert undo(Reservation(State.SOLD, 4), "mine") is None


def test_a_payment_without_a_reservation_takes_what_is_available() -> None:
    assert sell(NOTHING, 2) == StockChange(Reservation(State.SOLD, 2), quantity=-2)
    assert sell(Reservation(State.RELEASED, 2), 2) is None


def test_a_refund_restocks_a_sale_whose_tombstone_is_gone() -> None:
    change = restock(NOTHING, 4)
    assert change == StockChange(Reservation(State.RESTOCKED, 4), quantity=4)
    assert change.available == 4


def test_lines_of_one_product_count_together() -> None:
    lines = [StockLine("a", 2), StockLine("b", 1), StockLine("a", 3)]
    assert summed(lines) == {"a": 5, "b": 1}


def test_out_of_stock_says_how_many_there_are() -> None:
    refusal = OutOfStock((Shortage("a", "Lamp", 3, 2), Shortage("b", "Vase", 1, 0)))
    assert refusal.message == "Only 2 of Lamp can be bought. Vase is sold out."

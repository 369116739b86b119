"""Lines that are merged, priced and summed."""

import pytest

from chassis.currencies import Money
from chassis.errors import InvalidField
from svc_orders.model.lines import Item, Line, merged, snapshot, total_of
from svc_orders.model.refusals import PriceChanged

TEN = Money(1000, "USD")
ELEVEN = Money(1100, "USD")


def item(product_id: str, price: Money = TEN, quantity: int = 1) -> Item:
    return Item(product_id, product_id.title(), price, quantity)


def test_lines_of_a_product_count_together() -> None:
    assert merged([Line("b", 2), Line("a", 1), Line("b", 3, TEN)]) == (
        Line("a", 1),
        Line("b", 5, TEN),
    )


def test_the_limit_holds_for_the_sum() -> None:
    assert merged([Line("a", 50), Line("a", 49)]) == (Line("a", 99),)
    with pytest.raises(InvalidField) as refused:
        merged([Line("a", 50), Line("b", 1), Line("a", 50)])
    assert refused.value.field == "items[2].quantity"


def test_a_product_was_shown_at_one_price() -> None:
    assert merged([Line("a", 1, TEN), Line("a", 1, TEN)]) == (Line("a", 2, TEN),)
    with pytest.raises(InvalidField) as refused:
        merged([Line("a", 1, TEN), Line("a", 1, ELEVEN)])
    assert refused.value.field == "items[1].expected_price"


def test_the_total_is_the_sum_of_the_lines() -> None:
    assert total_of([item("a", TEN, 3), item("b", ELEVEN)]) == Money(4100, "USD")


def test_a_total_has_one_currency() -> None:
    with pytest.raises(InvalidField) as refused:
        total_of([item("a"), item("b", Money(1000, "EUR"))])
    assert refused.value.field == "items"


def test_a_snapshot_names_every_line_whose_price_has_changed() -> None:
    reserved = {"a": item("a", ELEVEN), "b": item("b"), "c": item("c", ELEVEN)}
    assert snapshot([Line("b", 1, TEN), Line("c", 1)], reserved) == (item("b"), item("c", ELEVEN))
    with pytest.raises(PriceChanged) as refused:
        snapshot([Line("a", 1, TEN), Line("b", 1, TEN), Line("c", 1, TEN)], reserved)
    assert [(each.product_id, each.expected, each.price) for each in refused.value.lines] == [
        ("a", TEN, ELEVEN),
        ("c", TEN, ELEVEN),
    ]

"""The rules of a cart's lines."""

from dataclasses import replace

import pytest

from chassis.errors import InvalidField, NotFound
from svc_cart.model.cart import MAX_LINES, Purchase
from svc_cart.model.refusals import OutOfStock, Shortage
from tests.unit.svc_cart.samples import NOON, cart, line, product, usd


def test_adding_begins_a_line_and_then_adds_to_it() -> None:
    filled = cart().add(product("lamp"), 1, NOON).add(product("vase"), 1, NOON)
    filled = filled.add(product("lamp"), 2, NOON)
    assert filled.lines == (line("lamp", 3), line("vase", 1))


def test_a_line_holds_99() -> None:
    assert cart(line(quantity=98)).add(product(), 1, NOON).lines[0].quantity == 99
    with pytest.raises(InvalidField, match="a line holds 99 and has 98") as refusal:
        cart(line(quantity=98)).add(product(), 2, NOON)
    assert refusal.value.field == "quantity"


def test_a_cart_holds_50_products() -> None:
    full = cart(*(line(f"p{number}") for number in range(MAX_LINES)))
    assert full.add(product("p0"), 1, NOON)
    with pytest.raises(InvalidField) as refusal:
        full.add(product("one more"), 1, NOON)
    assert refusal.value.field == "product_id"


def test_no_more_than_there_is() -> None:
    scarce = product(available=3)
    assert cart(line(quantity=1)).add(scarce, 2, NOON).lines[0].quantity == 3
    with pytest.raises(OutOfStock) as refusal:
        cart(line(quantity=1)).add(scarce, 3, NOON)
    assert refusal.value.lines == (Shortage("lamp", "Lamp", 4, 3),)
    with pytest.raises(OutOfStock):
        cart(line()).set_quantity(scarce, 4)
    with pytest.raises(OutOfStock) as refusal:
        cart(line()).set_quantity(product(deleted=True), 1)
    assert refusal.value.lines == (Shortage("lamp", "Lamp", 1, 0),)


def test_setting_needs_the_line() -> None:
    assert cart(line(quantity=5)).set_quantity(product(), 2).lines == (line(quantity=2),)
    with pytest.raises(NotFound):
        cart().set_quantity(product(), 1)


def test_removing_needs_nothing() -> None:
    assert cart(line("lamp"), line("vase")).remove("lamp").lines == (line("vase"),)
    assert cart(line("vase")).remove("lamp").lines == (line("vase"),)


def test_a_guests_lines_are_added_up_to_the_limits() -> None:
    guest = cart(line("lamp", 60, 900), line("rug", 2), id="g1")
    both = cart(line("lamp", 50), line("vase", 1)).take_in(guest)
    assert both.lines == (line("lamp", 99, 900), line("vase", 1), line("rug", 2))
    assert both.merged == ("g1",)
    full = cart(*(line(f"p{number}") for number in range(MAX_LINES)))
    assert len(full.take_in(guest).lines) == MAX_LINES


def test_what_was_bought_leaves_and_no_more() -> None:
    filled = cart(line("lamp", 3), line("vase", 1), line("rug", 1))
    purchase = Purchase("c1", 0, {"lamp": 2, "vase": 4, "other": 1})
    left = filled.sold(purchase)
    assert left.lines == (line("lamp", 1), line("rug", 1))
    assert left.generation == 1
    assert left.sold(purchase) == left
    assert filled.sold(replace(purchase, cart_id="c2")) == filled


def test_what_was_put_in_again_after_the_order_stays() -> None:
    filled = replace(cart(), version=4).add(product("lamp"), 2, NOON)
    again = replace(filled.remove("lamp"), version=6).add(product("lamp"), 2, NOON)
    purchase = Purchase("c1", 0, {"lamp": 2}, version=5)
    assert filled.sold(purchase).lines == ()
    assert again.sold(purchase).lines == again.lines


def test_prices_that_were_shown() -> None:
    shown = cart(line("lamp"), line("vase")).with_prices_acknowledged(
        {"lamp": usd(5), "rug": usd(7)}
    )
    assert shown.lines == (line("lamp", amount_minor=5), line("vase"))

"""The rules of a product's fields."""

import pytest

from chassis.currencies import Money
from chassis.errors import InvalidField
from svc_catalog.model.products import VersionConflict
from tests.unit.svc_catalog.samples import fields, product


def test_blanks_around_texts_are_dropped() -> None:
    checked = fields(title="  Lamp ", category=" Lighting ", description="\n").checked("USD")
    assert (checked.title, checked.category, checked.description) == ("Lamp", "Lighting", "")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " \t "}, "title"),
        ({"category": "  "}, "category"),
        ({"price": Money(0, "USD")}, "price.amount_minor"),
        ({"price": Money(100, "EUR")}, "price.currency"),
    ],
)
def test_a_broken_rule_names_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        fields(**changes).checked("USD")
    assert refusal.value.field == field


def test_an_update_keeps_the_picture_unless_it_brings_one() -> None:
    current = product(image_key="a" * 64)
    assert current.updated(fields(title="New"), 1).fields.image_key == "a" * 64
    assert current.updated(fields(image_key="b" * 64), 1).fields.image_key == "b" * 64


def test_an_update_of_another_version_is_refused_with_the_current_product() -> None:
    current = product()
    with pytest.raises(VersionConflict) as refusal:
        current.updated(fields(), 2)
    assert refusal.value.current == current


def test_what_is_reserved_can_not_be_taken_away() -> None:
    current = product(quantity=10, reserved=4)
    assert current.updated(fields(quantity=4), 1).available == 0
    with pytest.raises(InvalidField) as refusal:
        current.updated(fields(quantity=3), 1)
    assert refusal.value.field == "quantity"


@pytest.mark.parametrize(
    ("amount", "currency", "message"),
    [
        (100_000_000, "USD", "must be at most 99999999, $999,999.99: more cannot be charged"),
        (1_000_000, "ISK", "must be at most 999999, 999,999 ISK: more cannot be charged"),
        (5125, "KWD", "must be a multiple of 10: other amounts in KWD cannot be charged"),
    ],
)
def test_a_price_that_can_never_be_charged_is_refused(
    amount: int, currency: str, message: str
) -> None:
    lamp = fields(price=Money(amount, currency))
    with pytest.raises(InvalidField) as refused:
        lamp.checked(currency)
    assert (refused.value.field, refused.value.message) == ("price.amount_minor", message)


def test_a_price_below_the_least_charge_may_add_up_to_one() -> None:
    lamp = fields(price=Money(10, "USD"))
    assert lamp.checked("USD").price == Money(10, "USD")

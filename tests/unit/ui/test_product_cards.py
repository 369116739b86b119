"""Cards of products: rendered once, and always what the product is."""

from typing import Any

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from tests.unit.ui import samples
from ui.rendering.assets import Assets
from ui.rendering.environment import environment
from ui.rendering.product_cards import ProductCards

EURO = {"amountMinor": 4950, "currency": "EUR"}


@pytest.fixture
def cards() -> ProductCards:
    return ProductCards(environment(Assets()))


def test_a_card_is_rendered_once(cards: ProductCards) -> None:
    card = cards(samples.product())
    assert "Walnut pepper mill" in card
    # What it does not show changes nothing of it.
    assert cards(samples.product(version=4, description="It grinds more.")) is card


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"id": "p2"}, "/products/p2"),
        ({"title": "Mug <1>"}, "Mug &lt;1&gt;"),
        ({"price": samples.usd(9900)}, "$99.00"),
        ({"price": EURO}, "€49.50"),
        ({"available": 2}, "Only 2 left"),
        ({"available": 0}, "is-sold-out"),
        ({"imageUrl": "/media/x.webp"}, "/media/x.webp"),
        ({"images": [{"width": 1280, "url": "/media/y.webp"}]}, "/media/y.webp 1280w"),
        ({"images": [], "imageUrl": ""}, "<svg"),
    ],
)
def test_a_card_shows_what_has_changed(
    cards: ProductCards, changes: samples.Json, shown: str
) -> None:
    assert shown not in cards(samples.product())
    assert shown in cards(samples.product(**changes))


def test_a_card_depends_on_where_it_stands(cards: ProductCards) -> None:
    product = samples.product()
    assert "<h2" in cards(product)
    assert "<h3" in cards(product, level=3)
    assert ("fetchpriority" in cards(product), "fetchpriority" in cards(product, eager=True)) == (
        False,
        True,
    )


class Watched(dict[str, Any]):
    """A product that remembers what was read of it."""

    def __init__(self, product: samples.Json) -> None:
        super().__init__(product)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)


def test_a_card_shows_nothing_but_what_it_is_kept_by(cards: ProductCards) -> None:
    product = Watched(samples.product())
    cards(product)
    by_template = product.read.copy()
    product.read.clear()
    cards(product)
    assert by_template == product.read


def test_the_least_recently_shown_leaves_first() -> None:
    made: list[str] = []
    card = "{% macro product_card(product, eager, level) %}{{ made(product.id) }}{% endmacro %}"
    templates = Environment(loader=DictLoader({"parts/product_card.html": card}), autoescape=True)
    templates.globals["made"] = made.append
    cards = ProductCards(templates, most=2)
    for product_id in ("a", "b", "a", "c", "a", "b"):
        assert isinstance(cards(samples.product(id=product_id)), Markup)
    assert made == ["a", "b", "c", "b"]

import re
from collections import Counter

import pytest

from devstack.demo.catalogue import DemoProduct, load_catalogue

CATALOGUE = load_catalogue()


def test_there_are_six_categories_with_twelve_products_each() -> None:
    sizes = Counter(product.category for product in CATALOGUE)
    assert sizes == dict.fromkeys(
        ("Audio", "Kitchen", "Lighting", "Office", "Outdoor", "Textiles"), 12
    )


@pytest.mark.parametrize("field", ["slug", "title", "description"])
def test_no_two_products_share_it(field: str) -> None:
    values = Counter(getattr(product, field) for product in CATALOGUE)
    assert [value for value, count in values.items() if count > 1] == []


@pytest.mark.parametrize("product", CATALOGUE, ids=lambda product: product.slug)
def test_a_product_is_fit_to_be_sold(product: DemoProduct) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", product.slug)
    assert 5 <= len(product.title) <= 60
    assert product.currency == "USD"
    assert 1_000 <= product.price_minor <= 100_000
    assert 0 <= product.quantity <= 500


@pytest.mark.parametrize("product", CATALOGUE, ids=lambda product: product.slug)
def test_a_description_is_a_short_paragraph(product: DemoProduct) -> None:
    sentences = re.findall(r"[.!?](?:\s|$)", product.description)
    assert 2 <= len(sentences) <= 3
    assert 90 <= len(product.description) <= 260
    assert "\n" not in product.description
    assert "  " not in product.description


def test_some_stock_is_low_and_two_products_are_sold_out() -> None:
    quantities = [product.quantity for product in CATALOGUE]
    assert quantities.count(0) == 2
    assert sum(1 <= quantity <= 5 for quantity in quantities) >= 4

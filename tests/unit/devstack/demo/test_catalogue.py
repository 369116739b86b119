import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from devstack import demo
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


@pytest.mark.parametrize("product", load_catalogue(), ids=lambda product: product.slug)
def test_a_product_has_a_picture_of_its_own(product: DemoProduct) -> None:
    with Image.open(BytesIO(product.picture())) as picture:
        assert (picture.format, picture.size) == ("WEBP", (1280, 1280))


def test_all_pictures_are_of_products_and_small_together() -> None:
    files = list((Path(demo.__file__).parent / "pictures").iterdir())
    assert {file.name for file in files} == {f"{each.slug}.webp" for each in load_catalogue()}
    assert len({file.read_bytes() for file in files}) == len(files)
    assert sum(file.stat().st_size for file in files) <= 4_000_000

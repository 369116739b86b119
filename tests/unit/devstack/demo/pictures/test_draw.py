from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageChops

from devstack.demo.catalogue import DemoProduct, load_catalogue
from devstack.demo.pictures import draw
from devstack.demo.pictures.shelf import SHELF

CATALOGUE = load_catalogue()
ONE_OF_EACH_CATEGORY = {product.category: product for product in CATALOGUE}.values()


def _opened(jpeg: bytes) -> Image.Image:
    with Image.open(BytesIO(jpeg)) as picture:
        picture.load()
    return picture


def test_every_product_is_drawn_and_every_drawing_is_sold() -> None:
    assert set(SHELF) == {product.slug for product in CATALOGUE}


def test_no_two_products_share_a_drawing() -> None:
    assert len({repr(picture.drawing) for picture in SHELF.values()}) == len(SHELF)


@pytest.mark.parametrize("product", CATALOGUE, ids=lambda product: product.slug)
def test_a_picture_is_a_square_jpeg_that_is_quick_to_load(product: DemoProduct) -> None:
    jpeg = draw(product)
    picture = _opened(jpeg)
    assert picture.format == "JPEG"
    assert picture.size == (1280, 1280)
    assert len(jpeg) < 400_000


@pytest.mark.parametrize("product", ONE_OF_EACH_CATEGORY, ids=lambda product: product.slug)
def test_a_picture_shows_something_in_its_middle(product: DemoProduct) -> None:
    middle = _opened(draw(product)).crop((320, 320, 960, 960)).convert("L")
    darkest, brightest = middle.getextrema()
    assert isinstance(darkest, float | int)
    assert isinstance(brightest, float | int)
    assert brightest - darkest > 90


@pytest.mark.parametrize("product", ONE_OF_EACH_CATEGORY, ids=lambda product: product.slug)
def test_the_same_product_has_the_same_bytes_each_time(product: DemoProduct) -> None:
    assert draw(product) == draw(product)


def test_a_picture_depends_on_the_product_alone_and_not_on_what_was_drawn_before() -> None:
    first, second = CATALOGUE[0], CATALOGUE[-1]
    fresh = draw(first)
    draw(second)
    assert ImageChops.difference(_opened(draw(first)), _opened(fresh)).getbbox() is None


def test_a_product_nobody_has_drawn_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="unheard-of"):
        draw(replace(CATALOGUE[0], slug="unheard-of"))

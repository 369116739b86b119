import pytest
from PIL import Image

from devstack.demo.pictures.paint import Paint, across, blend, faded, glow, mixed

SIZE = (100, 60)
BOX = (0.0, 0.0, 100.0, 60.0)


def _red(image: Image.Image, x: int, y: int) -> int:
    pixel = image.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return int(pixel[0])


def _alpha(image: Image.Image, x: int, y: int) -> int:
    pixel = image.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return int(pixel[3])


@pytest.mark.parametrize(
    ("part", "colour"), [(0.0, "#000000ff"), (0.5, "#808080ff"), (1.0, "#ffffffff")]
)
def test_mixing_goes_from_the_first_colour_to_the_second(part: float, colour: str) -> None:
    assert mixed("#000000", "#ffffff", part) == colour


def test_fading_keeps_the_colour() -> None:
    assert faded("#123456", 0.5) == "#12345680"


def test_across_runs_from_left_to_right() -> None:
    image = across("#000000", "#ffffff").image(SIZE, BOX)
    assert _red(image, 0, 30) < 10 < 100 < _red(image, 50, 30) < 155 < 245 < _red(image, 99, 30)
    assert _red(image, 50, 0) == _red(image, 50, 59)


def test_blend_runs_down_and_can_be_turned_round() -> None:
    down = blend("#000000", "#ffffff").image(SIZE, BOX)
    up = blend("#000000", "#ffffff", angle=270).image(SIZE, BOX)
    assert _red(down, 50, 2) < 10
    assert _red(up, 50, 2) > 245


def test_a_gradient_goes_on_at_its_last_colour_outside_its_box() -> None:
    image = across("#000000", "#ffffff").image(SIZE, (40.0, 0.0, 60.0, 60.0))
    assert _red(image, 0, 30) == 0
    assert _red(image, 99, 30) == 255


def test_a_glow_has_faded_out_at_the_rim() -> None:
    image = glow("#ffffff", 0.8).image((100, 100), (0.0, 0.0, 100.0, 100.0))
    assert _alpha(image, 50, 50) > 195
    assert _alpha(image, 1, 50) <= 1
    assert _alpha(image, 3, 3) == 0


def test_stops_hold_the_colour_they_name() -> None:
    paint = Paint(((0.0, "#000000"), (0.25, "#ff0000"), (1.0, "#000000")), angle=0.0)
    assert _red(paint.image(SIZE, BOX), 25, 30) > 240

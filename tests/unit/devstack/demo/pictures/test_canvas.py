from PIL import Image

from devstack.demo.pictures.canvas import SIZE, Canvas
from devstack.demo.pictures.paint import across
from devstack.demo.pictures.paths import box, ellipse

RED = (255, 0, 0, 255)
CLEAR = (0, 0, 0, 0)


def _pixel(canvas: Canvas, x: int, y: int) -> object:
    return canvas.image.getpixel((x, y))


def _alpha(canvas: Canvas, x: int, y: int) -> int:
    pixel = canvas.image.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return int(pixel[3])


def test_a_shape_covers_its_inside_and_nothing_else() -> None:
    canvas = Canvas()
    canvas.fill(box(100, 100, 200, 200), "#ff0000")
    assert _pixel(canvas, 200, 200) == RED
    assert _pixel(canvas, 95, 200) == CLEAR
    assert canvas.image.getbbox() == (100, 100, 301, 301)


def test_an_edge_is_smooth() -> None:
    canvas = Canvas()
    canvas.fill(ellipse(640, 640, 300), "#ff0000")
    assert len(canvas.image.getchannel("A").getcolors() or []) > 4


def test_a_blurred_shape_fades_out() -> None:
    canvas = Canvas()
    canvas.fill(box(400, 400, 400, 400), "#ff0000", blur=20)
    inside, edge, outside = (_alpha(canvas, x, 600) for x in (600, 400, 330))
    assert inside == 255
    assert 90 < edge < 165
    assert outside == 0


def test_nested_clips_leave_only_what_lies_in_both() -> None:
    canvas = Canvas()
    with canvas.within(box(100, 100, 400, 400)), canvas.within(box(300, 300, 400, 400)):
        canvas.fill(box(0, 0, SIZE, SIZE), "#ff0000")
    canvas.fill(box(900, 900, 50, 50), "#ff0000")
    assert _pixel(canvas, 400, 400) == RED
    assert _pixel(canvas, 200, 200) == CLEAR
    assert _pixel(canvas, 600, 600) == CLEAR
    assert _pixel(canvas, 920, 920) == RED


def test_what_lies_off_the_canvas_is_cut_or_left_out() -> None:
    canvas = Canvas()
    canvas.fill(box(-500, 10, 100, 100), "#ff0000")
    canvas.line([(-90, -90), (-50, -50)], 9, "#ff0000")
    assert canvas.image.getbbox() is None
    canvas.fill(box(-50, 1200, 100, 500), "#ff0000")
    assert _pixel(canvas, 0, SIZE - 1) == RED


def test_a_gradient_spans_the_shape_even_where_it_is_cut_off() -> None:
    canvas = Canvas()
    canvas.fill(box(-400, 0, 800, 100), across("#000000", "#ffffff"))
    at_the_cut = _pixel(canvas, 0, 50)
    assert isinstance(at_the_cut, tuple)
    assert 115 < at_the_cut[0] < 140


def test_a_texture_shows_only_where_its_pattern_is() -> None:
    canvas = Canvas()
    pattern = Image.new("L", (SIZE, SIZE))
    pattern.paste(255, (0, 0, 640, SIZE))
    canvas.texture(box(600, 600, 80, 80), pattern, "#ff0000")
    assert _pixel(canvas, 620, 640) == RED
    assert _pixel(canvas, 660, 640) == CLEAR


def test_light_is_kept_apart_from_the_object() -> None:
    canvas = Canvas()
    canvas.light(ellipse(640, 640, 100), across("#ffffff", "#ffffff"))
    assert canvas.image.getbbox() is None
    assert len(canvas.lights) == 1

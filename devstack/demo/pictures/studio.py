"""The photo studio: backdrops, light, shadows, and the finished JPEG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageColor, ImageFilter

from devstack.demo.pictures.canvas import SIZE, Canvas, Light
from devstack.demo.pictures.paint import Paint, faded, mixed, shade, tint
from devstack.demo.pictures.paths import box, moved

_SMALL = 160
"""Shadows are worked out on a picture this wide: they are soft anyway."""

_WHOLE = box(0, 0, SIZE, SIZE)

_QUALITY = 90

_LOWERED = 36
"""How far below the middle a standing object is, in pixels: it should look heavy."""


class Pose(Enum):
    """Where the object is, which decides how light and shadow fall."""

    STANDING = "standing"
    """On the floor, which its lowest point touches."""
    HANGING = "hanging"
    """In front of a wall."""
    LYING = "lying"
    """On a table, seen from above."""


@dataclass(frozen=True, slots=True)
class Picture:
    """All that makes one picture.

    Attributes:
        drawing: Paints the object on an empty canvas.
        pose: How the object is placed.
        backdrop: Colour of the paper behind it.
    """

    drawing: Callable[[Canvas], None]
    pose: Pose
    backdrop: str


def photograph(picture: Picture) -> bytes:
    """The finished picture as JPEG: the same bytes each time."""
    canvas, pose, backdrop = Canvas(), picture.pose, picture.backdrop
    picture.drawing(canvas)
    dx, dy = _framing(canvas.image, pose)
    scene = _backdrop(pose, backdrop)
    subject = ImageChops.offset(canvas.image, dx, dy)
    alpha = subject.getchannel("A")
    outline = alpha.resize((_SMALL, _SMALL), Image.Resampling.BOX)
    dark = ImageColor.getrgb(mixed(backdrop, "#1a1020", 0.82))
    scene.paste(dark, (0, 0), _SHADOWS[pose](outline).resize(scene.size, Image.Resampling.BICUBIC))
    _shine(scene, canvas.lights, dx, dy)
    scene.paste(subject, (0, 0), subject)
    scene.paste(dark, (0, 0), ImageChops.multiply(alpha, _dusk()))
    stream = BytesIO()
    scene.save(stream, "JPEG", quality=_QUALITY, subsampling=0)
    return stream.getvalue()


def _framing(subject: Image.Image, pose: Pose) -> tuple[int, int]:
    """How far to move the object to the middle; not, where it comes in over the edge."""
    left, top, right, bottom = subject.getbbox() or (0, 0, SIZE, SIZE)
    if min(left, top, SIZE - right, SIZE - bottom) <= 0:
        return 0, 0
    lowered = _LOWERED if pose is Pose.STANDING else 0
    return (SIZE - left - right) // 2, (SIZE - top - bottom) // 2 + lowered


def _shine(scene: Image.Image, lights: Sequence[Light], dx: int, dy: int) -> None:
    if not lights:
        return
    air = Canvas()
    for path, paint, blur in lights:
        air.fill(moved(path, dx, dy), paint, blur=blur)
    scene.paste(air.image, (0, 0), air.image)


def _backdrop(pose: Pose, colour: str) -> Image.Image:
    bright = Image.new("RGB", (SIZE, SIZE), tint(colour, 0.55))
    deep = Image.new("RGB", (SIZE, SIZE), shade(colour, 0.14))
    return Image.composite(bright, deep, _light(pose))


@lru_cache(maxsize=len(Pose))
def _light(pose: Pose) -> Image.Image:
    """How bright each point of the empty studio is.

    The noise in it is a dither: mixed between two close colours it is about one level strong,
    and without it so soft a gradient would show bands.
    """
    canvas = Canvas()
    canvas.fill(_WHOLE, _SWEEP if pose is Pose.STANDING else _WALL)
    window = (
        (0.0, faded("#ffffff", 0.6)),
        (0.3, faded("#ffffff", 0.3)),
        (1.0, faded("#ffffff", 0)),
    )
    canvas.fill(_WHOLE, Paint(window, centre=(0.28, 0.22), reach=1.6))
    noise = Random(1).randbytes(SIZE * SIZE)  # noqa: S311 - a texture, not a secret
    dither = Image.frombytes("L", (SIZE, SIZE), noise).point(lambda v: v * 12 // 256)
    return ImageChops.add(canvas.image.convert("L"), dither, 1, -6)


def _grey(level: float) -> str:
    return mixed("#000000", "#ffffff", level)


_SWEEP = Paint(
    (
        (0.0, _grey(0.5)),
        (0.5, _grey(0.36)),
        (0.7, _grey(0.16)),
        (0.88, _grey(0.62)),
        (1, _grey(0.8)),
    )
)
"""A paper sweep: the wall darkens towards the floor, and the floor catches the light again."""

_WALL = Paint(((0.0, _grey(0.62)), (0.5, _grey(0.4)), (1.0, _grey(0.1))), angle=56)


@lru_cache(maxsize=1)
def _dusk() -> Image.Image:
    """Shade on the side of the object that is away from the light, the lower right."""
    canvas = Canvas()
    stops = ((0.0, faded("#ffffff", 0)), (0.45, faded("#ffffff", 0)), (0.85, faded("#ffffff", 0.2)))
    canvas.fill(_WHOLE, Paint(stops, angle=50))
    return canvas.image.getchannel("A")


def _standing(outline: Image.Image) -> Image.Image:
    left, top, right, bottom = outline.getbbox() or (0, 0, 1, 1)
    # The outline itself, laid back on the floor and leaning away from the light.
    floor, squash, lean = bottom - 3, 0.24, 2.1
    matrix = (1, lean, -lean * floor, 0, 1 / squash, floor - floor / squash)
    cast = outline.transform(
        outline.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    ).filter(ImageFilter.GaussianBlur(4))
    depth = max(3, (bottom - top) // 16)
    sole = outline.crop((left, bottom - depth, right, bottom)).resize((right - left, 5))
    contact = Image.new("L", outline.size)
    contact.paste(sole, (left + 1, bottom - 4))
    near = contact.filter(ImageFilter.GaussianBlur(1.4))
    around = contact.filter(ImageFilter.GaussianBlur(5))
    return _sum((cast, 0.42), (near, 0.6), (around, 0.6))


def _hanging(outline: Image.Image) -> Image.Image:
    return _sum((_dropped(outline, 11, 13, 8), 0.3))


def _lying(outline: Image.Image) -> Image.Image:
    return _sum((_dropped(outline, 4, 6, 5), 0.4), (_dropped(outline, 1, 2, 1.4), 0.36))


def _dropped(outline: Image.Image, dx: int, dy: int, blur: float) -> Image.Image:
    shadow = Image.new("L", outline.size)
    shadow.paste(outline, (dx, dy))
    return shadow.filter(ImageFilter.GaussianBlur(blur))


def _sum(*shadows: tuple[Image.Image, float]) -> Image.Image:
    total = Image.new("L", (_SMALL, _SMALL))
    for shadow, strength in shadows:
        faint = shadow.point([round(v * strength) for v in range(256)])
        total = ImageChops.screen(total, faint)
    return total


_SHADOWS: dict[Pose, Callable[[Image.Image], Image.Image]] = {
    Pose.STANDING: _standing,
    Pose.HANGING: _hanging,
    Pose.LYING: _lying,
}

"""Colours and gradients. A colour is `#rrggbb` or `#rrggbbaa`."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import cos, radians, sin, sqrt

from PIL import Image, ImageColor

_INK = "#1d1626"
_LIGHT = "#fffaf0"
_FAR = 9
"""Ramps go on at their last value up to this many times their own length; must be odd."""


def mixed(a: str, b: str, part: float) -> str:
    """The colour that far of the way from `a` to `b`."""
    pairs = zip(_rgba(a), _rgba(b), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * part):02x}" for x, y in pairs)


def tint(colour: str, part: float) -> str:
    """The colour nearer to warm light."""
    return mixed(colour, _LIGHT, part)


def shade(colour: str, part: float) -> str:
    """The colour nearer to cool shadow."""
    return mixed(colour, _INK, part)


def faded(colour: str, alpha: float) -> str:
    """The colour at that opacity, 0 to 1."""
    return f"{colour[:7]}{round(alpha * 255):02x}"


@lru_cache(maxsize=1024)
def _rgba(colour: str) -> tuple[int, ...]:
    return (*ImageColor.getrgb(colour), 255)[:4]


Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Paint:
    """A gradient laid over the box of whatever it fills.

    Attributes:
        stops: Position (0 to 1) and colour, in rising order.
        angle: Direction in degrees; 0 runs right, 90 runs down. Ignored when radial.
        centre: Middle of a radial gradient as parts of the box, None for a linear one.
        reach: Radius of a radial gradient as part of the longer side of the box.
    """

    stops: tuple[tuple[float, str], ...]
    angle: float = 90.0
    centre: tuple[float, float] | None = None
    reach: float = 1.0

    def image(self, size: tuple[int, int], box: Box) -> Image.Image:
        """The gradient as an RGBA image.

        Args:
            size: Of the image, in pixels.
            box: Left, top, right and bottom of what the gradient spans, in that image;
                outside of it the gradient's last colours go on.
        """
        ramp, matrix = self._linear(box) if self.centre is None else self._radial(box)
        positions = ramp.transform(size, Image.Transform.AFFINE, matrix)
        positions.putpalette(self._palette(), "RGBA")
        return positions.convert("RGBA")

    def _linear(self, box: Box) -> tuple[Image.Image, Matrix]:
        left, top, right, bottom = box
        c, s = cos(radians(self.angle)), sin(radians(self.angle))
        scale = 256 / max(abs((right - left) * c) + abs((bottom - top) * s), 1)
        a, b = scale * c, scale * s
        middle = 128 * _FAR - a * (left + right) / 2 - b * (top + bottom) / 2
        return _slope(), (0, 0, 1, a, b, middle)

    def _radial(self, box: Box) -> tuple[Image.Image, Matrix]:
        left, top, right, bottom = box
        x, y = self.centre or (0.5, 0.5)
        scale = 128 / max(self.reach * max(right - left, bottom - top), 1)
        across_to = 128 * _FAR - (left + (right - left) * x) * scale
        down_to = 128 * _FAR - (top + (bottom - top) * y) * scale
        return _disc(), (scale, 0, across_to, 0, scale, down_to)

    def _palette(self) -> bytes:
        colours = [_rgba(self.stops[0][1])] * 256
        for (start, a), (end, b) in pairwise((*self.stops, (1.0, self.stops[-1][1]))):
            low, high = round(start * 255), round(end * 255)
            for i in range(low, high + 1):
                part = (i - low) / max(high - low, 1)
                # Eased at both ends, or a crease would show at each stop.
                colours[i] = _rgba(mixed(a, b, part * part * (3 - 2 * part)))
        return bytes(channel for colour in colours for channel in colour)


@lru_cache(maxsize=1)
def _slope() -> Image.Image:
    """0 to 255 down the middle third, and level on both sides of it."""
    field = Image.new("L", (3, 256 * _FAR), 0)
    field.paste(255, (0, 128 * (_FAR + 1), 3, 256 * _FAR))
    field.paste(Image.linear_gradient("L").resize((3, 256)), (0, 128 * (_FAR - 1)))
    return field


@lru_cache(maxsize=1)
def _disc() -> Image.Image:
    """0 in the middle to 255 at a radius of 128, and level from there on."""
    # Pillow's own gradient reaches 255 only at the corners of its square.
    disc = Image.radial_gradient("L").point([min(255, round(v * sqrt(2))) for v in range(256)])
    field = Image.new("L", (256 * _FAR, 256 * _FAR), 255)
    field.paste(disc, (128 * (_FAR - 1), 128 * (_FAR - 1)))
    return field


def blend(*colours: str, angle: float = 90.0) -> Paint:
    """Evenly spaced colours, from the top down unless turned."""
    last = max(len(colours) - 1, 1)
    return Paint(tuple((i / last, colour) for i, colour in enumerate(colours)), angle)


def across(*colours: str) -> Paint:
    """Evenly spaced colours from left to right."""
    return blend(*colours, angle=0.0)


def lit(colour: str, depth: float = 0.2) -> Paint:
    """A flat face under the studio's light, which comes from the top left."""
    return blend(tint(colour, depth * 0.8), colour, shade(colour, depth), angle=62.0)


def round_body(colour: str, gloss: float = 0.25, depth: float = 0.3) -> Paint:
    """The side of something turned: a bright band left of the middle, a reflection at the rim."""
    stops = (
        (0.0, shade(colour, depth * 0.8)),
        (0.1, shade(colour, depth * 0.3)),
        (0.28, tint(colour, gloss)),
        (0.46, colour),
        (0.78, shade(colour, depth * 0.7)),
        (0.94, shade(colour, depth * 1.15)),
        (1.0, shade(colour, depth * 0.85)),
    )
    return Paint(stops, 0.0)


def metal(colour: str, angle: float = 0.0) -> Paint:
    """Polished metal: hard bands of light and dark."""
    stops = (
        (0.0, shade(colour, 0.4)),
        (0.14, tint(colour, 0.15)),
        (0.26, tint(colour, 0.72)),
        (0.36, tint(colour, 0.1)),
        (0.6, shade(colour, 0.28)),
        (0.8, shade(colour, 0.5)),
        (0.9, tint(colour, 0.3)),
        (1.0, shade(colour, 0.35)),
    )
    return Paint(stops, angle)


def ball(colour: str, gloss: float = 0.45, depth: float = 0.4) -> Paint:
    """A sphere: light at the upper left, shadow at the lower right, a lighter rim."""
    stops = (
        (0.0, tint(colour, gloss)),
        (0.3, tint(colour, gloss * 0.35)),
        (0.6, colour),
        (0.9, shade(colour, depth * 0.8)),
        (1.0, shade(colour, depth)),
    )
    return Paint(stops, centre=(0.34, 0.28), reach=1.2)


def glow(colour: str, strength: float = 0.8) -> Paint:
    """Light that fades to nothing at the edge of the box."""
    stops = (
        (0.0, faded(colour, strength)),
        (0.3, faded(colour, strength * 0.62)),
        (0.65, faded(colour, strength * 0.2)),
        (1.0, faded(colour, 0.0)),
    )
    return Paint(stops, centre=(0.5, 0.5), reach=0.5)

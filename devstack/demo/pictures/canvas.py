"""A transparent sheet to paint on, with soft edges, soft shadows and clipping."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import ceil, floor, hypot

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from devstack.demo.pictures.paint import Paint, blend
from devstack.demo.pictures.paths import Path, Point

SIZE = 1280
"""Width and height of every picture, in pixels."""

_FINE = 3
"""Outlines are drawn this much larger and averaged down, which is what smooths their edges."""

_COARSE = 4
"""Blurred outlines are drawn this much smaller: nothing is lost, and a wide blur is cheap."""

Box = tuple[int, int, int, int]
Spot = tuple[float, float, float]
"""Middle and radius."""
Light = tuple[Sequence[Point], Paint, float]
"""Outline, gradient and blur."""


class Canvas:
    """One layer of 1280 by 1280 pixels; later shapes cover earlier ones."""

    def __init__(self) -> None:
        self.image = Image.new("RGBA", (SIZE, SIZE))
        self.lights: list[Light] = []
        self._clips: list[Image.Image] = []

    def fill(self, path: Sequence[Point], paint: Paint | str, *, blur: float = 0.0) -> None:
        """Fill an outline; `blur` (pixels) softens its edge, for shadows and reflections."""
        area = _area(path, blur * 2.5 + 2)
        if _is_empty(area):
            return
        mask = _blurred(path, area, blur) if blur else _sharp(path, area)
        self._lay(mask, area, paint, path)

    def line(self, points: Sequence[Point], width: float, paint: Paint | str) -> None:
        """Draw along points with a round brush of that width."""
        area = _area(points, width / 2 + 2)
        if _is_empty(area):
            return
        self._lay(_brushed(points, width, area), area, paint, points)

    def light(self, path: Sequence[Point], paint: Paint, *, blur: float = 0.0) -> None:
        """Light in the air behind the object: it brightens the scene and throws no shadow."""
        self.lights.append((path, paint, blur))

    def spots(self, path: Sequence[Point], spots: Sequence[Spot], colour: str) -> None:
        """Sprinkle discs inside an outline, all in one pass."""
        area = _area(path, 2)
        left, top = area[:2]
        sheet = Image.new("L", ((area[2] - left) * _FINE, (area[3] - top) * _FINE))
        pen = ImageDraw.Draw(sheet)
        for x, y, radius in spots:
            edges = (x - left - radius, y - top - radius, x - left + radius, y - top + radius)
            pen.ellipse([edge * _FINE for edge in edges], fill=255)
        mask = ImageChops.multiply(sheet.reduce(_FINE), _sharp(path, area))
        self._lay(mask, area, colour, path)

    def texture(self, path: Sequence[Point], pattern: Image.Image, colour: str) -> None:
        """Lay a pattern (an `L` image of the canvas's size) over an outline in one colour."""
        area = _area(path, 2)
        mask = ImageChops.multiply(_sharp(path, area), pattern.crop(area))
        self._lay(mask, area, colour, path)

    @contextmanager
    def within(self, path: Sequence[Point]) -> Iterator[None]:
        """Everything painted inside the block stays inside the outline."""
        clip = _sharp(path, (0, 0, SIZE, SIZE))
        self._clips.append(ImageChops.multiply(clip, self._clips[-1]) if self._clips else clip)
        try:
            yield
        finally:
            self._clips.pop()

    def _lay(self, mask: Image.Image, area: Box, paint: Paint | str, path: Sequence[Point]) -> None:
        if self._clips:
            mask = ImageChops.multiply(mask, self._clips[-1].crop(area))
        paint = blend(paint) if isinstance(paint, str) else paint
        left, top, right, bottom = _extent(path)
        field = (left - area[0], top - area[1], right - area[0], bottom - area[1])
        colour = paint.image(mask.size, field)
        colour.putalpha(ImageChops.multiply(colour.getchannel("A"), mask))
        self.image.alpha_composite(colour, area[:2])


def _extent(points: Sequence[Point]) -> tuple[float, float, float, float]:
    xs = [x for x, _ in points]
    ys = [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _area(points: Sequence[Point], margin: float) -> Box:
    """The box around points in whole pixels, kept on the canvas."""
    left, top, right, bottom = _extent(points)
    return (
        max(0, floor(left - margin)),
        max(0, floor(top - margin)),
        min(SIZE, ceil(right + margin)),
        min(SIZE, ceil(bottom + margin)),
    )


def _is_empty(area: Box) -> bool:
    return area[2] <= area[0] or area[3] <= area[1]


def _sharp(path: Sequence[Point], area: Box) -> Image.Image:
    left, top, right, bottom = area
    mask = Image.new("L", ((right - left) * _FINE, (bottom - top) * _FINE))
    points = [((x - left) * _FINE, (y - top) * _FINE) for x, y in path]
    ImageDraw.Draw(mask).polygon(points, fill=255)
    return mask.reduce(_FINE)


def _blurred(path: Sequence[Point], area: Box, blur: float) -> Image.Image:
    left, top, right, bottom = area
    size = (right - left, bottom - top)
    mask = Image.new("L", (ceil(size[0] / _COARSE), ceil(size[1] / _COARSE)))
    points = [((x - left) / _COARSE, (y - top) / _COARSE) for x, y in path]
    ImageDraw.Draw(mask).polygon(points, fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(blur / _COARSE))
    return soft.resize(size, Image.Resampling.BICUBIC)


def _brushed(points: Sequence[Point], width: float, area: Box) -> Image.Image:
    left, top, right, bottom = area
    mask = Image.new("L", ((right - left) * _FINE, (bottom - top) * _FINE))
    pen = ImageDraw.Draw(mask)
    half = width * _FINE / 2
    fine: Path = [((x - left) * _FINE, (y - top) * _FINE) for x, y in points]
    for x, y in fine:
        pen.ellipse((x - half, y - half, x + half, y + half), fill=255)
    for (ax, ay), (bx, by) in pairwise(fine):
        length = hypot(bx - ax, by - ay) or 1.0
        nx, ny = (by - ay) / length * half, (ax - bx) / length * half
        pen.polygon(
            [(ax + nx, ay + ny), (bx + nx, by + ny), (bx - nx, by - ny), (ax - nx, ay - ny)],
            fill=255,
        )
    return mask.reduce(_FINE)

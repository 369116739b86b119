"""Repeating patterns for cloth, mesh and knit, as masks of the canvas's size."""

from collections.abc import Callable
from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw

from devstack.demo.pictures.canvas import SIZE, Canvas
from devstack.demo.pictures.paths import Path

_FINE = 4


@lru_cache(maxsize=8)
def mesh(pitch: int = 14) -> Image.Image:
    """Round holes in staggered rows: a loudspeaker's grille."""
    size = pitch * _FINE

    def dots(pen: ImageDraw.ImageDraw) -> None:
        radius = size * 0.27
        for x, y in ((0.25, 0.25), (0.75, 0.75)):
            at = (x * size * 1.0, y * size * 1.0)
            small = radius * 0.62
            pen.ellipse((at[0] - small, at[1] - small, at[0] + small, at[1] + small), fill=255)

    return _tiled(pitch, pitch, dots)


@lru_cache(maxsize=8)
def weave(pitch: int = 10) -> Image.Image:
    """Over and under: linen and canvas."""
    size = pitch * _FINE
    half = size / 2

    def threads(pen: ImageDraw.ImageDraw) -> None:
        pen.rounded_rectangle((1, 3, half - 3, half - 4), 5, fill=210)
        pen.rounded_rectangle((half + 1, half + 3, size - 3, size - 4), 5, fill=255)

    return _tiled(pitch, pitch, threads)


@lru_cache(maxsize=8)
def twill(pitch: int = 12) -> Image.Image:
    """Diagonal lines: wool and denim."""
    size = pitch * _FINE

    def lines(pen: ImageDraw.ImageDraw) -> None:
        for shift in (-size, 0, size):
            pen.line((shift, size, shift + size, 0), fill=255, width=size // 4)

    return _tiled(pitch, pitch, lines)


@lru_cache(maxsize=8)
def quilt(pitch: int = 72) -> Image.Image:
    """Seams that cross: padded cloth."""
    size = pitch * _FINE

    def seams(pen: ImageDraw.ImageDraw) -> None:
        pen.line((0, 0, size, size), fill=255, width=22)
        pen.line((0, size, size, 0), fill=255, width=22)

    return _tiled(pitch, pitch, seams)


@lru_cache(maxsize=8)
def ribs(pitch: int = 16) -> Image.Image:
    """Upright lines: corduroy, fluted wood."""
    size = pitch * _FINE

    def line(pen: ImageDraw.ImageDraw) -> None:
        pen.rectangle((0, 0, size * 0.3, size), fill=255)

    return _tiled(pitch, pitch, line)


def _tiled(width: int, height: int, paint: Callable[[ImageDraw.ImageDraw], None]) -> Image.Image:
    large = Image.new("L", (width * _FINE, height * _FINE))
    paint(ImageDraw.Draw(large))
    tile = large.reduce(_FINE)
    field = Image.new("L", (SIZE, SIZE))
    for x in range(0, SIZE, width):
        field.paste(tile, (x, 0))
    row = field.crop((0, 0, SIZE, height))
    for y in range(height, SIZE, height):
        field.paste(row, (0, y))
    return field


def speckle(canvas: Canvas, path: Path, colour: str, seed: int, count: int = 90) -> None:
    """Iron spots in a stoneware glaze."""
    dice = Random(seed)  # noqa: S311 - a texture, not a secret
    xs, ys = [x for x, _ in path], [y for _, y in path]
    spots = [
        (dice.uniform(min(xs), max(xs)), dice.uniform(min(ys), max(ys)), dice.uniform(1.2, 3.6))
        for _ in range(count)
    ]
    canvas.spots(path, spots, colour)

"""Drawings of cloth for the floor."""

from math import cos, radians, sin

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import faded, lit, round_body, shade, tint
from devstack.demo.pictures.parts import BLACK, WHITE, dark, shine
from devstack.demo.pictures.paths import (
    arc,
    box,
    ellipse,
    spline,
)
from devstack.demo.pictures.textures import ribs, weave


def wool_rug(c: Canvas, ground: str, first: str, second: str) -> None:
    """A runner with tassels, partly rolled, from above."""
    for y in range(214, 1076, 18):
        for x, way in ((300, -1), (980, 1)):
            c.line([(x, y), (x + way * 56, y + (y % 5) - 2)], 8, shade("#efe3cb", 0.05 * (y % 3)))
    rug = box(290, 200, 700, 880, 8)
    c.fill(rug, lit(ground, 0.1))
    with c.within(rug):
        c.line([*box(330, 240, 620, 800, 4), (334, 240)], 16, first)
        c.line([*box(360, 270, 560, 740, 4), (364, 270)], 6, second)
        for row, y in enumerate((420, 640, 860)):
            for size, tone in (
                (150, first),
                (116, ground),
                (84, second),
                (48, ground),
                (22, first),
            ):
                diamond = [
                    (640, y - size),
                    (640 + size * 1.3, y),
                    (640, y + size),
                    (640 - size * 1.3, y),
                ]
                c.fill(diamond, tone if row != 1 or size != 84 else shade(second, 0.15))
            for x in (430, 850):
                c.fill([(x, y - 150), (x + 34, y - 110), (x, y - 70), (x - 34, y - 110)], second)
    c.texture(rug, ribs(8), faded(BLACK, 0.13))
    c.texture(rug, weave(10), faded(WHITE, 0.12))


def knitted_pouf(c: Canvas, wool: str) -> None:
    """A round stool of thick knitting."""
    shape = spline(
        [
            (640, 400),
            (900, 440),
            (1050, 620),
            (1050, 800),
            (900, 960),
            (640, 1000),
            (380, 960),
            (230, 800),
            (230, 620),
            (380, 440),
        ],
        closed=True,
    )
    c.fill(shape, round_body(wool, 0.2, 0.35))
    with c.within(shape):
        for k in range(-6, 7):
            x = 640 + k * 72
            bulge = [(640 + k * 12.0, 420), (x, 600), (x + k * 3, 780), (640 + k * 40.0, 1000)]
            c.line(spline(bulge), 9, faded(shade(wool, 0.6), 0.34))
            for j in range(17):
                y = 440 + j * 34
                spread = sin(radians(20 + j * 8.2))
                px = 640 + (k * 72 + 36) * (0.35 + 0.65 * spread)
                c.line(
                    [(px - 22, y - 12), (px, y + 12), (px + 22, y - 12)],
                    12,
                    faded(tint(wool, 0.3), 0.75),
                )
        dark(c, ellipse(640, 1020, 460, 130), 0.42, 60)
        shine(c, ellipse(480, 520, 130, 70), 0.25, 50)
    for angle in range(0, 360, 30):
        end = (640 + 90 * cos(radians(angle)), 446 + 26 * sin(radians(angle)))
        c.line([(640, 446), end], 12, faded(shade(wool, 0.3), 0.5))
    c.fill(ellipse(640, 446, 34, 16), shade(wool, 0.25))
    c.line(arc(640, 446, 34, 16, 0, 360), 5, tint(wool, 0.3))

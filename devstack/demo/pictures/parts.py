"""What many objects are made of: rims, handles, wood, boxes, cables, stitches."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import (
    Paint,
    across,
    blend,
    faded,
    glow,
    lit,
    mixed,
    round_body,
    shade,
    tint,
)
from devstack.demo.pictures.paths import (
    Path,
    Point,
    between,
    box,
    cap,
    ellipse,
    length,
    moved,
    ribbon,
    wavy,
)

WHITE = "#ffffff"
BLACK = "#14101a"
OAK = "#d2a772"
BEECH = "#e3bf92"
STEEL = "#b4b9bf"
BRASS = "#c79a4b"
IRON = "#3a3b40"


def vessel(c: Canvas, body: Path, colour: str, gloss: float = 0.25) -> None:
    """A turned body, darker towards its foot, with a streak of window light."""
    c.fill(body, round_body(colour, gloss))
    bottom, top = max(y for _, y in body), min(y for _, y in body)
    left, right = min(x for x, _ in body), max(x for x, _ in body)
    height, width = bottom - top, right - left
    with c.within(body):
        stops = ((0.0, faded(BLACK, 0)), (0.6, faded(BLACK, 0)), (1.0, faded(BLACK, 0.28)))
        c.fill(box(left, top, width, height), Paint(stops))
        streak = box(
            left + width * 0.2, top + height * 0.12, width * 0.07, height * 0.6, width * 0.03
        )
        c.fill(streak, faded(WHITE, gloss * 0.9), blur=width * 0.02)


def opening(
    c: Canvas, cx: float, y: float, rx: float, ry: float, colour: str, wall: float = 14
) -> None:
    """The rim of a vessel and the dark inside it."""
    c.fill(
        ellipse(cx, y, rx, ry), across(tint(colour, 0.45), tint(colour, 0.2), shade(colour, 0.1))
    )
    inner = ellipse(cx, y + wall * 0.2, rx - wall, ry - wall * 0.45)
    c.fill(inner, across(shade(colour, 0.62), shade(colour, 0.45), shade(colour, 0.2)))
    with c.within(inner):
        c.fill(ellipse(cx, y - ry * 0.5, rx, ry), faded(BLACK, 0.35), blur=14)


def dome(
    c: Canvas, cx: float, top: float, bottom: float, half: float, colour: str, tilt: float
) -> None:
    """A lid or a shade: half a ball on an ellipse."""
    vessel(c, cap(cx, top, bottom, half, tilt, 2.2), colour)


def knob(c: Canvas, cx: float, y: float, radius: float, colour: str) -> None:
    """A small ball on a short neck."""
    neck = box(cx - radius * 0.4, y + radius * 0.6, radius * 0.8, radius * 0.9)
    c.fill(neck, round_body(shade(colour, 0.3)))
    c.fill(ellipse(cx, y, radius, radius * 0.86), round_body(colour, 0.4))
    c.fill(ellipse(cx - radius * 0.3, y - radius * 0.35, radius * 0.28), faded(WHITE, 0.5), blur=4)


def tube(
    c: Canvas, points: Sequence[Point], width: float, colour: str, gloss: float = 0.35
) -> None:
    """A bent rod with light along its upper left side."""
    c.line(points, width, shade(colour, 0.25))
    c.line(moved(points, -width * 0.08, -width * 0.1), width * 0.74, colour)
    c.line(moved(points, -width * 0.17, -width * 0.2), width * 0.2, tint(colour, gloss))


def wood(
    c: Canvas, path: Sequence[Point], colour: str, seed: int, *, upright: bool = False
) -> None:
    """A wooden face with its grain."""
    c.fill(path, lit(colour, 0.14))
    dice = Random(seed)  # noqa: S311 - a texture, not a secret
    left, right = min(x for x, _ in path), max(x for x, _ in path)
    top, bottom = min(y for _, y in path), max(y for _, y in path)
    along, aside = (bottom - top, right - left) if upright else (right - left, bottom - top)
    with c.within(path):
        for _ in range(max(3, min(16, int(aside / 20)))):
            at = dice.uniform(0, aside)
            lean = dice.uniform(-0.04, 0.04) * aside
            ends = ((left, top + at), (left + along, top + at + lean))
            if upright:
                ends = ((left + at, top), (left + at + lean, top + along))
            line = wavy(*ends, dice.uniform(1, 4), along / 420)
            tone = faded(shade(colour, 0.4), dice.uniform(0.1, 0.3))
            c.fill(ribbon(line, dice.uniform(2, 6), dice.uniform(1, 3)), tone)


def block(
    c: Canvas, x: float, y: float, width: float, height: float, depth: float, colour: str
) -> Path:
    """A box seen from the front, a little from above and the right; returns the front's outline."""
    dx, dy = depth, -depth * 0.42
    right, bottom = x + width, y + height
    side = [
        (right - 6, y + 3),
        (right + dx, y + dy),
        (right + dx, bottom + dy),
        (right - 6, bottom),
    ]
    lid = [(x, y + 6), (x + dx, y + dy), (right + dx, y + dy), (right, y + 6)]
    c.fill(side, blend(shade(colour, 0.26), shade(colour, 0.44)))
    c.fill(lid, across(tint(colour, 0.36), tint(colour, 0.16)))
    front = box(x, y, width, height, 10)
    c.fill(front, lit(colour, 0.16))
    c.line([(x + 8, y + 2), (right - 8, y + 2)], 3, faded(WHITE, 0.35))
    return front


def cable(c: Canvas, points: Path, colour: str = "#2b2730", width: float = 9) -> None:
    """A round flex."""
    c.line(points, width, colour)
    c.line(moved(points, -width * 0.15, -width * 0.1), width * 0.3, tint(colour, 0.25))


def stitches(
    c: Canvas, line: Sequence[Point], colour: str, dash: float = 18, width: float = 4
) -> None:
    """A seam: short stitches along a line."""
    for a, b in pairwise(_evenly(line, dash)):
        c.line((between(a, b, 0.2), between(a, b, 0.75)), width, colour)


def _evenly(line: Sequence[Point], pace: float) -> Path:
    """Points on a line, about `pace` apart."""
    points: Path = [line[0]]
    for a, b in pairwise(line):
        walked = length((points[-1], b))
        steps = int(walked / pace)
        start = points[-1] if steps > 1 else a
        points += [between(start, b, (i + 1) / steps) for i in range(steps)]
    return points


def shine(c: Canvas, path: Path, strength: float = 0.35, blur: float = 10) -> None:
    """A reflection in the shape of an outline."""
    c.fill(path, faded(WHITE, strength), blur=blur)


def dark(c: Canvas, path: Path, strength: float = 0.3, blur: float = 14) -> None:
    """A shadow in the shape of an outline."""
    c.fill(path, faded(BLACK, strength), blur=blur)


def halo(
    c: Canvas, cx: float, cy: float, radius: float, colour: str, strength: float = 0.7
) -> None:
    """Light in the air around a lamp."""
    c.light(ellipse(cx, cy, radius), glow(colour, strength))


def leather(colour: str) -> Paint:
    """A supple dark surface."""
    return blend(tint(colour, 0.14), colour, mixed(colour, BLACK, 0.3), angle=60)

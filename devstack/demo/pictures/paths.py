"""Outlines in picture units (0 to 1280 on both axes, y down), as plain lists of points."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import cos, hypot, radians, sin, tau

Point = tuple[float, float]
Path = list[Point]

_STEPS = 20
"""Points per spline or Bezier segment: enough that no facet shows at 1280 pixels."""


def ellipse(cx: float, cy: float, rx: float, ry: float | None = None) -> Path:
    """A whole ellipse, or a circle when only one radius is given."""
    return arc(cx, cy, rx, rx if ry is None else ry, 0, 360)


def arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> Path:
    """Part of an ellipse, in degrees; 0 points right and 90 points down."""
    steps = max(6, int(abs(end - start) / 5))
    turns = (radians(start + (end - start) * i / steps) for i in range(steps + 1))
    return [(cx + rx * cos(a), cy + ry * sin(a)) for a in turns]


def box(x: float, y: float, width: float, height: float, *radii: float) -> Path:
    """A rectangle from its top left corner.

    Args:
        x: Left edge.
        y: Top edge.
        width: To the right.
        height: Downwards.
        radii: None for sharp corners, one for all, or four from top left clockwise.
    """
    right, bottom = x + width, y + height
    if not radii:
        return [(x, y), (right, y), (right, bottom), (x, bottom)]
    nw, ne, se, sw = radii if len(radii) == 4 else radii[:1] * 4
    return [
        *arc(x + nw, y + nw, nw, nw, 180, 270),
        *arc(right - ne, y + ne, ne, ne, 270, 360),
        *arc(right - se, bottom - se, se, se, 0, 90),
        *arc(x + sw, bottom - sw, sw, sw, 90, 180),
    ]


def rounded(corners: Sequence[Point], radius: float) -> Path:
    """A polygon whose corners are softened, each by at most half its shorter side."""
    path: Path = []
    for i, corner in enumerate(corners):
        start = _towards(corner, corners[i - 1], radius)
        end = _towards(corner, corners[(i + 1) % len(corners)], radius)
        path += bezier(start, corner, corner, end)
    return path


def _towards(a: Point, b: Point, distance: float) -> Point:
    length = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    part = min(distance / length, 0.5)
    return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)


def bezier(a: Point, b: Point, c: Point, d: Point) -> Path:
    """A cubic Bezier curve from `a` to `d`, pulled by `b` and `c`."""
    return [_cubic(a, b, c, d, i / _STEPS) for i in range(_STEPS + 1)]


def _cubic(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    u = 1 - t
    k = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
    return (
        k[0] * a[0] + k[1] * b[0] + k[2] * c[0] + k[3] * d[0],
        k[0] * a[1] + k[1] * b[1] + k[2] * c[1] + k[3] * d[1],
    )


def spline(points: Sequence[Point], *, closed: bool = False) -> Path:
    """A smooth curve through all points (Catmull-Rom)."""
    ends = (points[-1], *points, points[0], points[1])
    if not closed:
        ends = (points[0], *points, points[-1])
    path: Path = []
    for before, a, b, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        pull_a = (a[0] + (b[0] - before[0]) / 6, a[1] + (b[1] - before[1]) / 6)
        pull_b = (b[0] - (after[0] - a[0]) / 6, b[1] - (after[1] - a[1]) / 6)
        path += bezier(a, pull_a, pull_b, b)
    return path


def lathe(cx: float, profile: Sequence[Point], tilt: float = 0.0, *, smooth: bool = True) -> Path:
    """A turned body seen from a little above: a mug, a vase, a lamp foot.

    Args:
        cx: The axis.
        profile: Pairs of height (y) and half width there, from the top down.
        tilt: Height of the rim ellipses over their width; 0 looks straight from the side.
        smooth: Whether the profile is a curve through its pairs or a chain of straight lines.
    """
    right: Path = [(cx + half, y) for y, half in profile]
    if smooth:
        right = spline(right)
    (top, rim), (bottom, foot) = profile[0], profile[-1]
    left = [(2 * cx - x, y) for x, y in reversed(right)]
    base = arc(cx, bottom, foot, foot * tilt, 0, 180) if tilt and foot else []
    mouth = arc(cx, top, rim, rim * tilt, 180, 360) if tilt and rim else []
    return [*right, *base, *left, *mouth]


def cap(
    cx: float, top: float, bottom: float, half: float, tilt: float = 0.0, fullness: float = 2.0
) -> Path:
    """A dome on an elliptic base; above 2 its `fullness` makes the shoulders squarer."""
    path: Path = []
    for x, y in arc(0, 0, 1, 1, 180, 360):
        out, up = abs(x) ** (2 / fullness), abs(y) ** (2 / fullness)
        path.append((cx + half * out * (1 if x > 0 else -1), bottom - (bottom - top) * up))
    return path + arc(cx, bottom, half, half * tilt, 0, 180)


def ribbon(centre: Sequence[Point], start: float, end: float) -> Path:
    """A band along a line whose width goes from `start` to `end`: a spout, a blade, a leg."""
    left: Path = []
    right: Path = []
    last = len(centre) - 1
    for i, (x, y) in enumerate(centre):
        (ax, ay), (bx, by) = centre[max(i - 1, 0)], centre[min(i + 1, last)]
        length = hypot(bx - ax, by - ay) or 1.0
        half = (start + (end - start) * i / last) / 2
        nx, ny = (by - ay) / length * half, (ax - bx) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def moved(path: Iterable[Point], dx: float, dy: float = 0.0) -> Path:
    """The path, shifted."""
    return [(x + dx, y + dy) for x, y in path]


def turned(path: Iterable[Point], degrees: float, about: Point = (640, 640)) -> Path:
    """The path, turned clockwise about a point."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    px, py = about
    return [(px + (x - px) * c - (y - py) * s, py + (x - px) * s + (y - py) * c) for x, y in path]


def mirrored(path: Iterable[Point], cx: float = 640) -> Path:
    """The path, seen in a mirror standing at `cx`."""
    return [(2 * cx - x, y) for x, y in path]


def between(a: Point, b: Point, part: float) -> Point:
    """The point that far of the way from `a` to `b`."""
    return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)


def wavy(start: Point, end: Point, height: float, waves: float) -> Path:
    """A line with ripples: a hem, the grain of wood."""
    steps = max(8, int(waves * 12))
    straight = (between(start, end, i / steps) for i in range(steps + 1))
    return [(x, y + height * sin(tau * waves * i / steps)) for i, (x, y) in enumerate(straight)]


def length(path: Sequence[Point]) -> float:
    """How long a line is."""
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(path))

"""Drawings of cloth for the sofa."""

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import Paint, across, blend, faded, lit, round_body, shade, tint
from devstack.demo.pictures.parts import BLACK, WHITE, dark, shine, stitches, tube, wood
from devstack.demo.pictures.paths import (
    Path,
    between,
    bezier,
    box,
    ellipse,
    moved,
    rounded,
    spline,
    turned,
    wavy,
)
from devstack.demo.pictures.textures import twill, weave


def _pillow(x: float, y: float, width: float, height: float) -> Path:
    """A stuffed rectangle: sides drawn in, corners drawn out."""
    right, bottom = x + width, y + height
    pull = min(width, height) * 0.065
    return [
        *bezier((x, y), (x + width * 0.3, y + pull), (right - width * 0.3, y + pull), (right, y)),
        *bezier(
            (right, y),
            (right - pull, y + height * 0.3),
            (right - pull, bottom - height * 0.3),
            (right, bottom),
        ),
        *bezier(
            (right, bottom),
            (right - width * 0.3, bottom - pull * 0.5),
            (x + width * 0.3, bottom - pull * 0.5),
            (x, bottom),
        ),
        *bezier(
            (x, bottom), (x + pull, bottom - height * 0.3), (x + pull, y + height * 0.3), (x, y)
        ),
    ]


def _stuffing(c: Canvas, shape: Path, cx: float, cy: float, size: float) -> None:
    """Light and shade that make a flat shape look full."""
    with c.within(shape):
        stops = ((0.0, faded(BLACK, 0)), (0.62, faded(BLACK, 0)), (1.0, faded(BLACK, 0.4)))
        whole = box(cx - size, cy - size, size * 2, size * 2)
        c.fill(whole, Paint(stops, centre=(0.44, 0.42), reach=0.62))
        shine(
            c,
            ellipse(cx - size * 0.24, cy - size * 0.26, size * 0.36, size * 0.26),
            0.26,
            size * 0.14,
        )


def linen_cushion(c: Canvas, cloth: str, piping: str) -> None:
    """A plain square cushion with piped edges."""
    shape = turned(_pillow(240, 240, 800, 790), -5)
    c.line([*shape, shape[0]], 22, piping)
    c.fill(shape, lit(cloth, 0.12))
    c.texture(shape, weave(8), faded(shade(cloth, 0.6), 0.28))
    _stuffing(c, shape, 640, 640, 440)
    for start, end in (
        ((300, 300), (420, 410)),
        ((980, 310), (880, 400)),
        ((330, 980), (430, 880)),
        ((960, 960), (860, 870)),
    ):
        c.line(
            turned(bezier(start, between(start, end, 0.4), between(start, end, 0.7), end), -3),
            6,
            faded(BLACK, 0.1),
        )


def lumbar_cushion(c: Canvas, cloth: str, first: str, second: str) -> None:
    """A long cushion with a woven pattern and tassels."""
    shape = _pillow(150, 440, 980, 470)
    for x, y, lean in ((152, 446, 130), (1128, 446, 230), (152, 906, 50), (1128, 906, -50)):
        for k in range(-3, 4):
            c.line(
                turned([(x, y), (x, y + 90)], lean + k * 7, (x, y)), 8, shade(first, 0.04 * (k + 3))
            )
        c.fill(ellipse(x, y, 20), tint(first, 0.1))
    c.fill(shape, lit(cloth, 0.12))
    with c.within(shape):
        for cx in range(190, 1200, 150):
            for size, tone in ((74, first), (48, cloth), (26, second)):
                c.fill(
                    [
                        (cx, 676 - size * 1.5),
                        (cx + size, 676),
                        (cx, 676 + size * 1.5),
                        (cx - size, 676),
                    ],
                    tone,
                )
        for y, tone, thick in (
            (520, second, 16),
            (552, first, 8),
            (800, first, 8),
            (832, second, 16),
        ):
            c.line(wavy((140, y), (1140, y), 5, 1), thick, tone)
    c.texture(shape, weave(10), faded(BLACK, 0.16))
    _stuffing(c, shape, 640, 676, 520)


def wool_blanket(c: Canvas, wool: str, stripe: str) -> None:
    """A blanket folded to a stack, with a leather tie."""
    for i in range(5):
        y, left = 900 - i * 92, 240 + (i % 2) * 12
        fold = box(left, y, 800 - (i % 3) * 8, 100, 50, 24, 24, 50)
        c.fill(fold, blend(tint(wool, 0.24), wool, shade(wool, 0.4)))
        c.texture(fold, twill(10), faded(shade(wool, 0.6), 0.16))
        with c.within(fold):
            for x in (330, 380, 920):
                c.fill(box(x, y, 24, 100), blend(tint(stripe, 0.2), stripe, shade(stripe, 0.35)))
        c.line([(left + 40, y + 97), (1010, y + 97)], 5, faded(BLACK, 0.25))
    top = rounded([(250, 538), (360, 440), (1010, 440), (1034, 538)], 30)
    c.fill(top, blend(tint(wool, 0.3), tint(wool, 0.1), angle=70))
    c.texture(top, twill(10), faded(shade(wool, 0.6), 0.14))
    with c.within(top):
        for x in (340, 392, 920):
            c.fill(
                [
                    (x - 8, 540),
                    (x + 16, 540),
                    (x + 60 - (x - 300) * 0.065, 436),
                    (x + 40 - (x - 300) * 0.065, 436),
                ],
                faded(stripe, 0.95),
            )
    strap = [(610, 436), (670, 436), (680, 540), (680, 996), (620, 996), (620, 540)]
    c.fill(strap, across("#a86a42", "#8a5030", "#6d3d24"))
    stitches(c, [(630, 560), (630, 980)], faded("#f4e6c8", 0.7), 14, 3)
    stitches(c, [(670, 560), (670, 980)], faded("#f4e6c8", 0.7), 14, 3)
    c.line([*box(604, 690, 92, 80, 10), (614, 690)], 11, "#d8ab55")
    c.line([(650, 694), (650, 762)], 8, "#eccb86")


def fringed_throw(c: Canvas, cloth: str, check: str) -> None:
    """A checked throw hanging over a rail."""
    for x in range(372, 914, 22):
        c.line(
            bezier((x, 930), (x - 6, 970), (x + 8, 1000), (x + (x % 3) * 4 - 4, 1050)),
            9,
            shade(cloth, 0.12 if x % 4 else 0.02),
        )
    sheet = [
        (360, 250),
        (920, 250),
        *bezier((920, 250), (940, 500), (900, 700), (926, 940)),
        *wavy((926, 940), (356, 940), 9, 3),
        *bezier((356, 940), (380, 700), (340, 500), (360, 250)),
    ]
    c.fill(sheet, lit(cloth, 0.1))
    with c.within(sheet):
        for x in range(360, 920, 112):
            c.fill(box(x + 30, 240, 46, 720), faded(check, 0.45))
            c.fill(box(x + 90, 240, 8, 720), faded(WHITE, 0.5))
        for y in range(260, 960, 112):
            c.fill(box(340, y + 30, 620, 46), faded(check, 0.45))
            c.fill(box(340, y + 90, 620, 8), faded(WHITE, 0.5))
        for x, width, strength in (
            (430, 60, 0.2),
            (600, 50, 0.14),
            (740, 70, 0.2),
            (880, 50, 0.24),
        ):
            fold = spline([(x, 240), (x + 14, 500), (x - 10, 760), (x + 8, 970)])
            c.line(moved(fold, -width * 0.6), width * 0.3, faded(WHITE, strength * 0.5))
            dark(c, [*moved(fold, -width * 0.2), *moved(fold, width * 0.5)[::-1]], strength, 16)
        dark(c, box(340, 300, 620, 20), 0.2, 14)
    c.texture(sheet, twill(8), faded(BLACK, 0.1))
    wood(c, box(180, 216, 920, 52, 26), "#c99a64", 201)
    over = rounded([(356, 210), (924, 210), (924, 290), (356, 290)], 26)
    c.fill(over, blend(tint(cloth, 0.4), cloth, shade(cloth, 0.14)))
    for x in range(360, 920, 112):
        c.fill(box(x + 30, 212, 46, 76), faded(check, 0.4))
    for x in (240, 1040):
        tube(c, [(x, 242), (x, 150)], 16, "#b98a45", 0.6)
        c.fill(ellipse(x, 146, 26), round_body("#b98a45", 0.5))

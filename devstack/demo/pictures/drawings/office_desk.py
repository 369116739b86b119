"""Drawings of what lies and stands on a desk."""

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import across, blend, faded, lit, metal, shade, tint
from devstack.demo.pictures.parts import (
    BLACK,
    BRASS,
    STEEL,
    WHITE,
    block,
    dark,
    shine,
    vessel,
    wood,
)
from devstack.demo.pictures.paths import (
    Path,
    arc,
    bezier,
    box,
    ellipse,
    lathe,
    moved,
    ribbon,
    rounded,
    spline,
    turned,
)
from devstack.demo.pictures.textures import speckle, weave


def notebook(c: Canvas, cover: str, band: str) -> None:
    """A cloth-bound notebook with an elastic band and a ribbon, lying."""
    turn = -9.0
    c.fill(turned(ribbon([(560, 1080), (552, 1180)], 18, 18), turn), band)
    c.fill(turned(box(352, 186, 600, 900, 20), turn), shade(cover, 0.45))
    pages = turned(box(356, 180, 584, 896, 14), turn)
    c.fill(pages, across("#efe6d4", "#fffaf0", "#d8ccb5"))
    for k in range(4):
        c.line(turned([(370, 1060 + 4 * k), (936, 1060 + 4 * k)], turn), 1.5, faded("#8f8471", 0.5))
    front = turned(box(340, 160, 600, 890, 8, 30, 30, 8), turn)
    c.fill(front, lit(cover, 0.18))
    c.texture(front, weave(8), faded(shade(cover, 0.5), 0.22))
    c.fill(turned(box(340, 160, 70, 890, 8, 0, 0, 8), turn), faded(BLACK, 0.14))
    c.line(turned([(412, 166), (412, 1046)], turn), 4, faded(BLACK, 0.25))
    c.line(turned([(417, 166), (417, 1046)], turn), 3, faded(WHITE, 0.2))
    dark(c, turned(box(862, 162, 22, 886), turn), 0.4, 8)
    c.fill(turned(box(850, 158, 24, 896), turn), across(tint(band, 0.2), band, shade(band, 0.3)))
    label = turned(box(500, 330, 280, 150, 8), turn)
    c.fill(label, lit("#f4ebda", 0.08))
    for y in (380, 420):
        c.line(turned([(530, y), (750, y)], turn), 3, faded("#7b705f", 0.6))


def brass_pen(c: Canvas, colour: str, clip: str) -> None:
    """A machined pen and its cap, lying."""
    turn = -38.0
    barrel = turned(box(250, 660, 620, 84, 30, 8, 8, 30), turn)
    c.fill(barrel, metal(colour, 52))
    for x in range(640, 840, 16):
        c.line(turned([(x, 664), (x, 740)], turn), 4, faded(BLACK, 0.22))
    section = turned(rounded([(866, 668), (1000, 684), (1000, 722), (866, 736)], 10), turn)
    c.fill(section, metal(shade(colour, 0.55), 52))
    nib = [(998, 682), (1050, 680), (1130, 703), (1050, 726), (998, 724)]
    c.fill(turned(nib, turn), metal("#e6c77a", 52))
    c.line(turned([(1040, 703), (1128, 703)], turn), 3, "#4b3716")
    c.fill(turned(ellipse(1040, 703, 7), turn), "#4b3716")
    lid: Path = box(330, 830, 400, 98, 30, 10, 10, 30)
    lean = -30.0
    c.fill(turned(lid, lean), metal(colour, 60))
    c.fill(turned(box(690, 826, 40, 106, 8), lean), metal(shade(colour, 0.3), 60))
    dark(c, turned(box(420, 866, 290, 26, 12), lean), 0.5, 8)
    c.fill(turned(box(410, 852, 290, 24, 12), lean), metal(clip, 60))
    c.fill(turned(ellipse(690, 866, 20), lean), metal(clip, 60))
    c.line(
        spline([(820, 1000), (900, 930), (930, 1010), (1000, 950), (1040, 1000), (1130, 960)]),
        6,
        faded("#27324f", 0.85),
    )


def pencil_cup(c: Canvas, glaze: str, accent: str) -> None:
    """A ceramic cup with pencils and a rule."""
    tools = (
        (500, 240, -13, "#e0a63a"),
        (570, 180, -5, accent),
        (700, 250, 5, "#3f6672"),
        (780, 300, 14, "#d9775a"),
    )
    for x, top, lean, tone in tools:
        about = (x, 700.0)
        c.fill(
            turned(box(x - 26, top, 52, 560), lean, about),
            across(shade(tone, 0.2), tint(tone, 0.3), tone, shade(tone, 0.3)),
        )
        tip = [(x - 26, top + 2), (x, top - 84), (x + 26, top + 2)]
        c.fill(turned(tip, lean, about), across("#c69d6b", "#f0d5ab", "#b98c5a"))
        lead = [(x - 8, top - 58), (x, top - 84), (x + 8, top - 58)]
        c.fill(turned(lead, lean, about), shade(tone, 0.5))
    rule = turned(box(616, 150, 62, 560, 6), 1, (640, 700))
    c.fill(rule, metal(STEEL))
    for y in range(170, 540, 14):
        c.line([(664 - (8 if y % 70 else 18), y), (674, y)], 2, faded(BLACK, 0.5))
    body = lathe(640, [(540, 230), (700, 226), (940, 216), (1000, 196)], 0.13)
    c.fill(ellipse(640, 540, 230, 32), shade(glaze, 0.55))
    with c.within(box(0, 540, 1280, 600)):
        vessel(c, body, glaze, 0.28)
    c.line(arc(640, 541, 228, 31, 0, 180), 12, tint(glaze, 0.35))
    speckle(c, body, faded(BLACK, 0.3), 9, 110)


def desk_tray(c: Canvas, timber: str, brass: str) -> None:
    """A wooden tray with compartments, seen from above."""
    outer = box(180, 330, 920, 620, 50)
    wood(c, outer, timber, 71)
    wells = (
        box(214, 364, 520, 270, 26),
        box(760, 364, 306, 270, 26),
        box(214, 662, 300, 254, 26),
        box(540, 662, 526, 254, 26),
    )
    for i, well in enumerate(wells):
        wood(c, well, shade(timber, 0.32), 72 + i)
        with c.within(well):
            dark(c, ribbon([well[0], (well[0][0] - 30, well[-1][1])], 60, 60), 0.4, 16)
            dark(
                c,
                ribbon(
                    [(well[0][0] - 30, well[0][1] - 26), (well[10][0] + 460, well[0][1] - 26)],
                    60,
                    60,
                ),
                0.5,
                16,
            )
        c.line([*well, well[0]], 3, faded(WHITE, 0.12))
    for k, tone in enumerate(("#d9775a", "#e0b04a", "#44656e")):
        y = 440 + k * 62
        dark(c, box(256, y + 14, 440, 24, 10), 0.4, 8)
        c.fill(box(250, y, 400, 30, 8), blend(tint(tone, 0.4), tone, shade(tone, 0.35)))
        c.fill([(650, y), (700, y + 15), (650, y + 30)], "#e8c796")
        c.fill([(684, y + 10), (700, y + 15), (684, y + 20)], shade(tone, 0.5))
    for x, y, turn in ((820, 440, 20), (900, 520, -30), (980, 430, 60), (850, 560, 80)):
        loop = [
            *arc(x, y, 16, 16, 90, 270),
            (x + 50, y - 16),
            *arc(x + 50, y - 5, 11, 11, 270, 450),
            (x + 8, y + 6),
        ]
        c.line(turned(loop, turn, (x + 20, y)), 6, brass)
    dark(c, ellipse(374, 806, 84), 0.4, 12)
    c.fill(ellipse(364, 790, 84), metal(brass, 50))
    c.fill(ellipse(364, 790, 60), lit("#2d3b45", 0.3))
    dark(c, box(604, 760, 410, 80, 10), 0.4, 12)
    c.fill(box(590, 744, 410, 80, 8), lit("#f1e3c3", 0.12))
    c.fill(box(590, 744, 80, 80, 8), lit("#c8654a", 0.12))


def scissors(c: Canvas, handle: str) -> None:
    """Tailor's shears, open a little."""
    for side in (1, -1):
        lean = 13.0 * side
        blade = [
            (640 - 34 * side, 700),
            (640 - 8 * side, 130),
            (640 + 34 * side, 330),
            (640 + 44 * side, 700),
        ]
        about = (640.0, 690.0)
        c.fill(
            turned(blade, lean, about),
            blend("#f4f6f7", "#aab1b8", "#dfe3e6", angle=20 if side > 0 else 160),
        )
        c.line(
            turned([(640 - 30 * side, 690), (640 - 8 * side, 140)], lean, about),
            5,
            faded(WHITE, 0.9),
        )
        shank = turned([(640 + 4 * side, 690), (640 + 30 * side, 800)], lean, about)
        c.fill(ribbon(shank, 86, 66), metal(STEEL, 20))
    for side in (-1, 1):
        cx = 640 + 150 * side
        ring = turned(ellipse(cx, 950, 92, 150), -24 * side, (cx, 950))
        c.line(
            [*ring, ring[0]], 52, blend(tint(handle, 0.25), handle, shade(handle, 0.4), angle=50)
        )
        c.line(moved(ring[36:60], -6, -8), 9, faded(WHITE, 0.35))
    c.fill(ellipse(640, 690, 34), metal(BRASS, 45))
    c.line([(622, 706), (658, 674)], 6, faded(BLACK, 0.5))


def desk_calendar(c: Canvas, timber: str, paper: str, accent: str) -> None:
    """A perpetual calendar: two number cards in a wooden stand."""
    block(c, 250, 860, 700, 140, 90, timber)
    wood(c, box(250, 860, 700, 140, 10), timber, 81)
    for x, digit in ((292, 0), (610, 1)):
        dark(c, box(x + 20, 400, 296, 480, 14), 0.3, 14)
        c.fill(box(x + 10, 372, 290, 496, 14), shade(paper, 0.25))
        c.fill(box(x, 380, 290, 496, 14), lit(paper, 0.1))
        ink = accent if digit else "#2b2a30"
        _numeral(c, digit, x + 145, 620, ink)
        for hole in (x + 90, x + 200):
            c.fill(ellipse(hole, 414, 13), shade(paper, 0.5))
            c.line(arc(hole, 396, 16, 34, 160, 380), 7, metal(BRASS))
    c.fill(box(250, 868, 700, 22, 6), faded(BLACK, 0.2))
    shine(c, box(270, 900, 400, 14, 7), 0.2, 8)


def _numeral(c: Canvas, which: int, cx: float, cy: float, ink: str) -> None:
    two = [
        *arc(cx, cy - 80, 80, 80, 190, 380),
        *bezier((cx + 75, cy - 50), (cx + 40, cy + 40), (cx - 60, cy + 80), (cx - 82, cy + 158)),
        (cx + 86, cy + 158),
    ]
    seven = [
        (cx - 80, cy - 158),
        (cx + 82, cy - 158),
        *bezier((cx + 82, cy - 158), (cx, cy - 40), (cx - 30, cy + 60), (cx - 34, cy + 160)),
    ]
    c.line(seven if which else two, 40, ink)

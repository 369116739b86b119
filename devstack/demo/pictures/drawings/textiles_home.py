"""Drawings of cloth for bed, bath, kitchen and going out."""

from PIL import ImageChops

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import across, blend, faded, lit, round_body, shade, tint
from devstack.demo.pictures.parts import BLACK, BRASS, WHITE, dark, shine, stitches, tube
from devstack.demo.pictures.paths import (
    Path,
    arc,
    bezier,
    box,
    ellipse,
    mirrored,
    moved,
    rounded,
    spline,
    turned,
    wavy,
)
from devstack.demo.pictures.textures import mesh, quilt, twill, weave


def tea_towels(c: Canvas, cloth: str, stripe: str) -> None:
    """Two folded kitchen towels, one striped and one plain, lying."""
    for dx, dy, turn, base, lines in ((70, 40, 9, stripe, cloth), (-40, -30, -6, cloth, stripe)):
        towel = turned(box(330 + dx, 230 + dy, 540, 780, 12), turn)
        dark(c, moved(towel, 12, 18), 0.35, 16)
        c.fill(towel, lit(base, 0.1))
        with c.within(towel):
            for k, wide in enumerate((40, 12, 12)):
                for edge in (290 + k * 46, 940 - k * 46):
                    c.fill(turned(box(300 + dx, edge + dy, 620, wide), turn), faded(lines, 0.92))
            crease = turned([(600 + dx, 230 + dy), (600 + dx, 1010 + dy)], turn)
            c.line(crease, 5, faded(BLACK, 0.12))
            c.line(moved(crease, 6), 4, faded(WHITE, 0.3))
        c.texture(towel, weave(8), faded(BLACK, 0.12))
        stitches(
            c, turned([(344 + dx, 996 + dy), (856 + dx, 996 + dy)], turn), faded(WHITE, 0.55), 12, 3
        )
        loop = turned(arc(860 + dx, 240 + dy, 26, 26, 180, 440), turn)
        c.line(loop, 9, faded(shade(lines, 0.1), 1.0))


def bath_towels(c: Canvas, first: str, second: str, third: str) -> None:
    """Three towels, folded and stacked."""
    for i, tone in enumerate((first, second, third)):
        y = 800 - i * 186
        width = 800 - i * 30
        x = 640 - width / 2
        for part in (1, 0):
            roll = box(x + part * 8, y + part * 94, width - part * 16, 104, 52, 30, 30, 52)
            c.fill(roll, blend(tint(tone, 0.3), tone, shade(tone, 0.32)))
            c.texture(roll, mesh(8), faded(shade(tone, 0.7), 0.16))
            c.texture(roll, twill(8), faded(WHITE, 0.08))
        band = box(x + width - 190, y, 46, 198, 4)
        with c.within([*box(x, y, width, 198, 40)]):
            c.fill(band, blend(tint(tone, 0.4), shade(tone, 0.1)))
            for k in (10, 22, 34):
                c.line(
                    [(x + width - 190 + k, y), (x + width - 190 + k, y + 198)],
                    3,
                    faded(shade(tone, 0.5), 0.4),
                )
        dark(c, box(x + 30, y + 92, width - 50, 8), 0.34, 5)
    for lean in (-30, 8):
        c.line(
            turned(bezier((640, 430), (640, 360), (660, 280), (640, 210)), lean, (640, 430)),
            6,
            "#7f8a63",
        )
        for k in range(6):
            leaf = spline(
                [
                    (640, 400 - k * 34),
                    (690, 370 - k * 34),
                    (712, 340 - k * 34),
                    (664, 366 - k * 34),
                ],
                closed=True,
            )
            for shape in (leaf, mirrored(leaf)):
                c.fill(turned(shape, lean, (640, 430)), blend("#a8b48a", "#7c8a64"))


def bed_linen(c: Canvas, cotton: str, stripe: str) -> None:
    """A folded duvet cover under two pillows, tied with a ribbon."""
    for i, y in enumerate((880, 770, 660)):
        fold = box(190, y, 900, 120, 56, 30, 30, 56)
        c.fill(fold, blend(tint(cotton, 0.4), cotton, shade(cotton, 0.24)))
        with c.within(fold):
            for x in range(230, 1100, 58):
                c.line([(x, y), (x + 6, y + 120)], 7, faded(stripe, 0.6))
        dark(c, box(230, y + 112, 840, 10), 0.3 - 0.04 * i, 6)
    for y, tone, lift in ((560, stripe, 0.0), (430, cotton, 0.06)):
        pillow = [
            *bezier((210, y + 100), (180, y - 20), (420, y - 46), (640, y - 40)),
            *bezier((640, y - 40), (880, y - 46), (1100, y - 20), (1070, y + 100)),
            *bezier((1070, y + 100), (1060, y + 150), (880, y + 140), (640, y + 144)),
            *bezier((640, y + 144), (400, y + 140), (220, y + 150), (210, y + 100)),
        ]
        c.fill(pillow, blend(tint(tone, 0.45 + lift), tone, shade(tone, 0.26)))
        c.texture(pillow, weave(6), faded(shade(tone, 0.5), 0.1))
        with c.within(pillow):
            shine(c, ellipse(500, y, 200, 30), 0.4, 24)
            for x in (330, 560, 800, 960):
                c.line(
                    bezier((x, y + 130), (x + 8, y + 90), (x + 30, y + 70), (x + 50, y + 60)),
                    5,
                    faded(BLACK, 0.1),
                )
        c.line(
            bezier((1000, y - 20), (1030, y + 20), (1030, y + 80), (1010, y + 130)),
            4,
            faded(BLACK, 0.14),
        )
    c.fill(box(610, 640, 60, 364), across("#c98a6b", "#b87455", "#94573c"))


def apron(c: Canvas, cloth: str, strap: str) -> None:
    """A work apron with cross-back straps and pockets, hanging on a peg."""
    c.line(bezier((500, 380), (500, 200), (600, 160), (640, 130)), 34, strap)
    c.line(bezier((780, 380), (780, 200), (680, 160), (640, 130)), 34, strap)
    for side in (-1, 1):
        tie = bezier(
            (640 + side * 290, 640),
            (640 + side * 380, 640),
            (640 + side * 350, 800),
            (640 + side * 400, 900),
        )
        c.line(tie, 18, shade(cloth, 0.2))
    body: Path = [
        (480, 360),
        (800, 360),
        *bezier((800, 360), (810, 540), (900, 560), (940, 600)),
        *bezier((940, 600), (960, 800), (950, 960), (960, 1120)),
        *wavy((960, 1120), (320, 1120), 8, 2),
        *bezier((320, 1120), (330, 960), (320, 800), (340, 600)),
        *bezier((340, 600), (380, 560), (470, 540), (480, 360)),
    ]
    c.fill(body, lit(cloth, 0.14))
    c.texture(body, twill(8), faded(BLACK, 0.16))
    with c.within(body):
        for x in (420, 700, 880):
            dark(c, spline([(x, 640), (x + 30, 900), (x + 60, 1140), (x - 20, 1140)]), 0.2, 24)
        shine(c, ellipse(560, 700, 40, 260), 0.1, 30)
    for x, y, wide, tall in ((420, 740, 440, 230), (550, 440, 180, 120)):
        dark(c, box(x, y + 6, wide, tall, 14), 0.3, 10)
        c.fill(box(x, y, wide, tall, 6, 6, 24, 24), lit(tint(cloth, 0.07), 0.14))
        c.texture(box(x, y, wide, tall, 6, 6, 24, 24), twill(8), faded(BLACK, 0.16))
        stitches(c, [(x + 10, y + 18), (x + wide - 10, y + 18)], faded("#f4e6c8", 0.7), 12, 3)
    stitches(c, [(640, 750), (640, 960)], faded("#f4e6c8", 0.7), 12, 3)
    for x, y in ((428, 748), (852, 748), (500, 384), (780, 384)):
        c.fill(ellipse(x, y, 11), round_body(BRASS, 0.5))
    tube(c, [(640, 118), (640, 128)], 40, "#b98656", 0.5)
    for k, tone in enumerate(("#d9a531", "#c8654a")):
        c.fill(box(470 + k * 40, 690, 22, 70, 8), lit(tone, 0.2))


def tote_bag(c: Canvas, canvas_colour: str, motif: str) -> None:
    """A canvas shopper with a printed sun over waves."""
    for dy, tone in ((0, 0.2), (24, 0.0)):
        strap = bezier((460, 480 + dy), (470, 120 + dy), (810, 120 + dy), (820, 480 + dy))
        c.line(strap, 38, shade(canvas_colour, 0.06 + tone))
        c.line(moved(strap, -8, -4), 5, faded(WHITE, 0.35))
    bag = rounded([(300, 430), (980, 430), (1010, 1030), (270, 1030)], 36)
    c.fill(bag, lit(canvas_colour, 0.12))
    with c.within(bag):
        c.fill(arc(640, 740, 150, 150, 180, 360), motif)
        for k in range(4):
            c.line(
                wavy((420, 776 + k * 40), (860, 776 + k * 40), 11, 4),
                13,
                shade("#3f7480", 0.06 * k),
            )
        for x in (330, 930):
            dark(c, spline([(x, 440), (x + 26, 700), (x - 10, 1040), (x + 50, 1040)]), 0.18, 24)
        dark(c, ellipse(640, 1060, 400, 50), 0.25, 24)
    c.texture(bag, weave(8), faded(shade(canvas_colour, 0.6), 0.26))
    c.line([(312, 462), (968, 462)], 4, faded(BLACK, 0.16))
    stitches(c, [(316, 472), (964, 472)], faded(shade(canvas_colour, 0.5), 0.6), 12, 3)
    for x in (460, 820):
        c.fill(box(x - 22, 440, 44, 76, 4), lit(shade(canvas_colour, 0.06), 0.1))
        stitches(
            c,
            [(x - 14, 450), (x + 14, 506), (x - 14, 506), (x + 14, 450)],
            faded("#7b5a3a", 0.8),
            11,
            3,
        )


def oven_mitt(c: Canvas, cloth: str, lining: str) -> None:
    """A quilted mitt with a hanging loop."""
    c.line(spline([(470, 1010), (380, 1040), (390, 1120), (480, 1080)]), 20, lining)
    mitt = [
        *bezier((470, 960), (450, 700), (400, 480), (440, 330)),
        *bezier((440, 330), (480, 170), (740, 160), (800, 330)),
        *bezier((800, 330), (824, 420), (826, 500), (824, 560)),
        *bezier((824, 560), (850, 480), (900, 420), (970, 450)),
        *bezier((970, 450), (1040, 490), (980, 620), (930, 700)),
        *bezier((930, 700), (880, 780), (850, 860), (846, 960)),
    ]
    c.fill(mitt, lit(cloth, 0.18))
    with c.within(mitt):
        c.texture(mitt, quilt(72), faded(BLACK, 0.16))
        c.texture(mitt, ImageChops.offset(quilt(72), 4, 2), faded(WHITE, 0.16))
        shine(c, ellipse(560, 380, 80, 140), 0.25, 40)
        dark(c, [(824, 560), (850, 700), (840, 960), (800, 960), (810, 640)], 0.2, 16)
    c.texture(mitt, weave(8), faded(BLACK, 0.1))
    cuff = rounded([(450, 920), (866, 920), (880, 1060), (440, 1060)], 26)
    dark(c, moved(cuff, 0, -8), 0.25, 10)
    c.fill(cuff, round_body(lining, 0.2, 0.22))
    stitches(c, [(462, 940), (856, 940)], faded(WHITE, 0.7), 13, 3)

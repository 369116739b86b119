"""Drawings of furniture and fittings for a study."""

from math import cos, radians, sin

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import across, blend, faded, lit, metal, round_body, shade, tint
from devstack.demo.pictures.parts import (
    BLACK,
    BRASS,
    OAK,
    STEEL,
    WHITE,
    block,
    dark,
    shine,
    tube,
    wood,
)
from devstack.demo.pictures.paths import (
    arc,
    box,
    ellipse,
    lathe,
    ribbon,
    rounded,
    spline,
    turned,
)
from devstack.demo.pictures.textures import mesh, weave


def writing_desk(c: Canvas, timber: str, drawer: str) -> None:
    """A desk with tapered legs and two drawers."""
    for x, foot, tone in ((960, 990, 0.36), (330, 306, 0.36)):
        c.fill(ribbon([(x, 560), (foot, 900)], 40, 22), shade(timber, tone))
    front = box(150, 560, 900, 130, 8)
    dark(c, box(170, 680, 860, 40), 0.3, 16)
    wood(c, front, timber, 61)
    for x in (190, 620):
        panel = box(x, 580, 390, 90, 8)
        c.fill(panel, lit(drawer, 0.14))
        c.line([(x + 4, 582), (x + 386, 582)], 3, faded(BLACK, 0.3))
        c.fill(box(x + 155, 614, 80, 18, 9), metal(BRASS, 90))
    top = [(110, 560), (220, 450), (1120, 450), (1090, 560)]
    wood(c, rounded(top, 14), tint(timber, 0.22), 62)
    edge = box(108, 554, 984, 26, 8)
    c.fill(edge, blend(tint(timber, 0.1), shade(timber, 0.2)))
    for x, foot in ((196, 168), (1006, 1036)):
        leg = ribbon([(x, 688), (foot, 1010)], 46, 24)
        wood(c, leg, timber, 63, upright=True)
    c.fill(box(300, 470, 200, 26, 6), lit("#47615f"))
    c.fill(box(312, 446, 190, 26, 6), lit("#d8a04e"))
    pot = lathe(900, [(400, 54), (480, 42)], 0.14, smooth=False)
    for angle in (-60, -30, 0, 28, 56):
        leaf = spline([(900, 400), (874, 330), (900, 240), (926, 330)], closed=True)
        c.fill(turned(leaf, angle, (900, 400)), blend("#86a874", "#4f7550"))
    c.fill(pot, round_body("#e9e2d6"))


def task_chair(c: Canvas, mesh_colour: str, seat: str) -> None:
    """An office chair with a mesh back on five castors."""
    for angle, reach in ((180, 1.0), (0, 1.0), (140, 0.86), (40, 0.86), (92, 0.6)):
        x, y = 640 + 270 * reach * cos(radians(angle)), 1010 + 90 * sin(radians(angle))
        c.fill(ribbon([(640, 960), (x, y)], 46, 26), blend(tint(STEEL, 0.2), shade(STEEL, 0.35)))
        c.fill(ellipse(x, y + 30, 26, 30), blend("#4b4b52", "#1d1d22"))
        c.fill(ellipse(x, y + 30, 9, 11), STEEL)
    c.fill(box(612, 760, 56, 210, 10), metal(STEEL))
    c.fill(box(596, 850, 88, 120, 12), metal("#55565c"))
    c.fill(ribbon([(640, 740), (640, 470)], 60, 44), metal("#55565c"))
    for side in (-1, 1):
        arm = [(640 + side * 200, 770), (640 + side * 300, 740), (640 + side * 300, 600)]
        tube(c, spline(arm), 26, "#55565c")
        c.fill(box(640 + side * 300 - 36, 572, 72, 34, 16), lit("#2e2e34"))
    back = rounded([(440, 190), (840, 190), (880, 420), (830, 640), (450, 640), (400, 420)], 110)
    c.fill(back, lit(mesh_colour, 0.3))
    inner = rounded([(464, 218), (816, 218), (848, 420), (806, 612), (474, 612), (432, 420)], 90)
    c.fill(inner, lit(tint(mesh_colour, 0.14), 0.24))
    c.texture(inner, mesh(14), faded(shade(mesh_colour, 0.6), 0.5))
    with c.within(inner):
        dark(c, ellipse(640, 660, 330, 90), 0.35, 40)
        shine(c, ellipse(520, 300, 90, 60), 0.22, 40)
    cushion = rounded([(400, 690), (880, 690), (940, 770), (900, 810), (380, 810), (340, 770)], 50)
    c.fill(cushion, blend(tint(seat, 0.25), seat, shade(seat, 0.35)))
    c.texture(cushion, weave(8), faded(shade(seat, 0.5), 0.2))
    c.line(spline([(360, 776), (640, 790), (920, 776)]), 4, faded(BLACK, 0.25))


def drawer_pedestal(c: Canvas, colour: str, pull: str) -> None:
    """A steel cabinet on castors with three drawers."""
    for x in (410, 800, 890):
        c.fill(ellipse(x, 1010 if x < 850 else 976, 28, 30), blend("#55555b", "#1d1d22"))
    block(c, 350, 340, 500, 650, 110, colour)
    for y, tall in ((366, 150), (532, 150), (698, 270)):
        face = box(372, y, 456, tall, 10)
        dark(c, box(374, y + tall - 4, 452, 12), 0.35, 5)
        c.fill(face, lit(tint(colour, 0.06), 0.16))
        c.line([(382, y + 2), (818, y + 2)], 3, faded(WHITE, 0.35))
        c.fill(box(540, y + 30, 120, 20, 10), metal(pull, 90))
        dark(c, box(540, y + 52, 120, 6), 0.3, 5)
    books = ((470, 60, "#d8a04e"), (540, 48, "#6b7f8a"), (596, 66, "#c8654a"))
    for x, wide, tone in books:
        c.fill(
            box(x, 130 + wide, wide, 182 - wide + 8, 6),
            across(tint(tone, 0.2), tone, shade(tone, 0.25)),
        )
        c.fill(box(x, 170 + wide, wide, 12), faded(WHITE, 0.5))


def bookends(c: Canvas, stone: str, vein: str) -> None:
    """Two marble half discs with books between them."""
    spines = (
        (390, 76, 420, "#2f4858"),
        (468, 58, 360, "#d9a441"),
        (528, 88, 450, "#b5523b"),
        (618, 64, 390, "#e6d8c0"),
        (684, 84, 430, "#56705a"),
        (770, 52, 350, "#7c5a78"),
    )
    for x, wide, tall, tone in spines:
        top = 1000 - tall
        c.fill(
            box(x, top, wide, tall, 6),
            across(shade(tone, 0.15), tint(tone, 0.2), tone, shade(tone, 0.3)),
        )
        for y in (top + 50, top + tall - 80):
            c.fill(box(x, y, wide, 8), faded("#f2ddb0", 0.75))
        c.fill(box(x + wide * 0.36, top + 90, wide * 0.28, tall * 0.34, 6), faded("#f2ddb0", 0.6))
    for cx, start, end in ((384, 180, 270), (828, 270, 360)):
        quarter = [(cx, 1000.0), *arc(cx, 1000, 230, 300, start, end)]
        c.fill(quarter, lit(stone, 0.22))
        with c.within(quarter):
            for k, (dx, width) in enumerate(((-180, 7), (-90, 4), (20, 6), (110, 3))):
                line = spline(
                    [
                        (cx + dx, 1010),
                        (cx + dx + 50, 900),
                        (cx + dx + 30 + 16 * k, 820),
                        (cx + dx + 120, 690),
                    ]
                )
                c.line(line, width, faded(vein, 0.45))
                c.line([(x + 12, y) for x, y in line], width * 2, faded(vein, 0.12))
            shine(c, ellipse(cx - 90, 830, 40, 90), 0.3, 24)


def wall_clock(c: Canvas, rim: str, face: str, hand: str) -> None:
    """A round clock at ten past ten."""
    c.fill(ellipse(640, 640, 430), metal(rim, 50))
    c.fill(ellipse(640, 640, 396), blend(shade(face, 0.24), tint(face, 0.2), angle=55))
    c.fill(ellipse(640, 646, 384), lit(face, 0.08))
    for hour in range(60):
        strong = hour % 5 == 0
        mark = [(640.0, 292.0), (640.0, 342.0 if strong else 308.0)]
        c.line(
            turned(mark, hour * 6), 13 if strong else 4, "#2c2a30" if strong else faded(BLACK, 0.5)
        )
    for degrees, long, wide in ((305, 200, 26), (60, 290, 18)):
        shadow = turned([(652, 660), (652, 660 - long)], degrees)
        dark(c, ribbon(shadow, wide, wide * 0.6), 0.3, 8)
        c.line(turned([(640, 690), (640, 640 - long)], degrees), wide, "#26252b")
    dark(c, ribbon(turned([(650, 720), (650, 340)], 204), 8, 6), 0.25, 6)
    c.line(turned([(640, 730), (640, 320)], 204), 7, hand)
    c.fill(ellipse(640, 640, 24), metal(hand, 45))
    c.fill(ellipse(640, 640, 9), OAK)
    with c.within(ellipse(640, 640, 384)):
        shine(c, [(300, 300), (560, 200), (330, 900), (200, 760)], 0.16, 30)


def paper_bin(c: Canvas, felt: str, band: str) -> None:
    """A felt basket with leather handles and a crumpled sheet."""
    opening_at = ellipse(640, 440, 300, 62)
    c.fill(opening_at, across(shade(felt, 0.55), shade(felt, 0.35)))
    for x, y, size in ((560, 420, 110), (690, 400, 124)):
        ball_of_paper = spline(
            [
                (
                    x + size * cos(radians(a)) * (0.88 if a % 80 == 0 else 1),
                    y + size * 0.9 * sin(radians(a)),
                )
                for a in range(0, 360, 40)
            ],
            closed=True,
        )
        c.fill(ball_of_paper, lit("#f4efe6", 0.2))
        for a in (20, 110, 200, 290):
            end = (x + size * 0.7 * cos(radians(a)), y + size * 0.6 * sin(radians(a)))
            c.line([(x, y), end], 4, faded("#8c8479", 0.35))
    body = [*arc(640, 440, 300, 62, 0, 180)[::-1], *arc(640, 980, 236, 42, 0, 180)]
    c.fill(body, round_body(felt, 0.16))
    c.texture(body, weave(8), faded(shade(felt, 0.6), 0.16))
    with c.within(body):
        c.line(arc(640, 500, 298, 62, 0, 180), 64, round_body(band, 0.2))
        dark(c, ellipse(640, 1010, 300, 60), 0.35, 30)
    c.line(arc(640, 440, 298, 60, 0, 180), 10, tint(felt, 0.3))
    tube(c, spline([(560, 640), (570, 740), (710, 740), (720, 640)]), 26, band)
    for x in (560, 720):
        c.fill(ellipse(x, 634, 15), metal(BRASS))

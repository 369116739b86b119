"""Drawings for the stove and the worktop."""

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import across, blend, faded, metal, round_body, shade, tint
from devstack.demo.pictures.parts import (
    IRON,
    STEEL,
    WHITE,
    dark,
    dome,
    knob,
    opening,
    shine,
    tube,
    vessel,
    wood,
)
from devstack.demo.pictures.paths import (
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


def gooseneck_kettle(c: Canvas, colour: str, grip: str) -> None:
    """A pour-over kettle with a long thin spout."""
    spout = spline([(470, 900), (330, 850), (290, 700), (262, 560), (196, 500), (150, 516)])
    c.fill(ribbon(spout, 84, 30), across(tint(colour, 0.3), colour, shade(colour, 0.35)))
    tube(c, bezier((760, 500), (900, 430), (1090, 440), (1080, 600)), 40, grip)
    tube(c, bezier((1080, 600), (1080, 700), (1056, 780), (1040, 850)), 44, grip)
    vessel(c, lathe(620, [(500, 172), (640, 220), (900, 270), (990, 262)], 0.14), colour)
    c.fill(lathe(620, [(978, 268), (1004, 262)], 0.14), metal(shade(STEEL, 0.2)))
    c.fill(ellipse(620, 500, 176, 34), metal(shade(colour, 0.2)))
    dome(c, 620, 440, 498, 160, colour, 0.17)
    knob(c, 620, 412, 34, grip)


def casserole(c: Canvas, enamel: str, fitting: str) -> None:
    """A round enamelled pot with a lid."""
    for side in (-1, 1):
        ear = [(640 + side * (x - 640), y) for x, y in arc(990, 720, 96, 60, -100, 100)]
        tube(c, ear, 46, enamel)
    body = lathe(640, [(660, 368), (760, 372), (900, 352), (985, 300), (1000, 280)], 0.1)
    vessel(c, body, enamel, 0.3)
    c.fill(lathe(640, [(646, 384), (676, 384)], 0.13), round_body(tint(enamel, 0.08), 0.4))
    dome(c, 640, 478, 650, 376, enamel, 0.13)
    c.line(arc(640, 600, 300, 40, 20, 160), 5, faded(WHITE, 0.2))
    c.fill(ellipse(640, 482, 84, 20), shade(enamel, 0.35))
    knob(c, 640, 432, 50, fitting)
    shine(c, ellipse(470, 560, 90, 20), 0.4, 16)


def skillet(c: Canvas, handle: str) -> None:
    """A cast iron pan from above."""
    grip = ribbon([(770, 490), (980, 280), (1130, 130)], 110, 66)
    c.fill(grip, blend(tint(handle, 0.2), handle, shade(handle, 0.4), angle=45))
    c.line([(1106, 154), (1116, 144)], 30, shade(handle, 0.6))
    c.line([(900, 380), (1040, 240)], 14, faded(WHITE, 0.1))
    for at in ((250, 470), (760, 1000)):
        c.fill(turned(box(at[0] - 50, at[1] - 30, 100, 60, 26), -45, at), IRON)
    c.fill(ellipse(540, 720, 400), blend("#5b5c62", "#2c2c31", "#1c1b20", angle=45))
    c.fill(ellipse(540, 720, 372), blend("#1d1d21", "#303136", "#4b4c52", angle=45))
    c.fill(ellipse(540, 724, 336), blend("#47484e", "#35363b", "#28282d", angle=45))
    with c.within(ellipse(540, 724, 336)):
        for radius in range(60, 330, 34):
            c.line(arc(540, 724, radius, radius, 0, 360), 2, faded(WHITE, 0.035))
        dark(c, arc(400, 560, 420, 420, 150, 300), 0.35, 40)
        shine(c, ellipse(650, 850, 150, 60), 0.1, 40)
        shine(c, ellipse(450, 600, 70, 160), 0.07, 40)
    c.line(arc(540, 720, 392, 392, 170, 280), 5, faded(WHITE, 0.35))


def moka_pot(c: Canvas, colour: str, grip: str) -> None:
    """An eight-sided stove-top coffee pot."""
    handle = [(800, 400), (960, 390), (1010, 430), (960, 690)]
    c.line(spline(handle), 50, blend(tint(grip, 0.25), grip, shade(grip, 0.4)))
    spout = [(470, 400), (350, 372), (440, 520), (500, 520)]
    c.fill(rounded(spout, 30), metal(colour))
    facets = ((0.0, 0.28, 0.3), (0.28, 0.62, -0.35), (0.62, 0.86, 0.06), (0.86, 1.0, 0.34))
    for top, high, bottom, low in ((400, 180, 655, 146), (700, 150, 1000, 216)):
        for start, end, tone in facets:
            side = [
                (640 - high + 2 * high * start, top),
                (640 - high + 2 * high * end, top),
                (640 - low + 2 * low * end, bottom),
                (640 - low + 2 * low * start, bottom),
            ]
            face = tint(colour, -tone) if tone < 0 else shade(colour, tone)
            c.fill(side, blend(tint(face, 0.2), face, shade(face, 0.18)))
    c.fill(lathe(640, [(644, 152), (716, 156)], 0.1), metal(shade(colour, 0.1)))
    for y in (664, 680, 696):
        c.line(arc(640, y, 150, 15, 10, 170), 3, faded("#20202a", 0.35))
    lid = [(452, 404), (640, 316), (828, 404), (800, 424), (480, 424)]
    c.fill(rounded(lid, 26), metal(tint(colour, 0.1)))
    c.fill(box(822, 392, 46, 34, 10), shade(colour, 0.4))
    knob(c, 640, 292, 34, grip)
    c.fill(ellipse(560, 850, 16), metal("#b98a45"))


def mixing_bowls(c: Canvas, outer: str, middle: str, inner: str) -> None:
    """Three bowls that stand in one another."""
    profile = [(600, 420), (768, 390), (920, 294), (1000, 210)]
    vessel(c, lathe(640, profile, 0.1), outer, 0.3)
    opening(c, 640, 600, 420, 92, outer, 20)
    # Of the smaller two only the rim and a hand's breadth below it can be seen.
    for top, half, colour in ((548, 320, middle), (504, 226, inner)):
        rim = arc(640, top, half, half * 0.22, 180, 360)
        wall = [*rim, *arc(640, top + 70, half * 0.97, half * 0.24, 0, 180)]
        dark(c, moved(wall, 10, 14), 0.3, 18)
        c.fill(wall, round_body(colour, 0.3))
        opening(c, 640, top, half, half * 0.22, colour, 17)


def chef_knife(c: Canvas, handle: str) -> None:
    """A long kitchen knife, lying."""
    blade = [
        *bezier((130, 640), (300, 720), (560, 724), (812, 716)),
        (812, 540),
        *bezier((806, 536), (560, 536), (330, 560), (130, 640)),
    ]
    about = (640, 640)
    c.fill(turned(blade, -12, about), blend("#f3f5f6", "#aeb5bc", "#e9ecee", "#8a929a", angle=78))
    edge = ribbon(bezier((132, 642), (300, 712), (560, 714), (812, 706)), 4, 22)
    c.fill(turned(edge, -12, about), blend("#ffffff", "#c9d0d5", angle=90))
    bolster = rounded([(800, 534), (856, 536), (858, 622), (836, 720), (800, 718)], 8)
    c.fill(turned(bolster, -12, about), metal(STEEL, 70))
    grip = rounded([(840, 540), (1120, 520), (1172, 560), (1160, 640), (1100, 626), (844, 622)], 34)
    wood(c, turned(grip, -12, about), handle, 5)
    for x in (900, 990, 1080):
        c.fill(turned(ellipse(x, 580, 13), -12, about), metal(STEEL, 60))
    c.line(
        turned(bezier((860, 548), (980, 538), (1060, 532), (1120, 532)), -12, about),
        6,
        faded(WHITE, 0.25),
    )

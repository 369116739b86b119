"""Drawings of lamps for ceiling and wall."""

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import (
    Paint,
    across,
    ball,
    blend,
    faded,
    metal,
    shade,
    tint,
)
from devstack.demo.pictures.parts import (
    BLACK,
    BRASS,
    WHITE,
    cable,
    halo,
    knob,
    shine,
    tube,
    vessel,
)
from devstack.demo.pictures.paths import (
    arc,
    bezier,
    box,
    cap,
    ellipse,
    lathe,
    ribbon,
    spline,
)

WARM = "#ffdf9e"


def _mouth(c: Canvas, cx: float, y: float, rx: float, ry: float, inside: str) -> None:
    """The open underside of a lit shade."""
    c.fill(ellipse(cx, y, rx, ry), shade(inside, 0.2))
    c.fill(ellipse(cx, y + 2, rx - 8, ry - 4), blend(inside, WARM, "#fff6dc"))
    c.fill(ellipse(cx, y + ry * 0.2, rx * 0.34, ry * 0.6), "#fffdf2", blur=8)


def dome_pendant(c: Canvas, colour: str, fitting: str) -> None:
    """A wide spun dome on a cable."""
    halo(c, 640, 900, 420, WARM, 0.6)
    cable(c, [(640, -20), (640, 330)])
    c.fill(lathe(640, [(300, 26), (380, 40), (440, 44)], 0.2), metal(fitting))
    vessel(c, cap(640, 414, 790, 430, 0.12), colour, 0.4)
    c.line(arc(640, 790, 426, 52, 6, 174), 6, faded(WHITE, 0.2))
    _mouth(c, 640, 792, 428, 50, "#f2d9a0")
    shine(c, ribbon(spline([(300, 740), (350, 600), (470, 500)]), 10, 46), 0.3, 14)


def globe_pendant(c: Canvas, glass: str, fitting: str) -> None:
    """An opal glass ball that glows."""
    cable(c, [(640, -20), (640, 330)])
    halo(c, 640, 680, 620, WARM, 0.75)
    stops = ((0.0, "#fffef8"), (0.4, glass), (0.78, shade(glass, 0.1)), (1.0, shade(glass, 0.24)))
    c.fill(ellipse(640, 690, 320), Paint(stops, centre=(0.45, 0.46), reach=0.88))
    c.fill(ellipse(640, 700, 150), faded("#fff3c9", 0.85), blur=60)
    c.fill(lathe(640, [(250, 22), (310, 26)], 0.2), metal(fitting))
    c.fill(cap(640, 306, 396, 120, 0.16, 2.6), metal(fitting))
    shine(c, ribbon(arc(640, 690, 270, 270, 200, 250), 10, 34), 0.8, 12)
    c.line(arc(640, 690, 312, 312, 20, 80), 6, faded(WHITE, 0.4))


def cone_cluster(c: Canvas, first: str, second: str, third: str) -> None:
    """Three small cones at three heights under one bar."""
    c.fill(box(250, 60, 780, 40, 18), metal("#8a8078", 90))
    for x, y, colour in ((360, 520, first), (640, 760, second), (920, 420, third)):
        halo(c, x, y + 330, 230, WARM, 0.6)
        cable(c, [(x, 90), (x, y)], width=7)
        c.fill(lathe(x, [(y - 20, 20), (y + 40, 32)], 0.2), metal(BRASS))
        cone = lathe(x, [(y + 30, 34), (y + 90, 60), (y + 260, 156)], 0.14, smooth=False)
        vessel(c, cone, colour, 0.4)
        _mouth(c, x, y + 261, 155, 22, "#f2d9a0")


def paper_lantern(c: Canvas, paper: str) -> None:
    """A pleated washi ball."""
    cable(c, [(640, -20), (640, 250)])
    halo(c, 640, 660, 640, WARM, 0.6)
    profile = [(270, 90), (300, 210), (420, 360), (640, 430), (860, 360), (990, 200), (1016, 90)]
    body = lathe(640, profile, 0.1)
    c.fill(body, across(shade(paper, 0.24), tint(paper, 0.3), "#fffaf0", paper, shade(paper, 0.28)))
    with c.within(body):
        c.fill(ellipse(640, 680, 250, 270), faded("#ffe7ac", 0.9), blur=110)
        for i in range(25):
            y = 278 + i * 30
            sag = (y - 640) * 0.09
            fold = spline(
                [(190, y), (420, y + sag * 0.8), (640, y + sag), (860, y + sag * 0.8), (1090, y)]
            )
            c.line(fold, 3, faded(shade(paper, 0.45), 0.4))
            c.line([(x, yy + 5) for x, yy in fold], 4, faded(WHITE, 0.35))
    c.line(arc(640, 270, 90, 12, 0, 360), 7, "#3a302b")
    c.line(arc(640, 1018, 90, 12, 0, 180), 7, "#3a302b")


def wall_sconce(c: Canvas, plate: str, glass: str) -> None:
    """A brass arm on a round plate, with a frosted shade that throws light upwards."""
    halo(c, 760, 380, 520, WARM, 0.75)
    c.fill(ellipse(430, 760, 150), metal(plate, 40))
    c.fill(
        ellipse(430, 760, 132),
        Paint(((0, tint(plate, 0.5)), (0.6, plate), (1, shade(plate, 0.4))), 50),
    )
    knob(c, 430, 760, 40, plate)
    arm = [*bezier((430, 770), (560, 960), (760, 980), (770, 760))]
    tube(c, arm, 34, plate, 0.6)
    c.fill(lathe(770, [(690, 70), (730, 90), (780, 52), (800, 26)], 0.15), metal(plate))
    shade_body = lathe(770, [(390, 236), (520, 216), (640, 150), (700, 90)], 0.12)
    c.fill(
        shade_body,
        across(shade(glass, 0.16), tint(glass, 0.4), "#fffdf4", glass, shade(glass, 0.22)),
    )
    with c.within(shade_body):
        c.fill(ellipse(770, 480, 150, 170), faded("#ffe39c", 0.8), blur=70)
        for x in range(560, 990, 30):
            c.line([(x, 360), (770 + (x - 770) * 0.42, 700)], 3, faded(shade(glass, 0.4), 0.16))
    c.fill(ellipse(770, 390, 236, 29), blend("#fffdf2", WARM))
    c.line(arc(770, 390, 234, 28, 0, 360), 4, faded(WHITE, 0.9))


def filament_bulb(c: Canvas, glass: str, fitting: str) -> None:
    """A large bulb with a visible filament."""
    cable(c, [(640, -20), (640, 240)])
    halo(c, 640, 700, 600, "#ffc76a", 0.75)
    c.fill(lathe(640, [(180, 40), (220, 92), (330, 92), (380, 84)], 0.12), metal(fitting))
    for y in (336, 360, 384):
        c.fill(lathe(640, [(y, 80), (y + 12, 84), (y + 20, 78)], 0.12), metal("#c9a86a"))
    body = lathe(640, _BULB)
    c.fill(
        body,
        across(faded(shade(glass, 0.4), 0.75), faded(glass, 0.3), faded(shade(glass, 0.4), 0.8)),
    )
    with c.within(body):
        c.fill(ellipse(640, 720, 150, 190), faded("#ffd27a", 0.8), blur=80)
        c.fill(lathe(640, [(390, 40), (520, 26), (600, 10)], 0.1), faded("#fff4d6", 0.5))
        for side in (-1, 1):
            c.line([(640, 590), (640 + side * 110, 690)], 4, faded(BLACK, 0.4))
            loops = [(640 + side * (110 - 44 * i), 690 + (190 if i % 2 else 0)) for i in range(3)]
            c.line(spline(loops), 16, faded("#ffb347", 0.7))
            c.line(spline(loops), 7, "#fff6d8")
    shine(c, ribbon(spline([(420, 640), (392, 740), (430, 860)]), 40, 16), 0.6, 10)
    c.fill(ellipse(820, 640, 26, 60), ball(tint(glass, 0.8)), blur=14)


_BULB = (
    (400.0, 74.0),
    (470.0, 104.0),
    (560.0, 190.0),
    (660.0, 274.0),
    (770.0, 304.0),
    (880.0, 270.0),
    (970.0, 172.0),
    (1016.0, 78.0),
    (1030.0, 4.0),
)
"""The outline of a pear-shaped bulb: height and half width."""

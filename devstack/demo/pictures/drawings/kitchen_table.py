"""Drawings for the table: drinking, serving, storing."""

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import across, blend, faded, metal, round_body, shade, tint
from devstack.demo.pictures.parts import (
    BEECH,
    BLACK,
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
    ribbon,
    spline,
    turned,
)
from devstack.demo.pictures.textures import speckle


def stoneware_mug(c: Canvas, glaze: str, clay: str) -> None:
    """A straight mug, its foot left unglazed."""
    tube(c, arc(880, 660, 140, 170, -95, 95), 62, glaze)
    profile = [(380, 286), (500, 292), (800, 284), (940, 240), (1000, 212)]
    body = lathe(600, profile, 0.13)
    vessel(c, body, clay, 0.15)
    with c.within(body):
        glazed = [
            *box(250, 300, 700, 560)[:2],
            *spline([(950, 850), (800, 890), (600, 902), (400, 886), (250, 850)]),
        ]
        c.fill(glazed, round_body(glaze, 0.28))
        c.line(
            spline([(250, 852), (400, 888), (600, 904), (800, 892), (950, 852)]),
            5,
            faded(WHITE, 0.3),
        )
        shine(c, box(376, 470, 40, 320, 20), 0.32, 12)
    speckle(c, body, faded("#241612", 0.4), 3, 70)
    opening(c, 600, 380, 286, 46, glaze, 20)


def teapot(c: Canvas, colour: str, handle: str) -> None:
    """A round pot with a bail handle."""
    c.line(
        arc(640, 560, 290, 340, 188, 352), 34, blend(tint(handle, 0.3), handle, shade(handle, 0.3))
    )
    spout = spline([(920, 800), (1020, 740), (1056, 640), (1130, 580)])
    c.fill(ribbon(spout, 150, 54), across(colour, tint(colour, 0.12), shade(colour, 0.3)))
    c.fill(ellipse(1130, 578, 28, 13), shade(colour, 0.65))
    for x in (360, 920):
        c.fill(ellipse(x, 590, 34, 40), round_body(colour))
    profile = [(560, 180), (610, 300), (720, 372), (840, 368), (950, 270), (1000, 200)]
    body = lathe(640, profile, 0.08)
    vessel(c, body, colour, 0.3)
    speckle(c, body, faded(WHITE, 0.12), 8, 60)
    c.fill(ellipse(640, 560, 196, 34), shade(colour, 0.4))
    dome(c, 640, 484, 556, 182, colour, 0.15)
    knob(c, 640, 452, 38, handle)


def coffee_dripper(c: Canvas, glass: str, collar: str) -> None:
    """An hourglass carafe of glass with a wooden collar and coffee in it."""
    profile = [(260, 270), (420, 176), (560, 86), (640, 88), (780, 220), (920, 296), (1000, 250)]
    body = lathe(640, profile, 0.1)
    c.fill(
        body,
        across(faded(shade(glass, 0.25), 0.75), faded(glass, 0.35), faded(shade(glass, 0.3), 0.75)),
    )
    with c.within(body):
        coffee = lathe(640, [(850, 290), (930, 300), (1010, 250)], 0.12)
        c.fill(coffee, across("#3a1d10", "#7a4326", "#2d160c"))
        c.fill(ellipse(640, 850, 270, 34), across("#8d5632", "#a66a3f", "#5d3219"))
        paper = [(390, 262), (890, 262), (650, 600), (630, 600)]
        c.fill(paper, across("#f6efe2", "#fffaf0", "#d9cfbd"))
        c.fill(
            [(460, 350), (820, 350), (650, 580), (630, 580)],
            across("#5b3620", "#7d4e30", "#43250f"),
        )
        c.fill(ellipse(640, 350, 182, 26), "#6b4025")
    c.line(arc(640, 260, 268, 27, 0, 360), 7, faded(WHITE, 0.75))
    tie = lathe(640, [(540, 116), (600, 100), (668, 122)], 0.12)
    wood(c, tie, collar, 11)
    c.fill(tie, across(faded(BLACK, 0.35), faded(BLACK, 0), faded(WHITE, 0.1), faded(BLACK, 0.4)))
    c.line(arc(640, 606, 104, 14, 15, 165), 9, "#4d2f20")
    c.fill(ellipse(664, 622, 16), round_body("#5d3b28", 0.4))
    shine(c, ribbon(spline([(470, 800), (424, 880), (440, 960)]), 34, 14), 0.6, 6)
    shine(c, ribbon(spline([(420, 310), (470, 400), (520, 470)]), 26, 10), 0.6, 5)
    c.line(arc(640, 1000, 250, 25, 10, 170), 5, faded(WHITE, 0.4))


def pepper_mill(c: Canvas, timber: str, cap: str) -> None:
    """A turned mill with a metal nut."""
    profile = [
        (470, 130),
        (520, 122),
        (640, 84),
        (740, 92),
        (900, 160),
        (985, 172),
        (1005, 170),
    ]
    body = lathe(640, profile, 0.12)
    wood(c, body, timber, 21, upright=True)
    c.fill(body, across(faded(BLACK, 0.45), faded(WHITE, 0.28), faded(BLACK, 0), faded(BLACK, 0.5)))
    c.line(arc(640, 925, 164, 20, 4, 176), 6, faded(BLACK, 0.35))
    c.fill(lathe(640, [(448, 128), (474, 130)], 0.12), metal(cap))
    head = lathe(640, [(270, 40), (300, 110), (370, 142), (430, 132), (452, 124)], 0.1)
    wood(c, head, timber, 22, upright=True)
    c.fill(head, across(faded(BLACK, 0.4), faded(WHITE, 0.3), faded(BLACK, 0), faded(BLACK, 0.5)))
    knob(c, 640, 236, 36, cap)


def storage_jar(c: Canvas, content: str, lid: str) -> None:
    """A glass jar with a turned lid, half full."""
    body = lathe(640, [(420, 250), (470, 300), (900, 304), (980, 290), (1000, 270)], 0.1)
    c.fill(body, across(faded("#8fa3a4", 0.7), faded(WHITE, 0.35), faded("#8fa3a4", 0.7)))
    with c.within(body):
        filling = lathe(640, [(640, 300), (1010, 290)], 0.12, smooth=False)
        c.fill(filling, round_body(content, 0.2))
        speckle(c, filling, faded(shade(content, 0.4), 0.5), 4, 260)
        speckle(c, filling, faded(tint(content, 0.6), 0.6), 5, 220)
        c.fill(ellipse(640, 640, 284, 40), tint(content, 0.25))
        speckle(c, ellipse(640, 640, 270, 34), faded(shade(content, 0.4), 0.5), 6, 60)
    shine(c, box(390, 500, 44, 400, 20), 0.7, 7)
    shine(c, box(452, 500, 12, 400, 6), 0.5, 4)
    shine(c, box(872, 520, 22, 380, 10), 0.35, 6)
    c.line(arc(640, 998, 268, 26, 8, 172), 8, faded(WHITE, 0.5))
    c.fill(lathe(640, [(398, 262), (432, 258)], 0.12), across("#d9dedd", WHITE, "#aab4b4"))
    top = lathe(640, [(330, 280), (400, 280)], 0.13, smooth=False)
    wood(c, top, lid, 31)
    c.fill(
        top, across(faded(BLACK, 0.3), faded(WHITE, 0.2), faded(BLACK, 0.02), faded(BLACK, 0.38))
    )
    wood(c, ellipse(640, 330, 280, 37), tint(lid, 0.25), 32)
    knob(c, 640, 270, 44, lid)


def cutting_board(c: Canvas, timber: str, strap: str) -> None:
    """A board with a handle, lying, with a lemon cut on it."""
    board = [*box(330, 400, 620, 720, 70)]
    turn = 14.0
    neck = turned(box(560, 150, 160, 320, 70), turn)
    wood(c, neck, timber, 41, upright=True)
    wood(c, turned(board, turn), timber, 42, upright=True)
    for x, tone in ((480, 0.16), (640, 0.1), (790, 0.18)):
        strip = turned(box(x, 400, 74, 720), turn)
        with c.within(turned(board, turn)):
            c.fill(strip, faded(BEECH, tone * 2.4))
    hole = turned([(640, 226)], turn)[0]
    c.fill(ellipse(*hole, 30), shade(timber, 0.72))
    c.line(
        spline(
            [
                hole,
                (hole[0] + 60, hole[1] - 40),
                (hole[0] + 110, hole[1] + 40),
                (hole[0] + 20, hole[1] + 14),
            ]
        ),
        12,
        strap,
    )
    for x, y, radius in ((560, 860, 120), (720, 760, 116)):
        dark(c, ellipse(x + 10, y + 16, radius), 0.4, 14)
        c.fill(ellipse(x, y, radius), blend("#ffe06a", "#f1b92d", angle=50))
        c.fill(ellipse(x, y, radius - 12), "#fff3c4")
        for k in range(9):
            wedge = [(0.0, -12.0), (-26.0, -radius + 26.0), (26.0, -radius + 26.0)]
            piece = turned([(x + dx, y + dy) for dx, dy in wedge], k * 40, (x, y))
            c.fill(piece, blend("#ffdf5c", "#f7c93e"))
        shine(c, ellipse(x - 30, y - 40, 40, 20), 0.4, 12)
    c.line(bezier((300, 600), (330, 560), (340, 500), (352, 452)), 4, faded(WHITE, 0.2))

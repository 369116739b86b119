"""Drawings of what sound comes out of."""

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import (
    Paint,
    across,
    ball,
    blend,
    faded,
    glow,
    lit,
    metal,
    round_body,
    shade,
    tint,
)
from devstack.demo.pictures.parts import (
    BLACK,
    STEEL,
    WHITE,
    block,
    cable,
    dark,
    leather,
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
    rounded,
    spline,
)
from devstack.demo.pictures.textures import mesh, weave


def _driver(c: Canvas, cx: float, cy: float, radius: float, cone: str, ring: str) -> None:
    """A loudspeaker: frame, surround, cone and dust cap."""
    c.fill(ellipse(cx, cy, radius), metal(ring, 50))
    c.fill(ellipse(cx, cy, radius * 0.93), "#1b1a1f")
    roll = Paint(
        ((0.0, "#1a191d"), (0.8, "#1f1e23"), (0.9, "#55545c"), (1.0, "#1a191d")), 0, (0.5, 0.5), 0.5
    )
    c.fill(ellipse(cx, cy, radius * 0.9), roll)
    c.fill(
        ellipse(cx, cy, radius * 0.72), blend(shade(cone, 0.45), cone, tint(cone, 0.3), angle=50)
    )
    for part in (0.62, 0.52, 0.42):
        c.line(arc(cx, cy, radius * part, radius * part, 0, 360), 2, faded(BLACK, 0.2))
    c.fill(ellipse(cx, cy, radius * 0.28), ball(shade(cone, 0.1), 0.5))


def bookshelf_speaker(c: Canvas, timber: str, cone: str) -> None:
    """A two-way box with a silk tweeter."""
    front = block(c, 350, 200, 500, 800, 120, timber)
    wood(c, front, timber, 131, upright=True)
    baffle = box(376, 226, 448, 748, 20)
    c.fill(baffle, lit("#2b2a30", 0.18))
    _driver(c, 600, 712, 192, cone, "#8f9196")
    c.fill(ellipse(600, 386, 118), metal("#8f9196", 50))
    c.fill(ellipse(600, 386, 108), "#232228")
    c.fill(ellipse(600, 386, 60), ball("#4b4a52", 0.4))
    for x, y in ((404, 254), (796, 254), (404, 946), (796, 946)):
        c.fill(ellipse(x, y, 9), metal(STEEL, 45))
    c.fill(box(560, 936, 80, 12, 5), metal("#c79a4b"))


def tower_speaker(c: Canvas, colour: str, cone: str) -> None:
    """A slim floor-standing column with three drivers."""
    c.fill(rounded([(420, 1080), (830, 1080), (910, 1040), (520, 1036)], 12), lit("#2a292e", 0.3))
    front = block(c, 470, 110, 300, 950, 100, colour)
    with c.within(front):
        shine(c, [(480, 110), (560, 110), (500, 1080), (460, 1080)], 0.2, 20)
    c.fill(ellipse(620, 220, 62), metal("#8f9196", 50))
    c.fill(ellipse(620, 220, 32), ball("#4b4a52", 0.4))
    for y in (430, 680, 920):
        _driver(c, 620, y, 118, cone, "#8f9196")


def party_speaker(c: Canvas, cloth: str, strap: str) -> None:
    """A portable speaker lying on its side, with a carrying loop."""
    c.line(spline([(1010, 600), (1130, 560), (1170, 700), (1120, 840), (1020, 800)]), 26, strap)
    body = box(180, 520, 880, 400, 180)
    c.fill(body, blend(tint(cloth, 0.3), cloth, shade(cloth, 0.45)))
    c.texture(body, mesh(14), faded(BLACK, 0.34))
    with c.within(body):
        c.fill(box(180, 560, 880, 60, 30), faded(WHITE, 0.2), blur=24)
        dark(c, box(180, 850, 880, 100), 0.35, 30)
    for cx, side in ((262, -1), (978, 1)):
        c.fill(ellipse(cx + side * 16, 720, 92, 188), round_body(shade(cloth, 0.35), 0.2))
        c.fill(ellipse(cx + side * 20, 720, 72, 156), ball("#37363d", 0.25))
        c.line(arc(cx + side * 20, 720, 72, 156, 170, 290), 5, faded(WHITE, 0.3))
    plate = box(500, 516, 240, 56, 28)
    c.fill(plate, lit(shade(cloth, 0.3), 0.2))
    for x, wide in ((548, 26), (620, 8), (692, 26)):
        c.line([(x - wide / 2, 544), (x + wide / 2, 544)], 8, faded(WHITE, 0.8))
    c.line([(692, 531), (692, 557)], 8, faded(WHITE, 0.8))
    c.fill(box(580, 690, 90, 70, 10), lit(strap, 0.2))


def smart_speaker(c: Canvas, cloth: str, top: str) -> None:
    """A knitted cylinder with a ring of light."""
    body = lathe(640, [(360, 250), (420, 264), (900, 264), (990, 240)], 0.14, smooth=True)
    c.fill(body, round_body(cloth, 0.22, 0.4))
    c.texture(body, weave(10), faded(shade(cloth, 0.7), 0.4))
    with c.within(body):
        dark(c, ellipse(640, 1020, 300, 70), 0.4, 36)
        dark(c, arc(640, 372, 258, 46, 0, 180), 0.25, 16)
    c.fill(lathe(640, [(986, 240), (1010, 226)], 0.14), round_body("#2d2c32", 0.2))
    c.fill(ellipse(640, 360, 250, 40), shade(top, 0.3))
    c.fill(ellipse(640, 354, 246, 38), across(tint(top, 0.3), top, shade(top, 0.3)))
    c.line(arc(640, 354, 216, 30, 0, 360), 10, across("#7fd6ff", "#9f8cff", "#ff9fcb"))
    c.fill(ellipse(640, 354, 260, 60), faded("#a6a0ff", 0.22), blur=16)
    for dx in (-70, 70):
        c.fill(ellipse(640 + dx, 354, 11, 5), faded(WHITE, 0.7))
    c.fill(ellipse(640, 354, 8, 4), faded(WHITE, 0.7))


def amplifier(c: Canvas, timber: str, plate: str) -> None:
    """An integrated amplifier with a wooden case and round meters."""
    shell = block(c, 140, 480, 880, 400, 110, timber)
    wood(c, shell, timber, 151)
    face = box(176, 512, 808, 336, 10)
    c.fill(face, blend(tint(plate, 0.4), plate, shade(plate, 0.12), angle=60))
    for y in range(520, 846, 5):
        c.line([(178, y), (982, y)], 1.2, faded(WHITE, 0.14))
    for x, needle in ((330, -28), (560, 18)):
        c.fill(box(x - 104, 542, 208, 130, 10), metal(shade(plate, 0.35), 60))
        c.fill(box(x - 96, 550, 192, 114, 6), blend("#ffe9b4", "#f5c66b"))
        c.line(arc(x, 690, 96, 96, 225, 315), 3, "#4a3414")
        c.line(arc(x, 690, 96, 96, 290, 315), 5, "#c23f2c")
        end = arc(x, 690, 112, 112, 270 + needle, 271 + needle)[0]
        c.line([(x, 662), end], 3, "#2a1f14")
    for x, radius in ((842, 104), (240, 40), (360, 40), (480, 40), (600, 40)):
        y = 640 if radius > 50 else 764
        dark(c, ellipse(x + 8, y + 14, radius), 0.4, 12)
        c.fill(ellipse(x, y, radius), metal(plate, 45))
        c.fill(ellipse(x, y, radius * 0.82), blend(tint(plate, 0.55), shade(plate, 0.2), angle=50))
        c.line([(x, y - radius * 0.4), (x - radius * 0.1, y - radius * 0.72)], 7, "#33323a")
    c.fill(ellipse(900, 806, 9), "#ff6b4a")
    c.fill(ellipse(900, 806, 26), glow("#ff6b4a", 0.7))
    for x in (200, 900):
        c.fill(box(x, 878, 70, 30, 8), "#28272c")


def headphones(c: Canvas, cups: str, pad: str) -> None:
    """Closed over-ear headphones, standing."""
    c.line(arc(640, 640, 330, 430, 176, 364), 76, blend(tint(cups, 0.24), cups, shade(cups, 0.3)))
    c.line(arc(640, 652, 300, 396, 196, 344), 44, leather(pad))
    c.line(arc(640, 636, 352, 454, 200, 300), 8, faded(WHITE, 0.35))
    for side in (-1, 1):
        x = 640 + side * 330
        c.fill(box(x - 20, 560, 40, 150, 14), metal(STEEL))
        cushion = ellipse(x - side * 64, 800, 84, 196)
        c.fill(cushion, round_body(pad, 0.22, 0.4))
        c.line(arc(x - side * 64, 800, 60, 166, 0, 360), 4, faded(BLACK, 0.25))
        cup = ellipse(x + side * 8, 800, 92, 184)
        c.fill(cup, blend(tint(cups, 0.4), cups, shade(cups, 0.45), angle=30))
        c.fill(ellipse(x + side * 26, 800, 58, 132), metal(shade(STEEL, 0.1), 40))
        c.fill(ellipse(x + side * 28, 800, 50, 120), lit(tint(cups, 0.08), 0.3))
        shine(c, ellipse(x + side * 10, 730, 20, 50), 0.4, 14)
    cable(c, bezier((300, 984), (290, 1110), (520, 1120), (720, 1080)), shade(pad, 0.2), 10)
    c.fill(ribbon([(720, 1084), (800, 1066)], 22, 18), metal("#c79a4b", 80))


def earbuds(c: Canvas, case: str, bud: str) -> None:
    """Wireless earbuds in their open case."""
    lid = box(300, 250, 680, 360, 170)
    c.fill(lid, blend(tint(case, 0.2), shade(case, 0.16)))
    c.fill(box(334, 290, 612, 320, 140), blend(shade(case, 0.5), shade(case, 0.3)))
    shine(c, box(420, 320, 400, 40, 20), 0.2, 16)
    body = box(280, 580, 720, 400, 60, 60, 190, 190)
    for x, side in ((500, -1), (780, 1)):
        vessel(c, box(x - 32, 500, 64, 180, 30), bud, 0.5)
        c.fill(ellipse(x + side * 6, 470, 84, 92), ball(bud, 0.6, 0.3))
        tip = ellipse(x - side * 62, 480, 40, 54)
        c.fill(tip, ball("#54535b", 0.3))
        c.fill(ellipse(x + side * 30, 452, 20, 34), blend("#3b3a42", "#5a5962"))
    c.fill(body, blend(tint(case, 0.36), case, shade(case, 0.34), angle=66))
    c.fill(box(300, 584, 680, 30, 15), blend(shade(case, 0.4), shade(case, 0.16)))
    c.line([(330, 620), (950, 620)], 4, faded(WHITE, 0.4))
    tube(c, [(560, 592), (720, 592)], 16, "#8d8c93", 0.6)
    c.fill(ellipse(640, 720, 10), "#8be28f")
    c.fill(ellipse(640, 720, 28), glow("#8be28f", 0.6))
    shine(c, ribbon(spline([(330, 700), (350, 840), (450, 930)]), 36, 10), 0.45, 12)

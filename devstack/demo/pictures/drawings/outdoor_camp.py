"""Drawings for a night under the sky."""

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.drawings.lighting_hanging import WARM
from devstack.demo.pictures.paint import across, blend, faded, lit, metal, round_body, shade, tint
from devstack.demo.pictures.parts import (
    BLACK,
    STEEL,
    WHITE,
    block,
    dark,
    halo,
    opening,
    shine,
    stitches,
    tube,
    vessel,
    wood,
)
from devstack.demo.pictures.paths import (
    arc,
    bezier,
    box,
    cap,
    ellipse,
    lathe,
    ribbon,
    rounded,
    spline,
)
from devstack.demo.pictures.textures import speckle, weave


def ridge_tent(c: Canvas, fly: str, inner: str) -> None:
    """A canvas tent with its door tied back."""
    roof = [(520, 250), (850, 330), (1160, 960), (860, 1000)]
    c.fill(roof, blend(shade(fly, 0.1), shade(fly, 0.4), angle=30))
    c.texture(roof, weave(8), faded(BLACK, 0.14))
    c.line(spline([(850, 330), (980, 640), (1160, 960)]), 4, faded(WHITE, 0.2))
    front = [(520, 250), *bezier((520, 250), (400, 560), (280, 800), (150, 1000)), (900, 1000)]
    front += bezier((900, 1000), (780, 800), (640, 520), (520, 250))
    c.fill(front, lit(fly, 0.16))
    c.texture(front, weave(8), faded(shade(fly, 0.6), 0.16))
    door = [(522, 400), *bezier((522, 400), (470, 640), (400, 860), (350, 1000)), (690, 1000)]
    door += bezier((690, 1000), (640, 860), (580, 620), (522, 400))
    c.fill(door, blend(shade(inner, 0.62), shade(inner, 0.3)))
    with c.within(door):
        c.fill(ellipse(520, 990, 240, 80), faded(WARM, 0.7), blur=50)
        c.fill(box(380, 930, 300, 60, 26), lit("#c8654a", 0.25))
        c.fill(box(400, 906, 120, 50, 24), lit("#f1e6d0", 0.2))
    for side in (-1, 1):
        flap = [
            (522, 392),
            (522 + side * 60, 620),
            (522 + side * 200, 1000),
            (522 + side * 110, 1000),
            (522 + side * 92, 740),
        ]
        dark(c, [(x + 8, y + 8) for x, y in flap], 0.3, 10)
        c.fill(rounded(flap, 30), lit(tint(fly, 0.2), 0.24))
        c.line([(522 + side * 54, 690), (522 + side * 112, 672)], 12, "#7a4f34")
    stitches(c, [(520, 270), (180, 970)][::-1], faded(WHITE, 0.45), 16, 3)
    c.line([(520, 200), (520, 256)], 16, metal("#9a6b43"))
    for start, end in (((520, 250), (60, 980)), ((850, 332), (1230, 940))):
        c.line([start, end], 4, "#efe4cf")
        c.line([(end[0], end[1] - 24), (end[0] + 8, end[1] + 30)], 9, "#5d5d62")


def camp_lantern(c: Canvas, colour: str) -> None:
    """A storm lantern with a glass chimney and a wire bail."""
    halo(c, 640, 620, 560, WARM, 0.75)
    c.line(arc(640, 430, 270, 330, 184, 356), 12, metal("#777b80"))
    for side in (-1, 1):
        bar = spline(
            [
                (640 + side * 190, 880),
                (640 + side * 270, 760),
                (640 + side * 260, 480),
                (640 + side * 150, 350),
            ]
        )
        tube(c, bar, 26, colour)
    vessel(c, lathe(640, [(870, 150), (900, 240), (990, 250), (1010, 240)], 0.13), colour, 0.35)
    c.fill(lathe(640, [(820, 130), (870, 160), (890, 156)], 0.13), metal(shade(colour, 0.1)))
    glass = lathe(640, [(420, 110), (520, 170), (640, 194), (760, 170), (830, 126)], 0.12)
    c.fill(glass, across(faded("#d8c9a2", 0.7), faded("#fff3cf", 0.45), faded("#d8c9a2", 0.75)))
    with c.within(glass):
        c.fill(ellipse(640, 680, 110, 150), faded("#ffd27a", 0.85), blur=50)
        flame = spline([(640, 580), (676, 700), (640, 760), (604, 700)], closed=True)
        c.fill(flame, blend("#fff3c2", "#ffbb45", "#ff8f2d"))
        c.fill(ellipse(640, 716, 16, 30), "#fffdf0", blur=5)
    shine(c, ribbon(spline([(500, 560), (478, 640), (500, 740)]), 26, 12), 0.8, 6)
    for y in (560, 730):
        c.line(arc(640, y, 186, 22, 10, 170), 6, "#8a8d92")
    vessel(c, lathe(640, [(330, 110), (350, 170), (400, 180), (430, 130)], 0.12), colour, 0.35)
    c.fill(cap(640, 270, 340, 112, 0.14), metal(shade(colour, 0.15)))
    c.fill(ellipse(640, 270, 34, 12), shade(colour, 0.5))
    c.fill(ellipse(800, 945, 26), metal(STEEL, 45))


def vacuum_flask(c: Canvas, colour: str, lid: str) -> None:
    """A flask beside its steel cup."""
    body = lathe(
        560, [(360, 112), (420, 160), (480, 168), (960, 168), (1000, 160)], 0.13, smooth=False
    )
    vessel(c, body, colour, 0.35)
    speckle(c, body, faded(BLACK, 0.14), 12, 500)
    c.fill(lathe(560, [(970, 169), (1004, 162)], 0.13), metal(STEEL))
    c.fill(lathe(560, [(336, 116), (372, 118)], 0.13), metal(STEEL))
    top = lathe(560, [(180, 108), (196, 124), (336, 126)], 0.13, smooth=False)
    vessel(c, top, lid, 0.35)
    for x in range(448, 680, 22):
        c.line([(x, 230), (x, 330)], 5, faded(BLACK, 0.2))
    c.fill(ellipse(560, 180, 108, 14), tint(lid, 0.25))
    c.line(bezier((720, 470), (800, 470), (800, 760), (724, 780)), 26, lit(shade(lid, 0.1), 0.4))
    c.fill(box(430, 600, 120, 120, 60), faded(tint(colour, 0.75), 0.9))
    peak = [(450, 692), (484, 640), (502, 664), (518, 646), (538, 692)]
    c.fill(peak, colour)
    cup = lathe(900, [(850, 124), (1010, 108), (1036, 96)], 0.14, smooth=False)
    c.fill(cup, metal(STEEL))
    opening(c, 900, 850, 124, 22, STEEL, 9)
    c.fill(ellipse(900, 862, 106, 12), blend("#7a4528", "#4b2614"))


def backpack(c: Canvas, cloth: str, leather_colour: str) -> None:
    """A roll-top rucksack with two leather straps."""
    for side in (-1, 1):
        strap = spline(
            [
                (640 + side * 200, 400),
                (640 + side * 380, 560),
                (640 + side * 360, 860),
                (640 + side * 260, 950),
            ]
        )
        c.line(strap, 54, blend(shade(cloth, 0.2), shade(cloth, 0.5)))
        pocket = box(640 + side * 330 - 80, 680, 160, 270, 50)
        c.fill(pocket, lit(shade(cloth, 0.12), 0.25))
        c.line([(640 + side * 330 - 70, 730), (640 + side * 330 + 70, 730)], 12, leather_colour)
    c.line(arc(640, 220, 70, 80, 180, 360), 26, leather_colour)
    body = rounded([(400, 330), (880, 330), (930, 700), (900, 1010), (380, 1010), (350, 700)], 90)
    c.fill(body, round_body(cloth, 0.14, 0.25))
    c.texture(body, weave(8), faded(shade(cloth, 0.6), 0.18))
    front = rounded([(440, 660), (840, 660), (860, 960), (420, 960)], 50)
    dark(c, front, 0.35, 16)
    c.fill(front, lit(cloth, 0.2))
    c.texture(front, weave(8), faded(shade(cloth, 0.6), 0.18))
    stitches(c, [(450, 700), (830, 700)], faded("#f4e6c8", 0.7), 14, 3)
    roll = rounded([(390, 210), (890, 210), (910, 330), (880, 440), (400, 440), (370, 330)], 60)
    dark(c, [(x, y + 30) for x, y in roll], 0.35, 18)
    c.fill(roll, blend(tint(cloth, 0.26), cloth, shade(cloth, 0.34)))
    c.texture(roll, weave(8), faded(shade(cloth, 0.6), 0.16))
    c.line(spline([(384, 300), (640, 316), (896, 300)]), 5, faded(BLACK, 0.25))
    for x in (510, 770):
        c.fill(
            box(x - 26, 214, 52, 500, 10),
            across(tint(leather_colour, 0.15), leather_colour, shade(leather_colour, 0.3)),
        )
        stitches(c, [(x - 17, 230), (x - 17, 700)], faded("#f4e6c8", 0.6), 12, 2.5)
        c.line([*box(x - 38, 520, 76, 62, 10), (x - 28, 520)], 9, metal("#c9a25a"))
        c.line([(x, 524), (x, 578)], 7, "#e6c98c")
    c.fill(box(576, 800, 128, 76, 8), lit(leather_colour, 0.2))
    stitches(c, [(586, 812), (694, 812)], faded("#f4e6c8", 0.8), 10, 2.5)


def cool_box(c: Canvas, colour: str, trim: str) -> None:
    """An enamelled picnic cooler with a bottle opener on its side."""
    front = block(c, 240, 500, 720, 480, 110, colour)
    with c.within(front):
        c.fill(box(240, 640, 720, 90), lit(trim, 0.1))
        shine(c, [(300, 480), (420, 480), (330, 1000), (220, 1000)], 0.16, 14)
    block(c, 226, 400, 748, 110, 116, tint(trim, 0.15))
    dark(c, box(240, 510, 720, 16), 0.4, 6)
    tube(c, spline([(360, 400), (380, 270), (820, 250), (850, 380)]), 30, "#9a9da2", 0.7)
    for x in (410, 790):
        c.fill(box(x - 34, 470, 68, 90, 12), metal(STEEL, 90))
        c.fill(box(x - 16, 520, 32, 26, 8), shade(STEEL, 0.5))
    c.fill(box(560, 650, 80, 70, 35), metal(STEEL, 60))
    c.fill(ellipse(600, 690, 20), shade(STEEL, 0.6))
    for x in (300, 860):
        c.fill(box(x, 976, 60, 26, 8), "#3b3a40")


def hatchet(c: Canvas, timber: str, sheath: str) -> None:
    """A forest axe with a curved helve, lying beside its leather sheath."""
    helve = spline([(450, 250), (560, 430), (660, 640), (790, 860), (880, 1040), (900, 1100)])
    shape = [*ribbon(helve, 66, 78)]
    wood(c, shape, timber, 91)
    c.line([(x - 14, y + 6) for x, y in helve[6:-10]], 8, faded(WHITE, 0.28))
    c.fill(ellipse(874, 1044, 11), "#3b2a22")
    head = [
        (380, 230),
        *bezier((380, 230), (460, 150), (540, 160), (590, 160)),
        *bezier((590, 160), (700, 90), (800, 60), (880, 40)),
        *bezier((880, 40), (950, 150), (960, 260), (920, 370)),
        *bezier((920, 370), (800, 330), (700, 330), (600, 340)),
        *bezier((600, 340), (520, 350), (470, 360), (430, 340)),
    ]
    c.fill(head, blend("#8b9097", "#4e5258", "#6f747b", "#3c3f45", angle=60))
    edge = [
        *bezier((880, 40), (950, 150), (960, 260), (920, 370)),
        *bezier((872, 352), (900, 260), (890, 160), (830, 62)),
    ]
    c.fill(edge, across("#a9afb5", "#f6f8f9", "#cfd5d9"))
    c.fill(ellipse(478, 250, 40, 52), shade(timber, 0.3))
    c.line(spline([(420, 214), (540, 180), (700, 120), (820, 84)]), 5, faded(WHITE, 0.4))
    guard = rounded([(180, 700), (430, 640), (500, 860), (250, 940)], 60)
    c.fill(guard, lit(sheath, 0.25))
    inner = rounded([(204, 718), (418, 666), (478, 846), (264, 914)], 44)
    stitches(c, [*inner, inner[0]], faded("#f4e6c8", 0.8), 14, 4)
    c.fill(ellipse(440, 760, 18), metal("#c79a4b", 45))

"""Drawings for garden and balcony."""

from itertools import pairwise

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import across, blend, faded, lit, metal, round_body, shade, tint
from devstack.demo.pictures.parts import (
    BLACK,
    BRASS,
    WHITE,
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
    ellipse,
    lathe,
    mirrored,
    moved,
    ribbon,
    spline,
    turned,
)
from devstack.demo.pictures.textures import weave


def watering_can(c: Canvas, colour: str, rose: str) -> None:
    """A long-spouted can with a brass rose."""
    c.fill(
        ribbon([(780, 900), (930, 640), (1070, 420)], 96, 40),
        across(tint(colour, 0.2), colour, shade(colour, 0.35)),
    )
    tube(c, [(760, 560), (960, 590)], 16, colour)
    head = turned([(1040, 420), (1110, 420), (1160, 340), (990, 340)], 30, (1075, 400))
    c.fill(head, metal(rose))
    plate = turned(ellipse(1075, 340, 86, 24), 30, (1075, 400))
    c.fill(plate, blend(tint(rose, 0.4), rose))
    for x in range(-54, 60, 18):
        c.fill(turned(ellipse(1075 + x, 340, 5, 4), 30, (1075, 400)), shade(rose, 0.6))
    tube(c, bezier((380, 860), (130, 820), (140, 480), (380, 500)), 38, colour)
    vessel(
        c,
        lathe(560, [(470, 226), (540, 236), (960, 252), (1004, 250)], 0.12, smooth=False),
        colour,
        0.3,
    )
    for y in (560, 900):
        c.line(arc(560, y, 240, 29, 4, 176), 9, faded(WHITE, 0.22))
        c.line(arc(560, y + 9, 240, 29, 4, 176), 5, faded(BLACK, 0.22))
    opening(c, 560, 470, 226, 40, colour, 14)
    tube(c, bezier((420, 448), (440, 250), (700, 240), (720, 420)), 32, colour)


def planter(c: Canvas, clay: str, leaf: str) -> None:
    """A terracotta pot with a rubber plant."""
    c.line(spline([(640, 700), (630, 520), (650, 400)]), 16, "#6d5138")
    blades = (
        (640, 680, -62, 330),
        (640, 690, 60, 330),
        (636, 600, -38, 350),
        (640, 610, 42, 340),
        (642, 500, -14, 340),
        (646, 480, 22, 310),
    )
    for i, (x, y, lean, long) in enumerate(blades):
        tone = tint(leaf, 0.1) if i % 2 else leaf
        about = (float(x), float(y))
        right = [
            (x, y),
            *bezier((x, y), (x + 120, y - long * 0.3), (x + 96, y - long * 0.8), (x, y - long)),
        ]
        left = mirrored(right, x)
        c.fill(turned(left, lean, about), blend(tint(tone, 0.3), tone, shade(tone, 0.2)))
        c.fill(turned(right, lean, about), blend(tone, shade(tone, 0.35)))
        c.line(turned([(x, y), (x, y - long * 0.92)], lean, about), 5, tint(tone, 0.45))
    body = lathe(640, [(720, 226), (980, 168), (1010, 160)], 0.12, smooth=False)
    vessel(c, body, clay, 0.2)
    rim = lathe(640, [(660, 256), (736, 250)], 0.13, smooth=False)
    dark(c, arc(640, 740, 240, 40, 0, 180), 0.35, 10)
    c.fill(rim, round_body(clay, 0.25))
    c.fill(ellipse(640, 660, 256, 34), tint(clay, 0.25))
    c.fill(ellipse(640, 663, 238, 27), "#3d2a20")
    c.line(arc(640, 850, 196, 24, 6, 174), 6, faded(WHITE, 0.25))


def folding_chair(c: Canvas, timber: str, cloth: str) -> None:
    """A deck chair with a striped sling."""
    back, front = ((860.0, 180.0), (330.0, 1000.0)), ((460.0, 560.0), (940.0, 1010.0))
    for a, b in (back, front):
        wood(c, moved(ribbon([a, b], 34, 34), 130, -40), shade(timber, 0.28), 101)
    top = [(860, 190), (990, 150)]
    sling = [
        *bezier(top[0], (760, 520), (640, 800), (400, 700)),
        *bezier((530, 660), (770, 760), (890, 480), top[1]),
    ]
    c.fill(sling, blend(tint(cloth, 0.2), cloth, shade(cloth, 0.25)))
    with c.within(sling):
        for part in (0.12, 0.38, 0.64, 0.9):
            dx, dy = 130 * part, -40 * part
            stripe = moved(bezier((860, 190), (760, 520), (640, 800), (400, 700)), dx, dy)
            c.line(stripe, 15, faded("#fbf3e2", 0.92))
        dark(c, ellipse(620, 720, 180, 60), 0.25, 36)
    c.texture(sling, weave(8), faded(BLACK, 0.1))
    for i, (a, b) in enumerate((back, front)):
        wood(c, ribbon([a, b], 40, 40), timber, 102 + i)
    for a, b in (
        ((850, 190), (1000, 146)),
        ((390, 700), (540, 656)),
        ((340, 986), (470, 946)),
        ((930, 1000), (1060, 960)),
    ):
        tube(c, [a, b], 28, timber, 0.4)
    c.fill(ellipse(672, 760, 17), metal(BRASS, 45))


def parasol(c: Canvas, cloth: str, stripe: str, timber: str) -> None:
    """An open sunshade on a stone foot."""
    c.fill(lathe(640, [(1010, 170), (1060, 176)], 0.18, smooth=False), round_body("#b9b5ae", 0.3))
    c.fill(ellipse(640, 1010, 170, 31), lit("#d6d2ca", 0.1))
    wood(c, box(624, 320, 32, 694, 8), timber, 111, upright=True)
    c.fill(
        box(624, 320, 32, 694, 8), across(faded(WHITE, 0.2), faded(BLACK, 0), faded(BLACK, 0.35))
    )
    edges = [120.0, 310.0, 530.0, 750.0, 970.0, 1160.0]
    under = [*bezier((120, 500), (400, 380), (880, 380), (1160, 500)), (640, 560)]
    c.fill(under, shade(cloth, 0.5))
    for i, (left, right) in enumerate(pairwise(edges)):
        tone = stripe if i % 2 else cloth
        sag = 44 - 9 * abs(i - 2)
        panel = [
            *bezier(
                (640, 190),
                (640 + (left - 640) * 0.5, 220),
                (left + (640 - left) * 0.12, 360),
                (left, 500),
            ),
            *bezier((left, 500), (left + 60, 500 + sag), (right - 60, 500 + sag), (right, 500)),
            *bezier(
                (right, 500),
                (right + (640 - right) * 0.12, 360),
                (640 + (right - 640) * 0.5, 220),
                (640, 190),
            ),
        ]
        c.fill(panel, blend(tint(tone, 0.34 - i * 0.06), shade(tone, 0.04 + 0.07 * i)))
        hem = bezier((left, 500), (left + 60, 500 + sag), (right - 60, 500 + sag), (right, 500))
        valance = [*hem, *[(x, y + 44) for x, y in hem[::-1]]]
        c.fill(valance, blend(shade(tone, 0.06 + 0.05 * i), shade(tone, 0.2 + 0.05 * i)))
        stitches(c, [(x, y + 34) for x, y in hem], faded(WHITE, 0.5), 14, 3)
    c.fill(box(630, 140, 20, 54, 10), round_body(timber, 0.3))


def fire_bowl(c: Canvas, steel: str) -> None:
    """A steel bowl on three legs with a fire in it."""
    halo(c, 640, 420, 520, "#ff9d42", 0.75)
    for x, foot in ((440, 380), (840, 900), (640, 640)):
        c.fill(ribbon([(x, 820), (foot, 1040)], 34, 22), blend(tint(steel, 0.1), shade(steel, 0.4)))
    flames = (
        (640, 250, 190, "#ff7a2e"),
        (520, 380, 120, "#ff8d36"),
        (770, 350, 130, "#ff8d36"),
        (640, 370, 130, "#ffb648"),
        (630, 480, 80, "#ffe08a"),
    )
    c.fill(ellipse(640, 690, 420, 76), across(shade(steel, 0.5), shade(steel, 0.25)))
    for x, top, half, tone in flames:
        tongue = spline(
            [
                (x, top),
                (x + half * 0.7, top + (700 - top) * 0.5),
                (x + half * 0.8, 690),
                (x, 730),
                (x - half * 0.8, 690),
                (x - half * 0.5, top + (700 - top) * 0.45),
            ],
            closed=True,
        )
        c.fill(tongue, blend(faded(tint(tone, 0.35), 0.85), tone))
    for start, end in (
        ((400, 720), (760, 640)),
        ((880, 720), (520, 650)),
        ((520, 742), (820, 726)),
    ):
        c.fill(ribbon([start, end], 60, 46), lit("#6b452c", 0.35))
        c.fill(ellipse(*start, 22, 30), "#c99a67")
        c.line(arc(*start, 12, 17, 0, 360), 3, "#8b603a")
    body = [
        *arc(640, 690, 420, 76, 0, 180)[::-1],
        *bezier((1060, 690), (1010, 920), (820, 960), (640, 960)),
        *bezier((640, 960), (460, 960), (270, 920), (220, 690)),
    ]
    c.fill(body, round_body(steel, 0.2, 0.4))
    with c.within(body):
        dark(c, ellipse(640, 980, 400, 90), 0.4, 40)
        c.fill(arc(640, 700, 420, 80, 0, 180), faded("#ff9d42", 0.12), blur=20)
    c.line(arc(640, 690, 418, 75, 0, 180), 12, tint(steel, 0.3))
    shine(c, ellipse(400, 800, 30, 60), 0.22, 14)


def bird_house(c: Canvas, timber: str, roof: str) -> None:
    """A nesting box on a post, someone looking in."""
    wood(c, box(604, 900, 72, 400), "#8a6a4c", 121, upright=True)
    side = [(860, 480), (960, 440), (960, 830), (860, 900)]
    wood(c, side, shade(timber, 0.34), 122, upright=True)
    front = [(400, 900), (400, 500), (630, 270), (860, 500), (860, 900)]
    wood(c, front, timber, 123, upright=True)
    for y in (560, 660, 760, 850):
        c.line([(402, y), (858, y)], 3, faded(BLACK, 0.14))
    c.fill(ellipse(630, 560, 86), tint(timber, 0.3))
    c.fill(ellipse(630, 562, 76), blend("#1c130f", "#4a3324"))
    tube(c, [(630, 710), (630, 730)], 26, "#5f4430")
    far = [(630, 230), (740, 190), (1040, 480), (930, 530)]
    c.fill(far, blend(tint(roof, 0.2), shade(roof, 0.15), angle=40))
    near = [(630, 230), (650, 264), (376, 548), (340, 512)]
    c.fill(near, blend(roof, shade(roof, 0.3)))
    c.fill([(630, 230), (650, 264), (912, 552), (932, 530)], shade(roof, 0.35))
    dark(c, [(640, 290), (400, 540), (400, 570), (640, 330), (860, 560), (860, 530)], 0.35, 10)
    bird = spline(
        [(590, 690), (640, 640), (700, 650), (730, 700), (680, 740), (620, 730)], closed=True
    )
    c.fill(bird, blend("#5f8fa8", "#dba04c"))
    c.fill(ellipse(604, 668, 40), lit("#4f7f99", 0.2))
    c.fill([(572, 660), (540, 674), (572, 684)], "#e0a03a")
    c.fill(ellipse(596, 660, 7), "#17131a")
    c.fill([(724, 690), (820, 720), (730, 724)], lit("#3f6a82", 0.2))

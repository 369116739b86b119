"""Drawings of lamps for table and floor."""

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.drawings.lighting_hanging import WARM
from devstack.demo.pictures.paint import across, blend, faded, metal, round_body, shade, tint
from devstack.demo.pictures.parts import (
    BLACK,
    BRASS,
    dark,
    halo,
    knob,
    opening,
    shine,
    tube,
    vessel,
    wood,
)
from devstack.demo.pictures.paths import (
    Point,
    arc,
    bezier,
    box,
    cap,
    ellipse,
    lathe,
    ribbon,
    rounded,
    spline,
    turned,
)
from devstack.demo.pictures.textures import weave


def mushroom_lamp(c: Canvas, colour: str, glowing: str) -> None:
    """A glazed foot that carries a glowing cap."""
    foot = lathe(640, [(560, 96), (700, 100), (860, 150), (980, 240), (1010, 246)], 0.12)
    vessel(c, foot, colour, 0.35)
    with c.within(foot):
        c.fill(box(400, 560, 480, 210), blend(faded(WARM, 0.75), faded(WARM, 0)))
    hood = cap(640, 220, 560, 424, 0.13)
    c.fill(
        hood,
        across(shade(glowing, 0.2), tint(glowing, 0.5), "#fff6dd", glowing, shade(glowing, 0.28)),
    )
    with c.within(hood):
        c.fill(ellipse(620, 520, 300, 170), faded("#fff0c4", 0.8), blur=90)
        c.fill(arc(640, 566, 420, 52, 0, 180), faded("#fff8e2", 0.6), blur=10)
        shine(c, ribbon(spline([(300, 430), (380, 320), (500, 268)]), 10, 44), 0.5, 14)


def task_lamp(c: Canvas, colour: str, joint: str) -> None:
    """A sprung reading lamp with two arms."""
    vessel(c, lathe(430, [(950, 150), (965, 190), (1000, 200)], 0.16), colour, 0.3)
    c.fill(ellipse(430, 950, 150, 25), tint(colour, 0.2))
    elbow, wrist = (300.0, 560.0), (760.0, 290.0)
    tube(c, [(430, 940), elbow], 24, colour)
    tube(c, [(466, 930), (340, 560)], 10, joint)
    tube(c, [elbow, wrist], 24, colour)
    tube(c, [(320, 600), (752, 344)], 10, joint)
    for at, size in (((430, 930), 30), (elbow, 44), (wrist, 40)):
        c.fill(ellipse(at[0], at[1], size), metal(joint, 45))
        c.fill(ellipse(at[0], at[1], size * 0.45), shade(joint, 0.4))
    beam = [(700, 560), (1010, 420), (1220, 940), (760, 990)]
    c.light(beam, blend(faded(WARM, 0.95), faded(WARM, 0.5), faded(WARM, 0), angle=70), blur=36)
    head = [(790, 240), (860, 214), (1030, 410), (700, 570), (730, 330)]
    c.fill(rounded(head, 70), blend(tint(colour, 0.45), colour, shade(colour, 0.4), angle=24))
    mouth = turned(ellipse(866, 492, 186, 46), -26, (866, 492))
    c.fill(mouth, shade(colour, 0.3))
    c.fill(turned(ellipse(868, 496, 172, 36), -26, (868, 496)), blend(WARM, "#fff8e4"))
    c.fill(ellipse(872, 500, 60, 34), "#fffef6", blur=10)


def arc_lamp(c: Canvas, pole: str, colour: str) -> None:
    """A floor lamp that reaches over in one bow."""
    block_top = lathe(330, [(1040, 150), (1090, 154)], 0.16, smooth=False)
    c.fill(block_top, across("#d9d6d2", "#f7f5f2", "#b3aeaa", "#8f8b88"))
    c.fill(ellipse(330, 1040, 150, 25), blend("#ffffff", "#dedbd7"))
    c.line(spline([(220, 1042), (300, 1052), (350, 1034), (440, 1046)]), 3, faded("#8b8680", 0.5))
    bow = bezier((330, 1040), (250, 240), (500, 20), (930, 250))
    tube(c, bow, 20, pole, 0.6)
    halo(c, 930, 620, 330, WARM, 0.75)
    c.fill(lathe(930, [(240, 18), (290, 36)], 0.2), metal(pole))
    body = cap(930, 280, 480, 214, 0.13)
    vessel(c, body, colour, 0.4)
    c.fill(ellipse(930, 481, 212, 27), shade(colour, 0.3))
    c.fill(ellipse(930, 484, 202, 22), blend("#f4d591", "#fff7de"))


def tripod_lamp(c: Canvas, timber: str, linen: str) -> None:
    """A drum shade on three wooden legs."""
    legs: tuple[tuple[Point, Point], ...] = (
        ((660, 560), (700, 1060)),
        ((620, 560), (380, 1120)),
        ((660, 560), (900, 1120)),
    )
    for i, ends in enumerate(legs):
        leg = ribbon(list(ends), 40, 26)
        wood(c, leg, shade(timber, 0.3 if i == 0 else 0.04 * i), 50 + i, upright=True)
    c.fill(box(598, 540, 88, 66, 16), metal(BRASS))
    halo(c, 640, 360, 520, WARM, 0.5)
    drum = lathe(640, [(180, 230), (520, 310)], 0.12, smooth=False)
    c.fill(drum, across(shade(linen, 0.26), tint(linen, 0.3), "#fff5df", linen, shade(linen, 0.3)))
    c.texture(drum, weave(8), faded(shade(linen, 0.5), 0.16))
    with c.within(drum):
        c.fill(ellipse(640, 380, 190, 130), faded("#ffe7ad", 0.9), blur=70)
    c.fill(ellipse(640, 180, 230, 28), blend("#d9b97f", "#fff6da"))
    c.line(arc(640, 180, 228, 27, 0, 360), 5, tint(linen, 0.5))
    c.line(arc(640, 520, 308, 37, 4, 176), 6, faded(shade(linen, 0.3), 0.7))


def portable_lamp(c: Canvas, colour: str, diffuser: str) -> None:
    """A rechargeable table lamp: disc, stem, foot."""
    vessel(c, lathe(640, [(960, 190), (1004, 196)], 0.15, smooth=False), colour, 0.35)
    c.fill(ellipse(640, 960, 190, 29), blend(tint(colour, 0.1), tint(colour, 0.35)))
    c.fill(ellipse(640, 960, 110, 15), faded(WARM, 0.7), blur=16)
    c.fill(box(620, 470, 40, 494, 12), round_body(colour, 0.5))
    halo(c, 640, 560, 440, WARM, 0.65)
    glass = lathe(640, [(440, 120), (560, 112), (580, 100)], 0.12)
    c.fill(glass, across(shade(diffuser, 0.12), "#fffdf2", diffuser, shade(diffuser, 0.2)))
    hood = cap(640, 292, 452, 284, 0.13, 2.6)
    vessel(c, hood, colour, 0.4)
    c.fill(arc(640, 454, 284, 37, 0, 180), faded("#fff0c8", 0.25))
    knob(c, 640, 276, 22, BRASS)


def candlesticks(c: Canvas, metal_colour: str, wax: str) -> None:
    """Two turned holders with lit candles."""
    for cx, base, tall in ((470, 1010, 330), (820, 1040, 180)):
        top = base - tall
        flame_y = top - 430
        halo(c, cx, flame_y, 260, "#ffc66b", 0.75)
        c.fill(box(cx - 32, top - 340, 64, 350, 10), round_body(wax, 0.35))
        c.fill(ellipse(cx, top - 340, 32, 9), tint(wax, 0.6))
        c.fill(box(cx - 32, top - 340, 64, 120), blend(faded("#fff0c8", 0.7), faded("#fff0c8", 0)))
        c.line([(cx, top - 344), (cx, top - 372)], 5, "#3a2a22")
        flame = spline(
            [
                (cx, flame_y - 50),
                (cx + 26, flame_y + 36),
                (cx, flame_y + 62),
                (cx - 26, flame_y + 36),
            ],
            closed=True,
        )
        c.fill(flame, blend("#fff0b8", "#ffb53d", "#ff8a2b"))
        c.fill(ellipse(cx, flame_y + 34, 11, 22), "#fffbe6", blur=4)
        profile = [
            (top - 20, 58),
            (top + 10, 54),
            (top + 30, 24),
            (top + tall * 0.4, 20),
            (top + tall * 0.55, 44),
            (top + tall * 0.68, 20),
            (base - 46, 44),
            (base - 14, 132),
            (base, 136),
        ]
        body = lathe(cx, profile, 0.14)
        c.fill(body, metal(metal_colour))
        dark(c, arc(cx, base - 6, 130, 18, 10, 170), 0.2, 6)
        opening(c, cx, top - 20, 58, 13, metal_colour, 10)
        c.fill(box(cx - 30, top - 50, 60, 34, 0.1), round_body(wax, 0.3))
        c.line(arc(cx, base - 16, 128, 17, 20, 100), 3, faded(BLACK, 0.25))

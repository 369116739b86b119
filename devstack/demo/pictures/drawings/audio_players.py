"""Drawings of what plays, records and keeps music."""

from devstack.demo.pictures.canvas import Canvas
from devstack.demo.pictures.paint import (
    across,
    blend,
    faded,
    lit,
    metal,
    round_body,
    shade,
    tint,
)
from devstack.demo.pictures.parts import (
    BLACK,
    BRASS,
    STEEL,
    WHITE,
    block,
    dark,
    shine,
    tube,
    vessel,
    wood,
)
from devstack.demo.pictures.paths import (
    arc,
    box,
    cap,
    ellipse,
    lathe,
    ribbon,
    spline,
    turned,
)
from devstack.demo.pictures.textures import mesh, ribs, weave


def turntable(c: Canvas, timber: str, label: str) -> None:
    """A record player from above, a record on it."""
    plinth = box(150, 260, 980, 780, 36)
    wood(c, plinth, timber, 161)
    c.line([(176, 264), (1100, 264)], 5, faded(WHITE, 0.35))
    dark(c, ellipse(548, 664, 352), 0.5, 16)
    c.fill(ellipse(540, 650, 352), metal(STEEL, 45))
    c.fill(ellipse(540, 650, 336), "#18171b")
    for radius in range(130, 334, 9):
        c.line(arc(540, 650, radius, radius, 0, 360), 1.6, faded(WHITE, 0.07))
    with c.within(ellipse(540, 650, 334)):
        for start in (200, 20):
            fan = [(540.0, 650.0), *arc(540, 650, 360, 360, start, start + 44)]
            c.fill(fan, faded(WHITE, 0.17), blur=18)
    c.fill(ellipse(540, 650, 112), lit(label, 0.18))
    c.fill(ellipse(540, 650, 80), faded("#f7ead0", 0.85))
    c.line([(500, 624), (580, 624)], 7, label)
    c.line([(490, 684), (590, 684)], 4, faded(BLACK, 0.5))
    c.fill(ellipse(540, 650, 9), metal(STEEL, 45))
    dark(c, ellipse(986, 424, 88), 0.4, 12)
    c.fill(ellipse(976, 410, 84), metal(STEEL, 45))
    c.fill(ellipse(976, 410, 56), lit("#36353c", 0.3))
    arm = [(976, 350), (980, 420), (984, 700), (940, 800), (860, 856)]
    dark(c, ribbon([(x + 16, y + 20) for x, y in spline(arm)], 16, 16), 0.4, 8)
    tube(c, spline(arm), 18, STEEL, 0.8)
    c.fill(turned(box(800, 836, 84, 50, 8), -36, (842, 860)), lit("#2b2a30", 0.3))
    c.fill(box(946, 310, 62, 70, 14), metal("#5a5a62"))
    dark(c, ellipse(1036, 910, 44), 0.4, 8)
    c.fill(ellipse(1030, 900, 44), metal(BRASS, 45))
    c.fill(ellipse(1030, 900, 31), lit(BRASS, 0.25))


def table_radio(c: Canvas, timber: str, cloth: str, dial: str) -> None:
    """A wooden radio with a large dial and an aerial."""
    tube(c, [(930, 440), (1090, 130)], 12, STEEL, 0.8)
    c.fill(ellipse(1092, 126, 13), STEEL)
    front = block(c, 180, 430, 800, 520, 110, timber)
    wood(c, front, timber, 171)
    grille = box(220, 470, 420, 440, 30)
    c.fill(grille, lit(cloth, 0.2))
    c.texture(grille, weave(10), faded(shade(cloth, 0.6), 0.4))
    with c.within(grille):
        dark(c, box(210, 460, 440, 16), 0.5, 10)
    panel = box(670, 470, 270, 440, 30)
    c.fill(panel, lit("#efe5d0", 0.12))
    c.fill(ellipse(805, 620, 118), metal(BRASS, 50))
    c.fill(ellipse(805, 620, 106), lit(dial, 0.2))
    for k in range(24):
        mark = [(805.0, 528.0), (805.0, 548.0 if k % 3 else 560.0)]
        c.line(turned(mark, 15 * k, (805, 620)), 4, faded(WHITE, 0.85))
    c.line(turned([(805, 640), (805, 540)], 42, (805, 620)), 7, "#ff7a55")
    c.fill(ellipse(805, 620, 34), metal(BRASS, 45))
    for x in (740, 870):
        dark(c, ellipse(x + 5, 832, 46), 0.3, 8)
        c.fill(ellipse(x, 824, 46), metal(BRASS, 45))
        c.fill(ellipse(x, 824, 34), lit(timber, 0.3))
        c.line([(x, 800), (x, 816)], 6, "#f4e6c8")
    for x in (230, 880):
        c.fill(ribbon([(x, 948), (x, 1010)], 50, 30), round_body(shade(timber, 0.3)))


def microphone(c: Canvas, body: str, ring: str) -> None:
    """A studio microphone in its table stand."""
    c.fill(lathe(640, [(1010, 220), (1046, 226)], 0.15, smooth=False), round_body("#37363c", 0.3))
    c.fill(ellipse(640, 1010, 220, 33), lit("#4a4950", 0.2))
    tube(c, [(640, 1004), (640, 850)], 34, "#8d8c93", 0.6)
    yoke = [*arc(640, 560, 236, 300, 0, 180)]
    tube(c, yoke, 32, "#55545c", 0.4)
    for side in (-1, 1):
        c.fill(box(640 + side * 220 - 30, 530, 60, 60, 16), metal("#7b7a82"))
    lower = lathe(640, [(500, 186), (700, 180), (770, 150), (800, 110)], 0.12)
    vessel(c, lower, body, 0.35)
    head = [*cap(640, 130, 500, 190, 0.12, 2.8)]
    c.fill(head, round_body("#b8bbc1", 0.5, 0.5))
    c.texture(head, mesh(14), faded("#1d1c22", 0.75))
    with c.within(head):
        c.fill(box(446, 296, 400, 24), metal(ring))
        c.fill(box(628, 120, 24, 400), faded(STEEL, 0.5))
        shine(c, ellipse(560, 250, 50, 80), 0.3, 24)
    c.fill(lathe(640, [(480, 192), (520, 192)], 0.12, smooth=False), metal(ring))
    c.fill(ellipse(640, 640, 26), metal(ring, 45))
    c.fill(ellipse(640, 640, 12), shade(body, 0.3))
    c.line([(600, 726), (680, 726)], 6, faded(WHITE, 0.55))


def record_crate(c: Canvas, timber: str) -> None:
    """A slatted box of records."""
    sleeves = (
        "#d9775a",
        "#2f5a5e",
        "#e0b04a",
        "#7c5a78",
        "#efe3cb",
        "#3d5a80",
        "#b5523b",
        "#6b7f6a",
    )
    c.fill(box(250, 600, 720, 390), shade(timber, 0.65))
    wood(c, [(960, 600), (1070, 540), (1070, 600), (976, 660)], shade(timber, 0.5), 180)
    for i, tone in enumerate(sleeves):
        x, y = 336 - i * 7, 330 + i * 26
        sleeve = turned(box(x, y, 600, 480, 6), -2.5 + 0.6 * (i % 4), (x + 300, y + 480))
        dark(c, [(px + 6, py - 8) for px, py in sleeve], 0.25, 8)
        c.fill(sleeve, lit(tone, 0.16))
        c.line(sleeve[:12], 4, faded(WHITE, 0.3))
    x, y = 287, 512
    c.fill(ellipse(x + 300, y + 190, 120), faded("#f7ead0", 0.9))
    c.fill([*arc(x + 300, y + 190, 120, 120, 90, 270)], "#d9775a")
    c.fill(box(x + 60, y + 40, 200, 16, 8), faded("#f7ead0", 0.9))
    side = [(970, 600), (1070, 540), (1070, 940), (970, 1010)]
    wood(c, side, shade(timber, 0.3), 181)
    for k in range(3):
        slat = box(220, 640 + k * 126, 756, 108, 8)
        dark(c, box(220, 740 + k * 126, 756, 16), 0.4, 6)
        wood(c, slat, timber, 182 + k)
    for px in (220, 916):
        wood(c, box(px, 620, 62, 390, 6), tint(timber, 0.12), 186, upright=True)
        for py in (694, 820, 946):
            c.fill(ellipse(px + 31, py, 8), metal(STEEL, 45))
    c.fill(box(520, 670, 160, 46, 23), shade(timber, 0.7))


def cassette_player(c: Canvas, colour: str, accent: str) -> None:
    """A pocket tape player, lying, with its tape in."""
    shell = box(330, 190, 620, 900, 60)
    c.fill(box(344, 204, 620, 900, 60), shade(colour, 0.45))
    c.fill(shell, lit(colour, 0.2))
    c.fill(box(330, 190, 620, 150, 60, 60, 0, 0), lit(shade(colour, 0.2), 0.2))
    c.texture(box(380, 220, 340, 90, 20), ribs(12), faded(BLACK, 0.4))
    for i, x in enumerate((756, 826, 896)):
        c.fill(box(x - 26, 226, 52, 80, 12), lit(accent if i == 0 else STEEL, 0.3))
    window = box(386, 390, 508, 420, 30)
    c.fill(window, blend("#27333b", "#46565f", angle=55))
    tape = box(420, 430, 440, 290, 20)
    c.fill(tape, lit("#efe3cb", 0.1))
    c.fill(box(420, 470, 440, 36), accent)
    c.fill(box(420, 516, 440, 12), faded(accent, 0.55))
    c.fill(box(500, 560, 280, 110, 55), "#2a2930")
    for x in (560, 720):
        c.fill(ellipse(x, 615, 42), lit("#f7f1e4", 0.2))
        for k in range(6):
            c.line(turned([(x, 585), (x, 598)], 60 * k, (x, 615)), 8, "#2a2930")
    c.fill(box(604, 580, 72, 70, 6), across("#4b372a", "#2b1f18"))
    with c.within(window):
        shine(c, [(400, 380), (560, 380), (430, 830), (300, 830)], 0.18, 8)
    c.line([*window, window[0]], 6, faded(BLACK, 0.35))
    c.fill(box(400, 860, 200, 30, 15), faded(WHITE, 0.75))
    c.fill(ellipse(850, 930, 60), metal(STEEL, 45))
    c.fill(ellipse(850, 930, 46), lit(accent, 0.25))
    for k in range(5):
        c.line([(400, 930 + 24 * k), (640, 930 + 24 * k)], 7, faded(BLACK, 0.22))

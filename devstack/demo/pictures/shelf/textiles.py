"""Pictures of the category Textiles: plaster and oats."""

from functools import partial

from devstack.demo.pictures.drawings import textiles_floor, textiles_home, textiles_sofa
from devstack.demo.pictures.studio import Picture, Pose

_PLASTER = "#ead7d0"
_OATS = "#e6dfd2"
_HAZE = "#d9dde0"
_HEMP = "#d9cbb8"

TEXTILES: dict[str, Picture] = {
    "washed-linen-cushion": Picture(
        partial(textiles_sofa.linen_cushion, cloth="#c98b6b", piping="#8f5a40"), Pose.LYING, _OATS
    ),
    "mesa-lumbar-cushion": Picture(
        partial(textiles_sofa.lumbar_cushion, cloth="#efe3cb", first="#2f5a5e", second="#d98f3e"),
        Pose.LYING,
        _HAZE,
    ),
    "highland-wool-blanket": Picture(
        partial(textiles_sofa.wool_blanket, wool="#7f9088", stripe="#f0e4cc"),
        Pose.STANDING,
        _PLASTER,
    ),
    "picnic-check-throw": Picture(
        partial(textiles_sofa.fringed_throw, cloth="#ecd9c6", check="#b5614a"), Pose.HANGING, _HAZE
    ),
    "kilim-wool-rug": Picture(
        partial(textiles_floor.wool_rug, ground="#e9dcc3", first="#a8503a", second="#35545c"),
        Pose.LYING,
        _HEMP,
    ),
    "cable-knit-pouf": Picture(
        partial(textiles_floor.knitted_pouf, wool="#c9a13f"), Pose.STANDING, _OATS
    ),
    "bistro-tea-towels": Picture(
        partial(textiles_home.tea_towels, cloth="#f1e9da", stripe="#4f7480"), Pose.LYING, _PLASTER
    ),
    "still-water-bath-towels": Picture(
        partial(textiles_home.bath_towels, first="#5f8088", second="#d9b9a3", third="#f1e9dc"),
        Pose.STANDING,
        _HAZE,
    ),
    "first-frost-bed-linen": Picture(
        partial(textiles_home.bed_linen, cotton="#eef0f0", stripe="#b9c6cf"),
        Pose.STANDING,
        _PLASTER,
    ),
    "workshop-apron": Picture(
        partial(textiles_home.apron, cloth="#3d4f66", strap="#9a6238"), Pose.HANGING, _OATS
    ),
    "sunrise-canvas-tote": Picture(
        partial(textiles_home.tote_bag, canvas_colour="#ede2cc", motif="#e08a4a"),
        Pose.STANDING,
        _HAZE,
    ),
    "quilted-oven-mitt": Picture(
        partial(textiles_home.oven_mitt, cloth="#7a9a86", lining="#efe0c4"), Pose.LYING, _PLASTER
    ),
}
"""Slug to picture."""

"""Pictures of the category Kitchen: warm, as by a window."""

from functools import partial

from devstack.demo.pictures.drawings import kitchen_stove, kitchen_table
from devstack.demo.pictures.studio import Picture, Pose

_CREAM = "#ead9c3"
_CLAY = "#e3c9b0"
_OAT = "#dfd3bd"
_BLUSH = "#e9cfc0"

KITCHEN: dict[str, Picture] = {
    "ridgeline-stoneware-mug": Picture(
        partial(kitchen_table.stoneware_mug, glaze="#3f6f78", clay="#c9a27c"), Pose.STANDING, _CREAM
    ),
    "harbour-cast-iron-teapot": Picture(
        partial(kitchen_table.teapot, colour="#46514a", handle="#b98a5a"), Pose.STANDING, _CLAY
    ),
    "hourglass-coffee-carafe": Picture(
        partial(kitchen_table.coffee_dripper, glass="#cfe0df", collar="#a9713f"),
        Pose.STANDING,
        _OAT,
    ),
    "tall-walnut-pepper-mill": Picture(
        partial(kitchen_table.pepper_mill, timber="#7a4f34", cap="#c79a4b"), Pose.STANDING, _BLUSH
    ),
    "larder-glass-jar": Picture(
        partial(kitchen_table.storage_jar, content="#c98f4e", lid="#d2a772"), Pose.STANDING, _CREAM
    ),
    "striped-walnut-board": Picture(
        partial(kitchen_table.cutting_board, timber="#8a5a3a", strap="#3b2a22"), Pose.LYING, _CLAY
    ),
    "slow-pour-kettle": Picture(
        partial(kitchen_stove.gooseneck_kettle, colour="#35383d", grip="#b98656"),
        Pose.STANDING,
        _CLAY,
    ),
    "sunday-casserole": Picture(
        partial(kitchen_stove.casserole, enamel="#c4492f", fitting="#c79a4b"), Pose.STANDING, _OAT
    ),
    "everyday-iron-skillet": Picture(
        partial(kitchen_stove.skillet, handle="#3a3b40"), Pose.LYING, _BLUSH
    ),
    "corner-cafe-moka-pot": Picture(
        partial(kitchen_stove.moka_pot, colour="#b4b9bf", grip="#26262b"), Pose.STANDING, _BLUSH
    ),
    "nesting-mixing-bowls": Picture(
        partial(kitchen_stove.mixing_bowls, outer="#7f9c8b", middle="#e2b25c", inner="#d9775a"),
        Pose.STANDING,
        _CREAM,
    ),
    "forged-chefs-knife": Picture(
        partial(kitchen_stove.chef_knife, handle="#6a4330"), Pose.LYING, _OAT
    ),
}
"""Slug to picture."""

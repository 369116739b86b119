"""Pictures of the category Outdoor: meadow and sky, and the blue hour for whatever burns."""

from functools import partial

from devstack.demo.pictures.drawings import outdoor_camp, outdoor_garden
from devstack.demo.pictures.studio import Picture, Pose

_MEADOW = "#cfdcc8"
_SKY = "#c8d9dd"
_HAY = "#dfe0c6"
_SAND = "#e6dcc4"
_EVENING = "#5f6c73"

OUTDOOR: dict[str, Picture] = {
    "meadow-ridge-tent": Picture(
        partial(outdoor_camp.ridge_tent, fly="#d8b878", inner="#8a6a4c"), Pose.STANDING, _SKY
    ),
    "keeper-storm-lantern": Picture(
        partial(outdoor_camp.camp_lantern, colour="#b5412f"), Pose.STANDING, _EVENING
    ),
    "summit-vacuum-flask": Picture(
        partial(outdoor_camp.vacuum_flask, colour="#3f6350", lid="#26302c"), Pose.STANDING, _HAY
    ),
    "ranger-roll-top-rucksack": Picture(
        partial(outdoor_camp.backpack, cloth="#5d6b4c", leather_colour="#9a5f38"),
        Pose.STANDING,
        _HAY,
    ),
    "jetty-cool-box": Picture(
        partial(outdoor_camp.cool_box, colour="#4f8ba0", trim="#f1ead9"), Pose.STANDING, _MEADOW
    ),
    "spruce-forest-axe": Picture(
        partial(outdoor_camp.hatchet, timber="#c99a64", sheath="#8a5030"), Pose.LYING, _MEADOW
    ),
    "allotment-watering-can": Picture(
        partial(outdoor_garden.watering_can, colour="#5f8a72", rose="#c79a4b"), Pose.STANDING, _HAY
    ),
    "terrace-rubber-plant": Picture(
        partial(outdoor_garden.planter, clay="#c3704a", leaf="#3f6b4b"), Pose.STANDING, _SKY
    ),
    "promenade-deck-chair": Picture(
        partial(outdoor_garden.folding_chair, timber="#b98656", cloth="#2f6672"),
        Pose.STANDING,
        _SAND,
    ),
    "piazza-parasol": Picture(
        partial(outdoor_garden.parasol, cloth="#e3a94a", stripe="#f6efdf", timber="#b07f4d"),
        Pose.STANDING,
        _SKY,
    ),
    "ember-fire-bowl": Picture(
        partial(outdoor_garden.fire_bowl, steel="#57504c"), Pose.STANDING, _EVENING
    ),
    "robin-nesting-box": Picture(
        partial(outdoor_garden.bird_house, timber="#cfa877", roof="#a8503a"), Pose.HANGING, _MEADOW
    ),
}
"""Slug to picture."""

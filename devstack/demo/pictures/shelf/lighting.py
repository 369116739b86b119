"""Pictures of the category Lighting: the hour when lamps are lit."""

from functools import partial

from devstack.demo.pictures.drawings import lighting_hanging, lighting_standing
from devstack.demo.pictures.studio import Picture, Pose

_MIST = "#b9c0cf"
_LILAC = "#b9b4bd"
_PEARL = "#cfc6c8"
_DUSK = "#5a6079"
_NIGHT = "#4a4c60"
_MOSS = "#6d7a78"

LIGHTING: dict[str, Picture] = {
    "greenhouse-dome-pendant": Picture(
        partial(lighting_hanging.dome_pendant, colour="#2f5d50", fitting="#c79a4b"),
        Pose.HANGING,
        _MIST,
    ),
    "full-moon-globe-pendant": Picture(
        partial(lighting_hanging.globe_pendant, glass="#fbf1dc", fitting="#c79a4b"),
        Pose.HANGING,
        _DUSK,
    ),
    "trio-cone-cluster": Picture(
        partial(lighting_hanging.cone_cluster, first="#d98f6c", second="#eee6da", third="#6b7f6a"),
        Pose.HANGING,
        _LILAC,
    ),
    "paper-moon-lantern": Picture(
        partial(lighting_hanging.paper_lantern, paper="#f5ead6"), Pose.HANGING, _DUSK
    ),
    "alcove-wall-sconce": Picture(
        partial(lighting_hanging.wall_sconce, plate="#c79a4b", glass="#f7ecd8"), Pose.HANGING, _MOSS
    ),
    "amber-filament-bulb": Picture(
        partial(lighting_hanging.filament_bulb, glass="#e8b768", fitting="#2f2c2e"),
        Pose.HANGING,
        _NIGHT,
    ),
    "chanterelle-table-lamp": Picture(
        partial(lighting_standing.mushroom_lamp, colour="#c9673f", glowing="#f7c98a"),
        Pose.STANDING,
        _PEARL,
    ),
    "draughtsman-task-lamp": Picture(
        partial(lighting_standing.task_lamp, colour="#d9a531", joint="#c9ccd0"),
        Pose.STANDING,
        _MIST,
    ),
    "longbow-floor-lamp": Picture(
        partial(lighting_standing.arc_lamp, pole="#c79a4b", colour="#26262c"), Pose.STANDING, _LILAC
    ),
    "surveyor-tripod-lamp": Picture(
        partial(lighting_standing.tripod_lamp, timber="#b07f4d", linen="#f0e2c6"),
        Pose.STANDING,
        _LILAC,
    ),
    "wander-portable-lamp": Picture(
        partial(lighting_standing.portable_lamp, colour="#7d8f7a", diffuser="#fff0cc"),
        Pose.STANDING,
        _PEARL,
    ),
    "vesper-candlesticks": Picture(
        partial(lighting_standing.candlesticks, metal_colour="#b98a45", wax="#f3e9d8"),
        Pose.STANDING,
        _DUSK,
    ),
}
"""Slug to picture."""

"""Pictures of the category Office: cool and even, as under a north light."""

from functools import partial

from devstack.demo.pictures.drawings import office_desk, office_furniture
from devstack.demo.pictures.studio import Picture, Pose

_SAGE = "#d3dcd6"
_BONE = "#dcdccf"
_CHALK = "#e3ddd0"
_FOG = "#c9d3d8"
_LICHEN = "#b9c9c2"

OFFICE: dict[str, Picture] = {
    "fieldnote-writing-desk": Picture(
        partial(office_furniture.writing_desk, timber="#c99a64", drawer="#ddb484"),
        Pose.STANDING,
        _SAGE,
    ),
    "verso-task-chair": Picture(
        partial(office_furniture.task_chair, mesh_colour="#4e5f66", seat="#39484f"),
        Pose.STANDING,
        _BONE,
    ),
    "archive-drawer-pedestal": Picture(
        partial(office_furniture.drawer_pedestal, colour="#7f9a94", pull="#d8d8d4"),
        Pose.STANDING,
        _CHALK,
    ),
    "quarry-marble-bookends": Picture(
        partial(office_furniture.bookends, stone="#eeeae4", vein="#8d8a90"), Pose.STANDING, _FOG
    ),
    "ten-past-ten-wall-clock": Picture(
        partial(office_furniture.wall_clock, rim="#c79a4b", face="#f6f1e6", hand="#c8553d"),
        Pose.HANGING,
        _LICHEN,
    ),
    "felt-paper-basket": Picture(
        partial(office_furniture.paper_bin, felt="#8d9196", band="#8a5a3a"), Pose.STANDING, _BONE
    ),
    "cloth-bound-notebook": Picture(
        partial(office_desk.notebook, cover="#2f5a5e", band="#d98f3e"), Pose.LYING, _BONE
    ),
    "machined-brass-pen": Picture(
        partial(office_desk.brass_pen, colour="#c79a4b", clip="#e3c27c"), Pose.LYING, _SAGE
    ),
    "speckled-pencil-cup": Picture(
        partial(office_desk.pencil_cup, glaze="#d8cdbb", accent="#6b7f6a"), Pose.STANDING, _FOG
    ),
    "oak-desk-tray": Picture(
        partial(office_desk.desk_tray, timber="#b98656", brass="#d8ab55"), Pose.LYING, _SAGE
    ),
    "tailors-shears": Picture(partial(office_desk.scissors, handle="#24343d"), Pose.LYING, _CHALK),
    "two-card-desk-calendar": Picture(
        partial(office_desk.desk_calendar, timber="#b98656", paper="#f6f0e4", accent="#c8553d"),
        Pose.STANDING,
        _FOG,
    ),
}
"""Slug to picture."""

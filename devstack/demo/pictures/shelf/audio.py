"""Pictures of the category Audio: quiet mauves, so that wood and metal speak."""

from functools import partial

from devstack.demo.pictures.drawings import audio_players, audio_speakers
from devstack.demo.pictures.studio import Picture, Pose

_MAUVE = "#d9cfdc"
_PERIWINKLE = "#cdd0e2"
_ROSE = "#e0cdc9"
_PLUM = "#d6c9d8"

AUDIO: dict[str, Picture] = {
    "nimbus-wireless-headphones": Picture(
        partial(audio_speakers.headphones, cups="#d8cbb8", pad="#6b4a38"), Pose.STANDING, _MAUVE
    ),
    "pebble-earbuds": Picture(
        partial(audio_speakers.earbuds, case="#8fa08f", bud="#f3efe7"), Pose.STANDING, _PERIWINKLE
    ),
    "atelier-bookshelf-speaker": Picture(
        partial(audio_speakers.bookshelf_speaker, timber="#8a5a3a", cone="#d9c9a6"),
        Pose.STANDING,
        _ROSE,
    ),
    "colonnade-tower-speaker": Picture(
        partial(audio_speakers.tower_speaker, colour="#eceae6", cone="#3d3c44"),
        Pose.STANDING,
        _PERIWINKLE,
    ),
    "tango-party-speaker": Picture(
        partial(audio_speakers.party_speaker, cloth="#d9643f", strap="#f1dfc0"),
        Pose.STANDING,
        _MAUVE,
    ),
    "hush-smart-speaker": Picture(
        partial(audio_speakers.smart_speaker, cloth="#8790a3", top="#3a3d49"), Pose.STANDING, _ROSE
    ),
    "belvedere-amplifier": Picture(
        partial(audio_speakers.amplifier, timber="#8a5535", plate="#c9c4ba"), Pose.STANDING, _MAUVE
    ),
    "largo-turntable": Picture(
        partial(audio_players.turntable, timber="#a9713f", label="#c8553d"), Pose.LYING, _PERIWINKLE
    ),
    "kitchen-table-radio": Picture(
        partial(audio_players.table_radio, timber="#9a6238", cloth="#d9c7a3", dial="#2f5a5e"),
        Pose.STANDING,
        _ROSE,
    ),
    "broadcast-microphone": Picture(
        partial(audio_players.microphone, body="#34343c", ring="#c79a4b"), Pose.STANDING, _PLUM
    ),
    "crate-digger-record-box": Picture(
        partial(audio_players.record_crate, timber="#c99a64"), Pose.STANDING, _PERIWINKLE
    ),
    "walkabout-cassette-player": Picture(
        partial(audio_players.cassette_player, colour="#4f7fa3", accent="#e8793e"),
        Pose.LYING,
        _ROSE,
    ),
}
"""Slug to picture."""

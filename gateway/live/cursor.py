"""The id of a frame: how far a socket had come in each of its audiences."""

import base64
import binascii
from collections.abc import Mapping

import orjson


def encode_cursor(positions: Mapping[str, int]) -> str:
    """Audience -> sequence number, as an opaque id."""
    return base64.urlsafe_b64encode(orjson.dumps(positions)).rstrip(b"=").decode()


def decode_cursor(cursor: object) -> dict[str, int]:
    """Audience -> sequence number.

    The audiences are those of whoever got the id: they say where to go on, never what to see.

    Raises:
        ValueError: It is no id of ours.
    """
    if not isinstance(cursor, str):
        raise ValueError("not a text")  # noqa: TRY004 - one error for all that is no id
    try:
        positions = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except binascii.Error as error:
        raise ValueError("not in base64") from error
    if not isinstance(positions, dict) or not all(
        type(sequence) is int and sequence >= 0 for sequence in positions.values()
    ):
        raise ValueError("not positions")
    return positions

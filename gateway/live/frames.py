"""Frames on the wire: JSON objects `{id, type, time, data}`.

The id of a frame is a cursor: how far a socket had come in each of its audiences. Where traces are
on there is a `traceparent` too.
"""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson


class Entry(NamedTuple):
    """A message of an audience's log.

    Attributes:
        audience: Who may see it: `public`, `admins`, or `user:` and an id.
        sequence: Its position in the log: 1, 2, 3 and so on, without gaps.
        content: The frame as JSON, but for its id, which is each socket's own.
        trace: The `traceparent` of what wrote it; empty outside any trace.
    """

    audience: str
    sequence: int
    content: bytes
    trace: str = ""


class Close(NamedTuple):
    """Why a socket is closed."""

    code: int
    reason: str


SERVICE_RESTART = Close(1012, "the gateway restarts: connect again and resume")
TRY_AGAIN_LATER = Close(1013, "live updates are interrupted: connect again later and resume")
TOO_BIG = Close(1009, "a message may have at most 16 KiB")
SESSION_ENDED = Close(4401, "the session has ended: refresh it, connect again and resume")
NOT_YOU = Close(4403, "this is not the signed-in user")
TOO_SLOW = Close(4408, "messages were not read in time: connect again and resume")
TOO_MANY = Close(4429, "this user has too many connections")
TOO_MUCH = Close(1008, "too many messages: connect again later and resume")


def content_of(kind: str, time: str, data: Any, trace: str = "") -> bytes:
    """A frame without an id; with a `traceparent` where it is in a trace."""
    content = {"type": kind, "time": time, "data": data}
    return orjson.dumps(content | {"traceparent": trace} if trace else content)


def frame(cursor: str | None, content: bytes) -> str:
    """A frame with its id; without one where there is nothing to resume after yet."""
    return content.decode() if cursor is None else f'{{"id":"{cursor}",{content[1:].decode()}'


def ready(user_id: str | None) -> bytes:
    """What tells a client that it is connected, and as whom."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return content_of("ready", now, {"userId": user_id})


def error(reason: str, detail: str) -> str:
    """What tells a client that something it sent was refused."""
    return orjson.dumps({"type": "error", "reason": reason, "detail": detail}).decode()


RESUME_TOO_OLD = error("RESUME_TOO_OLD", "Too much was missed: load what you show anew.")
PONG = '{"type":"pong"}'


def encode_cursor(positions: Mapping[str, int]) -> str:
    """Audience -> sequence number, as an opaque id."""
    return base64.urlsafe_b64encode(orjson.dumps(positions)).rstrip(b"=").decode()


def decode_cursor(cursor: object) -> dict[str, int]:
    """Audience -> sequence number.

    The audiences are those of the caller that got the id: they say where to go on, not what to see.

    Raises:
        ValueError: It is no id of ours.
    """
    if not isinstance(cursor, str):
        raise ValueError("not a string")  # noqa: TRY004 - one error for all that is no id
    try:
        positions = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except binascii.Error as error:
        raise ValueError("not in base64") from error
    if not isinstance(positions, dict) or not all(
        type(sequence) is int and sequence >= 0 for sequence in positions.values()
    ):
        raise ValueError("not positions")
    return positions

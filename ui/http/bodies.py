"""A limit on what a browser may send."""

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

MAX_BYTES = 64 * 1024
# A picture of 8 MiB, and the rest of its form.
MAX_UPLOAD_BYTES = 9 * 1024 * 1024


def limited(receive: Receive, limit: int) -> Receive:
    """`receive`, raising an HTTPException (413) once a body exceeds `limit` bytes."""
    seen = 0

    async def receive_some() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413)
        return message

    return receive_some

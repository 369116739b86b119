"""A limit on how long the body of a request may take to come."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

TOO_SLOW = "The body of the request took too long."


def with_body_timeout(receive: Receive, seconds: float) -> Receive:
    """`receive`, raising an HTTPException (400) once a body has taken too long.

    The time runs from when it is first asked for, so that waiting for something else before does
    not count, and until it has ended: what follows is only that the client goes.
    """
    until: float | None = None
    has_ended = False

    async def receive_within() -> Message:
        nonlocal until, has_ended
        if has_ended:
            return await receive()
        if until is None:
            until = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError as error:
            raise HTTPException(400, TOO_SLOW) from error
        has_ended = not message.get("more_body", False)
        return message

    return receive_within

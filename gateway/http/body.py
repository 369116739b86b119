"""Bodies: read up to a limit, and JSON in them."""

from collections.abc import AsyncGenerator
from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.http.problems import Problem
from gateway.http.request import RequestHead

MAX_BODY_BYTES = 1024 * 1024
_JSON = "application/json"
_UTF8 = {"utf-8", "utf8"}


async def stream_body(
    head: RequestHead, receive: Receive, limit: int
) -> AsyncGenerator[bytes, None]:
    """The body in the pieces in which it arrives.

    Raises:
        Problem: It is longer than `limit` bytes, or says that it is.
        HTTPException: It takes too long.
        ClientDisconnect: The client went away.
    """
    announced = head.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    total = 0
    is_more = True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        is_more = message.get("more_body", False)
        total += len(chunk)
        if total > limit:
            raise _too_large(limit)
        if chunk:
            yield chunk


async def read_body(head: RequestHead, receive: Receive, limit: int = MAX_BODY_BYTES) -> bytes:
    """The whole body; raises what `stream_body` raises."""
    return b"".join([chunk async for chunk in stream_body(head, receive, limit)])


def parse_json(head: RequestHead, body: bytes) -> dict[str, Any]:
    """The object in a body; an empty body is an empty object.

    Raises:
        Problem: The body is not JSON, or no object.
    """
    if not body:
        return {}
    if head.content_type != _JSON:
        raise Problem("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json.")
    refuse_other_charsets(head)
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem("VALIDATION_FAILED", "The body is not valid JSON.") from error
    if not isinstance(values, dict):
        raise Problem("VALIDATION_FAILED", "The body must be a JSON object.")
    return values


def json_or_text(text: str) -> Any:
    """The JSON in a string; the string itself where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def refuse_other_charsets(head: RequestHead) -> None:
    """Raise a Problem where the content type names a character set that is not UTF-8."""
    for parameter in head.headers.get("content-type", "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in _UTF8:
            raise Problem("UNSUPPORTED_MEDIA_TYPE", "Send text in UTF-8.")


def _too_large(limit: int) -> Problem:
    return Problem("PAYLOAD_TOO_LARGE", f"The body may have at most {limit} bytes.")

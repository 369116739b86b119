"""Bodies, read up to a limit: JSON, and multipart forms with their fields and files."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from chassis.contract.validation import Violation
from gateway.http.problems import Problem, invalid
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


MULTIPART = "multipart/form-data"
MAX_FILE_BYTES = 8 * 1024 * 1024
_MAX_FORM_BYTES = MAX_FILE_BYTES + MAX_BODY_BYTES
_MAX_TEXT_BYTES = 64 * 1024
_MAX_FIELDS = 100


@dataclass(frozen=True)
class Form:
    """A form: its fields in order, and its files by name."""

    texts: list[tuple[str, str]]
    files: dict[str, UploadFile]


@asynccontextmanager
async def read_form(
    head: RequestHead, receive: Receive, slots: asyncio.Semaphore
) -> AsyncIterator[Form]:
    """The form in a body; its files are kept on disk and gone at the end.

    Args:
        head: The request's head.
        receive: Its body.
        slots: As many forms are read at a time: each takes room on the disk.

    Raises:
        Problem: The form is malformed, or longer than a file and its fields may be.
        ClientDisconnect: The client went away.
    """
    refuse_other_charsets(head)
    async with slots:
        parser = _Parser(
            Headers({"content-type": head.headers["content-type"]}),
            stream_body(head, receive, _MAX_FORM_BYTES),
            max_files=_MAX_FIELDS,
            max_fields=_MAX_FIELDS,
            max_part_size=_MAX_TEXT_BYTES,
        )
        try:
            data = await parser.parse()
        except MultiPartException as error:
            raise Problem("VALIDATION_FAILED", "The form cannot be read.") from error
        try:
            if not parser.is_complete:
                raise Problem("VALIDATION_FAILED", "The form ends too early.")
            yield _form(data.multi_items())
        finally:
            await data.close()


class _Parser(MultiPartParser):
    """Notes whether the form came to its end: a part that was cut off is left out otherwise."""

    is_complete = False

    def on_end(self) -> None:
        """Called at the closing boundary."""
        self.is_complete = True


def _form(parts: list[tuple[str, UploadFile | str]]) -> Form:
    form = Form([], {})
    for name, part in parts:
        if isinstance(part, str):
            form.texts.append((name, part))
        elif part.filename or part.size:
            if (part.size or 0) > MAX_FILE_BYTES:
                raise Problem(
                    "PAYLOAD_TOO_LARGE", f"A file may have at most {MAX_FILE_BYTES} bytes."
                )
            if name in form.files:
                raise invalid([Violation(name, "must be given once")])
            form.files[name] = part
        # Browsers send an empty part without a name for a file that was not chosen.
    return form

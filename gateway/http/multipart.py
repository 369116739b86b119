"""Multipart forms: fields and files, read up to a limit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive

from gateway.http.body import MAX_BODY_BYTES, refuse_other_charsets, stream_body
from gateway.http.problems import Problem, invalid
from gateway.http.request import RequestHead
from gateway.violations import Violation

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

"""The texts of a form whose sender has to sign in first; its files are not taken in."""

from collections.abc import Mapping

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

# In the place of a file that was chosen: it has to be chosen again.
LOST_FILE = "lost-file"

_MAX_FIELDS = 50
_MAX_TEXT_BYTES = 64 * 1024


async def text_fields(request: Request) -> Mapping[str, str]:
    """The texts of a multipart form, and `LOST_FILE` where a file was chosen; empty for no form.

    Strangers send forms too, so nothing is kept on disk.

    Raises:
        HTTPException: 400 or 413; it is malformed, or too large.
    """
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("multipart/form-data"):
        return {}
    parser = _TextParser(
        Headers({"content-type": content_type}),
        request.stream(),
        max_files=1,
        max_fields=_MAX_FIELDS,
        max_part_size=_MAX_TEXT_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400) from error
    texts = {name: text for name, text in form.items() if isinstance(text, str)}
    files = [file for file in form.values() if isinstance(file, UploadFile)]
    await form.close()
    return texts | ({LOST_FILE: "1"} if any(file.filename for file in files) else {})


class _TextParser(MultiPartParser):
    """Reads past the content of files."""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Called with each piece of a part."""
        if self._current_part.file is None:
            super().on_part_data(data, start, end)

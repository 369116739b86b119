"""Static files: read once, addressed by what is in them, and served from memory."""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_BOOTSTRAP = ("css/bootstrap.min.css",)
_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file, plain and compressed."""

    media_type: str
    plain: bytes
    zipped: bytes


class Assets:
    """All static files.

    One digest over all of them is part of every address, so that modules may import each other
    by relative addresses, and a browser never has to ask twice.
    """

    def __init__(self) -> None:
        self._assets = {path: _asset(path, data) for path, data in sorted(_sources())}
        digest = hashlib.sha256()
        for path, asset in self._assets.items():
            digest.update(path.encode() + b"\0" + asset.plain)
        self._digest = digest.hexdigest()[:16]

    def url(self, path: str) -> str:
        """Address of a file, such as `css/shop.css`.

        Raises:
            KeyError: There is no such file.
        """
        if path not in self._assets:
            raise KeyError(path)
        return f"/static/{self._digest}/{path}"

    async def serve(self, request: Request) -> Response:
        """Answer `/static/{digest}/{path}`; an older page's digest leads to the present file."""
        asset = self._assets.get(request.path_params["path"])
        if asset is None:
            raise HTTPException(404)
        is_current = request.path_params["digest"] == self._digest
        headers = {
            "Cache-Control": _FOREVER if is_current else "no-cache",
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
        }
        body = asset.plain
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = asset.zipped
        return Response(body, headers=headers, media_type=asset.media_type)


def _asset(path: str, data: bytes) -> Asset:
    return Asset(_TYPES[PurePosixPath(path).suffix], data, gzip.compress(data, mtime=0))


def _sources() -> Iterator[tuple[str, bytes]]:
    bootstrap = files("bootstrap")
    for path in _BOOTSTRAP:
        yield path, bootstrap.joinpath(path).read_bytes()
    yield from _walk(files("ui").joinpath("static"), "")


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif PurePosixPath(entry.name).suffix in _TYPES:
            yield prefix + entry.name, entry.read_bytes()

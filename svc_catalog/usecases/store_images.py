"""Taking pictures in and giving them out."""

import hashlib
from collections.abc import AsyncIterable

from chassis.errors import InvalidField, NotFound
from svc_catalog.model.pictures import MAX_BYTES, format_of
from svc_catalog.usecases.ports import ImageStore, Renderer


class StoreImages:
    """The pictures of the shop, each under the SHA-256 of what was uploaded.

    Args:
        store: Where they are kept.
        renderer: What makes them.
    """

    def __init__(self, store: ImageStore, renderer: Renderer) -> None:
        self._store = store
        self._renderer = renderer

    async def upload(self, chunks: AsyncIterable[bytes]) -> str:
        """Take a picture in pieces and keep it in its widths.

        Returns:
            Its key. The same bytes have the same key and are kept once.

        Raises:
            InvalidField: On `image`: too large, or no picture.
        """
        data = await _collected(chunks)
        kind = format_of(data)
        if kind is None:
            raise InvalidField("image", "must be a JPEG, PNG, WebP, AVIF, HEIC or GIF picture")
        key = hashlib.sha256(data).hexdigest()
        if not await self._store.exists(key):
            await self._store.put(key, await self._renderer.render(data, kind))
        return key

    async def get(self, key: str, file: str) -> bytes:
        """One file of a picture, such as `640.webp`.

        Raises:
            NotFound: There is none.
        """
        data = await self._store.get(key, file)
        if data is None:
            raise NotFound("There is no such picture.")
        return data


async def _collected(chunks: AsyncIterable[bytes]) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > MAX_BYTES:
            raise InvalidField("image", f"must be at most {MAX_BYTES // 1024**2} MiB")
    return bytes(data)

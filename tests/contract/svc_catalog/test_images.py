"""The port ImageStore."""

import socket

import pytest

from chassis.errors import Unavailable
from svc_catalog.peers.minio_images import MinioImageStore
from svc_catalog.usecases.ports import ImageStore

pytestmark = pytest.mark.anyio

KEY = "ab" * 32
FILES = {320: b"small", 640: b"middle" * 1000, 1280: bytes(range(256)) * 1000}


async def test_a_picture_that_was_never_put(images: ImageStore) -> None:
    assert not await images.exists(KEY)
    assert await images.get(KEY, "640.webp") is None
    await images.put("cd" * 32, FILES)
    assert not await images.exists(KEY)
    assert await images.get(KEY, "640.webp") is None


async def test_what_is_put_comes_back(images: ImageStore) -> None:
    await images.put(KEY, FILES)
    await images.put(KEY, FILES)
    assert await images.exists(KEY)
    for width, data in FILES.items():
        assert await images.get(KEY, f"{width}.webp") == data


async def test_a_server_that_is_away() -> None:
    with socket.socket() as reserved:
        # Bound and not listening: nobody else gets the port, and nobody answers on it.
        reserved.bind(("127.0.0.1", 0))
        away = MinioImageStore(
            f"http://127.0.0.1:{reserved.getsockname()[1]}", "shop-key", "shop-secret", "shop"
        )
        with pytest.raises(Unavailable):
            await away.get(KEY, "640.webp")
        with pytest.raises(Unavailable):
            await away.put(KEY, FILES)

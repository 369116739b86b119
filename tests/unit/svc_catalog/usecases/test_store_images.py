"""Pictures come in pieces, are checked, and kept once."""

import hashlib
from collections.abc import AsyncIterator

import pytest

from chassis.errors import InvalidField, NotFound
from svc_catalog.model.pictures import MAX_BYTES
from svc_catalog.usecases.store_images import StoreImages
from tests.unit.svc_catalog.fakes import FakeImageStore, FakeRenderer

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + b"data"


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.fixture
def renderer() -> FakeRenderer:
    return FakeRenderer()


@pytest.fixture
def images(renderer: FakeRenderer) -> StoreImages:
    return StoreImages(FakeImageStore(), renderer)


async def test_a_picture_is_kept_under_the_hash_of_its_bytes(images: StoreImages) -> None:
    key = await images.upload(pieces(PNG[:5], PNG[5:]))
    assert key == hashlib.sha256(PNG).hexdigest()
    assert await images.get(key, "320.webp") == b"PNG 320"


async def test_the_same_picture_is_rendered_once(
    images: StoreImages, renderer: FakeRenderer
) -> None:
    assert await images.upload(pieces(PNG)) == await images.upload(pieces(PNG))
    assert renderer.rendered == 1


@pytest.mark.parametrize(
    "data", [b"", b"<svg/>", b"%PDF-1.7", b"RIFF1234WAVE", b"GIF90a", b"\xff\xd8"]
)
async def test_what_is_no_picture_is_refused(images: StoreImages, data: bytes) -> None:
    with pytest.raises(InvalidField) as refusal:
        await images.upload(pieces(data))
    assert refusal.value.field == "image"


async def test_too_many_bytes_are_refused_before_the_last_has_come(images: StoreImages) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"\xff" * (1024 * 1024)

    with pytest.raises(InvalidField) as refusal:
        await images.upload(endless())
    assert refusal.value.field == "image"
    assert taken == MAX_BYTES // 1024**2 + 1


async def test_a_picture_that_is_not_there(images: StoreImages) -> None:
    with pytest.raises(NotFound):
        await images.get("a" * 64, "640.webp")

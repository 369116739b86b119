"""Pictures come out upright, small, and without what the camera wrote into them."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from chassis.errors import InvalidField
from svc_catalog.model.pictures import MAX_PIXELS, format_of
from svc_catalog.peers.pillow_renderer import PillowRenderer

pytestmark = pytest.mark.anyio

ORIENTATION = 0x0112


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_three_widths_in_webp(kind: str) -> None:
    data = encoded(Image.new("RGB", (1600, 800), "teal"), kind)
    assert format_of(data) == kind
    files = await PillowRenderer().render(data, kind)
    assert {width: opened(file).size for width, file in files.items()} == {
        320: (320, 160),
        640: (640, 320),
        1280: (1280, 640),
    }
    assert all(format_of(file) == "WEBP" for file in files.values())


async def test_a_small_picture_is_not_blown_up() -> None:
    data = encoded(Image.new("RGB", (400, 10), "teal"), "PNG")
    files = await PillowRenderer().render(data, "PNG")
    assert [opened(files[width]).size for width in (320, 640, 1280)] == [
        (320, 8),
        (400, 10),
        (400, 10),
    ]


async def test_the_camera_held_sideways_is_put_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = encoded(Image.new("RGB", (100, 50), "teal"), "JPEG", exif=exif)
    files = await PillowRenderer().render(data, "JPEG")
    assert opened(files[320]).size == (50, 100)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_metadata_is_left_out(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    data = encoded(Image.new("RGB", (100, 50), "teal"), kind, exif=exif, icc_profile=b"profile")
    assert b"taken at home" in data
    file = (await PillowRenderer().render(data, kind))[320]
    assert b"taken at home" not in file
    assert not opened(file).getexif()
    assert not {"exif", "icc_profile", "xmp"} & set(opened(file).info)


async def test_what_is_transparent_stays_so() -> None:
    data = encoded(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), "PNG")
    file = (await PillowRenderer().render(data, "PNG"))[320]
    assert opened(file).getpixel((5, 5))[3] == 0  # type: ignore[index]  # RGBA


async def test_the_first_frame_of_a_moving_picture() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    file = (await PillowRenderer().render(data, "GIF"))[320]
    red, _, blue = opened(file).convert("RGB").getpixel((10, 10))  # type: ignore[misc]  # RGB
    assert red > 200
    assert blue < 50


@pytest.mark.parametrize("size", [(8000, 5001), (20_000, 10_000)])
async def test_too_many_pixels_are_refused_before_decoding(size: tuple[int, int]) -> None:
    assert size[0] * size[1] > MAX_PIXELS
    data = encoded(Image.new("1", size), "PNG")
    with pytest.raises(InvalidField, match="40 million pixels"):
        await PillowRenderer().render(data, "PNG")


async def test_a_very_long_picture_is_refused() -> None:
    data = encoded(Image.new("1", (10, 16_384)), "PNG")
    with pytest.raises(InvalidField, match="16383 pixels"):
        await PillowRenderer().render(data, "PNG")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_a_broken_picture_is_refused(kind: str) -> None:
    whole = encoded(Image.effect_noise((200, 200), 50).convert("RGB"), kind)
    for data in (whole[:20], whole[: len(whole) // 2], whole[:30] + b"\0" * 300):
        with pytest.raises(InvalidField) as refusal:
            await PillowRenderer().render(data, kind)
        assert refusal.value.field == "image"

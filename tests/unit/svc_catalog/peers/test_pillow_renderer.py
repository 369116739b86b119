"""Pictures come out upright, small, and without what the camera wrote into them."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chassis.errors import InvalidField
from svc_catalog.model.pictures import MAX_PIXELS, format_of
from svc_catalog.peers.pillow_renderer import PillowRenderer

pytestmark = pytest.mark.anyio

ORIENTATION = 0x0112
PICTURES = Path(__file__).parent / "pictures"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
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


async def test_a_small_file_that_is_webp_already_is_kept_as_it_is() -> None:
    data = encoded(Image.new("RGB", (1000, 500), "teal"), "WEBP", quality=80)
    files = await PillowRenderer().render(data, "WEBP")
    assert files[1280] == data
    assert [opened(files[width]).size for width in (320, 640)] == [(320, 160), (640, 320)]


async def test_a_webp_that_has_more_than_pixels_is_made_anew() -> None:
    teal = Image.new("RGB", (100, 50), "teal")
    plain = encoded(teal, "WEBP")
    hidden = plain + b"taken at home!"
    moving = encoded(teal, "WEBP", save_all=True, append_images=[Image.new("RGB", (100, 50))])
    large = encoded(Image.effect_noise((200, 200), 90).convert("RGB"), "WEBP", quality=100)
    for data in (hidden, moving, large, encoded(teal, "WEBP", lossless=True)):
        files = await PillowRenderer().render(data, "WEBP")
        assert data not in files.values()
        assert not any(b"at home" in file for file in files.values())


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


async def test_what_phones_make_is_taken() -> None:
    data = (PICTURES / "half_red.heic").read_bytes()
    assert format_of(data) == "HEIF"
    file = opened((await PillowRenderer().render(data, "HEIF"))[320]).convert("RGB")
    assert file.size == (96, 64)
    assert near(file.getpixel((10, 30)), (200, 30, 60))
    assert near(file.getpixel((85, 30)), (255, 255, 255))
    for broken in (data[:40], data[:300], data[:30] + b"\0" * 300):
        with pytest.raises(InvalidField):
            await PillowRenderer().render(broken, "HEIF")


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "RGBA"), ("WEBP", "RGBA"), ("AVIF", "RGBA")],
)
async def test_the_colours_are_those_that_the_profile_means(kind: str, mode: str) -> None:
    """Red of sRGB is 234, 51, 35 in Display P3, in which phones take pictures."""
    colour = (234, 51, 35, 128)[: len(mode)]
    data = encoded(Image.new(mode, (64, 64), colour), kind, icc_profile=display_p3(), quality=100)
    file = opened((await PillowRenderer().render(data, kind))[320])
    assert near(file.convert("RGB").getpixel((30, 30)), (255, 0, 0))
    if mode == "RGBA":
        assert near(file.getpixel((30, 30)), (255, 0, 0, 128))


async def test_a_profile_of_another_kind_of_picture_is_left_out() -> None:
    grey = Image.new("L", (64, 64), 200)
    data = encoded(grey, "PNG", icc_profile=display_p3())
    file = opened((await PillowRenderer().render(data, "PNG"))[320]).convert("RGB")
    assert near(file.getpixel((30, 30)), (200, 200, 200))


async def test_a_picture_for_print_keeps_its_colours() -> None:
    data = encoded(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG", quality=100)
    file = opened((await PillowRenderer().render(data, "JPEG"))[320]).convert("RGB")
    assert near(file.getpixel((30, 30)), (255, 0, 0))


def near(colour: Any, wanted: tuple[int, ...]) -> bool:
    """Whether a colour is the wanted one, but for what compression changes."""
    return all(abs(one - other) <= 6 for one, other in zip(colour, wanted, strict=True))


def display_p3() -> bytes:
    """A minimal ICC profile of Display P3: its three primaries, and the curve of sRGB."""

    def number(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(map(number, values))

    curve = b"para\0\0\0\0\0\x03\0\0" + b"".join(
        map(number, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    )
    tags = {
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    start = 128 + 4 + 12 * len(tags)
    table, content = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(content), len(data))
        content += data
    whole = start + len(content)
    header = struct.pack(">I4sI", whole, b"\0" * 4, 0x04000000) + b"mntrRGB XYZ "
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + b"".join(map(number, (0.9642, 1.0, 0.8249)))
    return header.ljust(128, b"\0") + table + content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
async def test_a_broken_picture_is_refused(kind: str) -> None:
    whole = encoded(Image.effect_noise((200, 200), 50).convert("RGB"), kind)
    for data in (whole[:20], whole[: len(whole) // 2], whole[:30] + b"\0" * 300):
        with pytest.raises(InvalidField) as refusal:
            await PillowRenderer().render(data, kind)
        assert refusal.value.field == "image"

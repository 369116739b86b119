"""The port Renderer on Pillow."""

import asyncio
import struct
import warnings
import zlib
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

from chassis.errors import InvalidField
from svc_catalog.model.pictures import (
    MAX_BITS_PER_PIXEL,
    MAX_PIXELS,
    MAX_SIDE,
    WIDTHS,
    is_plain_webp,
)

if TYPE_CHECKING:
    from PIL import Image

QUALITY = 82
# How hard the encoder tries, 0 to 6: 4 takes 2.4 times as long for files 5 % smaller.
METHOD = 2
# A picture that is more than twice as large as wanted is first made smaller the quick way.
REDUCING_GAP = 2.0
# What Pillow's decoders raise on broken files. Its OSError includes UnidentifiedImageError.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    RuntimeError,
    struct.error,
    zlib.error,
)


class PillowRenderer:
    """Renders one picture at a time, in a thread: each may take some hundred megabytes."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    async def render(self, data: bytes, kind: str) -> Mapping[int, bytes]:
        """See Renderer."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(_render, data, kind)


def _render(data: bytes, kind: str) -> Mapping[int, bytes]:
    from PIL import Image

    try:
        with _opened(data, kind) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise _too_large()
            if max(width, height) > MAX_SIDE:
                raise InvalidField("image", f"must be at most {MAX_SIDE} pixels wide and high")
            profile = image.info.get("icc_profile")
            upright = _decoded(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except _BROKEN as error:
        raise InvalidField("image", "must be a picture that is not broken") from error
    # Once more encoded it would be worse, and hardly smaller.
    is_ready = is_plain_webp(data) and len(data) * 8 <= width * height * MAX_BITS_PER_PIXEL
    return {
        each: data if is_ready and width <= each else _webp(upright, each, profile)
        for each in WIDTHS
    }


def _opened(data: bytes, kind: str) -> "Image.Image":
    from PIL import Image

    if kind == "HEIF":
        import pi_heif

        pi_heif.register_heif_opener()
    with warnings.catch_warnings():
        # Its own limit is higher than ours; what is between them is refused by ours.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(BytesIO(data), formats=(kind,))


def _decoded(image: "Image.Image") -> "Image.Image":
    """The first frame, upright, in a mode that can be resized and has the colours of the file."""
    from PIL import ImageOps

    # Lets the JPEG decoder leave out what no width shows.
    image.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
    upright = ImageOps.exif_transpose(image)
    if upright.mode in {"L", "CMYK"}:
        return upright
    return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def _webp(image: "Image.Image", width: int, profile: bytes | None) -> bytes:
    """The picture at most `width` pixels wide, with none of the original's metadata."""
    from PIL import Image

    if image.width > width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
    out = BytesIO()
    image = _in_srgb(image, profile)
    image.save(out, "WEBP", quality=QUALITY, method=METHOD, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()


def _in_srgb(image: "Image.Image", profile: bytes | None) -> "Image.Image":
    """The picture in the colours of the web, in RGB or, where it has transparent parts, RGBA.

    Args:
        image: In RGB, RGBA, L or CMYK.
        profile: What the numbers of its file mean; one that is broken or of another kind of
            picture is taken for none.
    """
    from PIL import ImageCms

    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    plain = image.convert("RGB") if alpha else image
    converted = None
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):
            converted = ImageCms.profileToProfile(
                plain,
                ImageCms.ImageCmsProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
            )
    rgb = converted or plain.convert("RGB")
    if alpha:
        rgb.putalpha(alpha)
    return rgb


def _too_large() -> InvalidField:
    return InvalidField("image", f"must have at most {MAX_PIXELS // 1_000_000} million pixels")

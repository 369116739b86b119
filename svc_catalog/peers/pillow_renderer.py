"""The port Renderer on Pillow."""

import asyncio
import struct
import warnings
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from chassis.errors import InvalidField
from svc_catalog.model.pictures import MAX_PIXELS, MAX_SIDE, WIDTHS

if TYPE_CHECKING:
    from PIL import Image

QUALITY = 82
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
            upright = _decoded(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except _BROKEN as error:
        raise InvalidField("image", "must be a picture that is not broken") from error
    return {each: _webp(upright, each) for each in WIDTHS}


def _opened(data: bytes, kind: str) -> "Image.Image":
    from PIL import Image

    with warnings.catch_warnings():
        # Its own limit is higher than ours; what is between them is refused by ours.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(BytesIO(data), formats=(kind,))


def _decoded(image: "Image.Image") -> "Image.Image":
    """The first frame, upright, in RGB or, where it has transparent parts, RGBA."""
    from PIL import ImageOps

    # Lets the JPEG decoder leave out what no width shows.
    image.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
    upright = ImageOps.exif_transpose(image)
    return upright.convert("RGBA" if upright.has_transparency_data else "RGB")


def _webp(image: "Image.Image", width: int) -> bytes:
    """The picture at most `width` pixels wide, with none of the original's metadata."""
    from PIL import Image

    if image.width > width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    out = BytesIO()
    image.save(out, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()


def _too_large() -> InvalidField:
    return InvalidField("image", f"must have at most {MAX_PIXELS // 1_000_000} million pixels")

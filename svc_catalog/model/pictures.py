"""What counts as a picture."""

# The widths in which every picture is kept, in pixels.
WIDTHS = (320, 640, 1280)
MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
# What WebP can hold in either direction.
MAX_SIDE = 16_383

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_GIF = (b"GIF87a", b"GIF89a")


def format_of(data: bytes) -> str | None:
    """JPEG, PNG, GIF or WEBP, by the first bytes; None for anything else.

    Neither file names nor declared content types are believed.
    """
    if data.startswith(_JPEG):
        return "JPEG"
    if data.startswith(_PNG):
        return "PNG"
    if data.startswith(_GIF):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return None

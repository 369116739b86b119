"""What counts as a picture."""

# The widths in which every picture is kept, in pixels.
WIDTHS = (320, 640, 1280)
MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
# What a picture may take to be kept as it is: what we make of most is smaller.
MAX_BITS_PER_PIXEL = 1
# What WebP can hold in either direction.
MAX_SIDE = 16_383

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_GIF = (b"GIF87a", b"GIF89a")
# Brands of an ISO base media file, of which phones make two kinds of pictures.
_AVIF = {b"avif", b"avis"}
_MAX_FTYP_BYTES = 256
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}


def format_of(data: bytes) -> str | None:
    """JPEG, PNG, GIF, WEBP, AVIF or HEIF, by the first bytes; None for anything else.

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
    brands = _brands(data)
    if brands & _AVIF:
        return "AVIF"
    return "HEIF" if brands & _HEIF else None


def is_plain_webp(data: bytes) -> bool:
    """Whether it is a WebP with pixels alone: no metadata, no profile, no transparency or frames.

    What has any of these begins with another chunk, or has more after its pixels.
    """
    size, chunk = int.from_bytes(data[4:8], "little"), int.from_bytes(data[16:20], "little")
    whole = 20 + chunk + chunk % 2
    return data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8 " and len(data) == whole == size + 8


def _brands(data: bytes) -> set[bytes]:
    """What an ISO base media file says that it is: its first box is size, `ftyp`, brands."""
    if data[4:8] != b"ftyp":
        return set()
    size = min(int.from_bytes(data[:4]), _MAX_FTYP_BYTES)
    compatible = {data[at : at + 4] for at in range(16, size, 4)}
    return {data[8:12], *compatible}

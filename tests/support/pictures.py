"""Pictures to upload, and forms that carry them."""

import io
from collections.abc import Mapping

from PIL import Image

BOUNDARY = "picture-boundary"


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    """A picture of this size."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 60)).save(file, kind)
    return file.getvalue()


def form(texts: Mapping[str, str], image: bytes | None = None, *, end: str = "--") -> bytes:
    """A multipart body; another `end` leaves it open."""
    lines = []
    for name, text in texts.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        lines.append(head.encode() + text.encode() + b"\r\n")
    if image is not None:
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        )
        lines.append(head.encode() + image + b"\r\n")
    return b"".join(lines) + f"--{BOUNDARY}{end}\r\n".encode()


FORM_TYPE = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

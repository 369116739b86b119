"""The content codings that a client takes (RFC 9110, 12.5.3), and bodies compressed by them."""

import gzip
from collections.abc import Callable, Mapping
from functools import lru_cache

import brotli

IDENTITY = ""

_QUALITY = 5
# What compresses is text, and in JSON, markup or styles; pictures are compressed already.
_TEXTS = (b"text/", b"application/json", b"application/xml")


@lru_cache(maxsize=256)
def accepted(header: bytes) -> tuple[str, ...]:
    """The codings to answer with that the header `Accept-Encoding` takes, best first.

    The last one always is IDENTITY: who refuses that as well gets it all the same.
    """
    weights = dict(map(_weighted, header.decode("latin-1").lower().split(",")))
    anything = weights.get("*", 0.0)
    wanted = {name: weights.get(name, anything) for name in COMPRESS}
    plain = weights.get("identity", 0.0)
    # Of two that the client likes as much the shorter comes first, as they are in COMPRESS.
    better = [name for name in COMPRESS if wanted[name] > 0 and wanted[name] >= plain]
    return (*sorted(better, key=lambda name: -wanted[name]), IDENTITY)


def weak_tag(etag: str) -> str:
    """The entity tag of a compressed body: a strong one names the bytes, and these are others."""
    return f"W/{etag}" if etag.startswith('"') else etag


def is_text(content_type: bytes) -> bool:
    """Whether it is worth while to compress a body of that type."""
    return content_type.startswith(_TEXTS)


def _weighted(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in item.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return name, float(value)
            except ValueError:
                return name, 0.0
    return name, 1.0


COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=_QUALITY),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}

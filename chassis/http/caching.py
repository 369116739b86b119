"""What the header `Cache-Control` of a response says of it."""

from collections.abc import Iterable


def may_be_stored(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether nothing forbids it; what may not be stored is one caller's own.

    Args:
        headers: Of the response, their names in lower case.
    """
    return not any(name == b"cache-control" and b"no-store" in value for name, value in headers)
